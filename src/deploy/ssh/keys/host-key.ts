import { appendFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HostError } from "../../../contracts/hosts/host.ts";
import type { RemoteParameters } from "../../../contracts/parameters.ts";
import { readBounded } from "../../../core/documents/read-bounded.ts";
import { describeError, systemCode } from "../../../core/errors.ts";
import { formatArgv } from "../../../core/process/command.ts";
import { traceDecision } from "../../../core/trace.ts";
import type { Hop } from "../errors.ts";
import {
  findKnownHost,
  formatFingerprint,
  formatKnownHostLine,
  formatKnownHostName,
  type HostKey,
  hasAuthority,
  judgeHostKey,
  type KnownHostLine,
  type KnownHostName,
  parseKnownHosts,
  readKeyType,
} from "./known-hosts.ts";

/** A key that no file knows, as a person can compare it with the host's own. */
export interface UnknownHostKey {
  /** "node1 (ubuntu@10.0.1.11:22)". */
  readonly host: string;
  /** "ssh-ed25519". */
  readonly type: string;
  /** "SHA256:…", as ssh-keygen -l shows it. */
  readonly fingerprint: string;
}

export interface HostKeyOptions {
  /** `insecure` takes any key, a changed one too. */
  readonly hostKeyPolicy: RemoteParameters["hostKeyPolicy"];
  /** Asked of a key that `strict` would refuse: whether it is taken and remembered all the same. */
  readonly approveHostKey?: ((key: UnknownHostKey) => boolean) | undefined;
  /** Where hosts' keys are looked up; the first is written to. */
  readonly knownHostsFiles: readonly string[];
  readonly warn: (message: string) => void;
}

interface HostKeyCheck {
  /** Algorithms to offer, the best first; undefined: whatever is supported. */
  readonly algorithms: readonly string[] | undefined;
  /** @throws HostError where the key is not to be trusted */
  readonly verify: (blob: Buffer) => Promise<void>;
}

/** Files in which ssh looks for known hosts, its own first. */
export function defaultKnownHostsFiles(home: string): readonly string[] {
  const own = ["known_hosts", "known_hosts2"].map((name) => join(home, ".ssh", name));
  return [...own, "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];
}

/** Algorithms by which a key of a type proves itself, of those that are supported here. */
const algorithmsByType: Readonly<Record<string, readonly string[]>> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"],
};
const allAlgorithms = Object.values(algorithmsByType).flat();

/**
 * Reads the files for a host that is about to be connected to.
 *
 * Only the types of key that the files know for it are asked for: else a host that is known by its RSA key would
 * show its ed25519 key, which nobody knows.
 *
 * @throws HostError where a file cannot be read, or knows the host only by what is not supported
 */
export async function openHostKeyCheck(host: Hop, options: HostKeyOptions): Promise<HostKeyCheck> {
  if (options.hostKeyPolicy === "insecure") {
    options.warn(
      `The key of ${host.description} is not checked: an attacker on the network can read and change everything.`,
    );
    return { algorithms: undefined, verify: async () => {} };
  }
  const lines = await readFiles(host, options.knownHostsFiles);
  const algorithms = algorithmsFor(host, lines);
  let trusted: Buffer | undefined;
  return {
    algorithms,
    verify: async (blob) => {
      // Asked again whenever new session keys are made.
      if (trusted?.equals(blob) === true) return;
      await verify(host, { blob, lines, options });
      trusted = blob;
    },
  };
}

function algorithmsFor(host: Hop, lines: readonly KnownHostLine[]): readonly string[] | undefined {
  const own = findKnownHost(lines, host.address);
  const known = own.flatMap(({ key }) => algorithmsByType[key.type] ?? []);
  if (known.length > 0) return allAlgorithms.filter((name) => known.includes(name));
  const [first] = own;
  if (first !== undefined) {
    throw unsupported(host, `by a key of type ${first.key.type} (${first.file}:${first.line})`);
  }
  if (hasAuthority(lines, host.address))
    throw unsupported(host, "by a certificate authority (@cert-authority)");
  // Without its port it may be known too: then that key is asked for first.
  const plain = findKnownHost(lines, { ...host.address, port: 22 }).map(({ key }) => key.type);
  const preferred = plain.flatMap((type) => algorithmsByType[type] ?? []);
  return preferred.length === 0 ? undefined : [...new Set([...preferred, ...allAlgorithms])];
}

function unsupported(host: Hop, how: string): HostError {
  const message = `${host.description} is known ${how}, which is not supported. ${addingRemedy(host.address, "~/.ssh/known_hosts")}`;
  return new HostError({ code: "host-key-unsupported", host: host.name, message });
}

async function readFiles(host: Hop, files: readonly string[]): Promise<KnownHostLine[]> {
  const texts = await Promise.all(
    files.map(async (file) => {
      try {
        return parseKnownHosts((await readBounded(file)).toString(), file);
      } catch (error) {
        const code = systemCode(error);
        if (code === "ENOENT" || code === "ENOTDIR") return [];
        const message = `The key of ${host.description} cannot be checked: ${file} cannot be read (${describeError(error)}). Fix its permissions.`;
        throw new HostError({ code: "known-hosts-unreadable", host: host.name, message }, { cause: error });
      }
    }),
  );
  return texts.flat();
}

async function verify(
  host: Hop,
  { blob, lines, options }: { blob: Buffer; lines: readonly KnownHostLine[]; options: HostKeyOptions },
): Promise<void> {
  const key: HostKey = { type: readKeyType(blob) ?? "unknown", blob };
  const fingerprint = formatFingerprint(blob);
  const shown = `${key.type} ${fingerprint}`;
  const verdict = judgeHostKey(lines, host.address, key);
  traceDecision(`key of ${host.description}`, verdict.state, shown);
  if (verdict.state === "known") return;
  const [file] = options.knownHostsFiles;
  if (verdict.state === "revoked") {
    const { line } = verdict;
    const message = `${host.description} presents a key that ${line.file}:${line.line} revokes (${shown}). Do not use the host until it has another key.`;
    throw new HostError({ code: "host-key-revoked", host: host.name, message });
  }
  if (verdict.state === "changed") throw changed(host, shown, verdict.lines);
  const approved = () => options.approveHostKey?.({ host: host.description, type: key.type, fingerprint });
  if (options.hostKeyPolicy === "strict" && approved() !== true) {
    const otherWay = "with --host-key-policy accept-new, or ";
    const remedy = addingRemedy(host.address, file ?? "~/.ssh/known_hosts", otherWay);
    const message = `The key of ${host.description} is not known: ${shown}. ${remedy}`;
    throw new HostError({ code: "host-key-unknown", host: host.name, message });
  }
  if (file !== undefined) await remember(host, key, { file, shown, warn: options.warn });
}

function changed(host: Hop, shown: string, lines: readonly KnownHostLine[]): HostError {
  const places = lines.map(({ file, line, key }) => `${file}:${line} (${key.type})`).join(", ");
  const files = [...new Set(lines.map(({ file }) => file))];
  const name = formatKnownHostName(host.address);
  const removals = files.map((file) => formatArgv(["ssh-keygen", "-f", file, "-R", name])).join("; ");
  const what = `The key of ${host.description} has changed: it presents ${shown}, which is not the one in ${places}`;
  return refuseChanged(host, what, removals);
}

function refuseChanged(host: Hop, what: string, removals: string): HostError {
  const message = `${what}. Someone may be intercepting the connection. If the host was reinstalled, remove the old key: ${removals}`;
  return new HostError({ code: "host-key-changed", host: host.name, message });
}

/** The server has none of the types of key that the files know for it. */
export function noKnownType(host: Hop, algorithms: readonly string[]): HostError {
  const what = `${host.description} has no key of the types that are known for it (${algorithms.join(", ")})`;
  return refuseChanged(host, what, formatArgv(["ssh-keygen", "-R", formatKnownHostName(host.address)]));
}

function addingRemedy({ host, port }: KnownHostName, file: string, otherWay = ""): string {
  const scan = formatArgv(["ssh-keyscan", ...(port === 22 ? [] : ["-p", String(port)]), host]);
  return `Compare it with the host's own (ssh-keygen -lf /etc/ssh/ssh_host_….pub there), then add it ${otherWay}with: ${scan} >> ${formatArgv([file])}`;
}

async function remember(
  host: Hop,
  key: HostKey,
  { file, shown, warn }: { file: string; shown: string; warn: (message: string) => void },
): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const before = (await readBounded(file).catch(() => "")).toString();
    const gap = before === "" || before.endsWith("\n") ? "" : "\n";
    await appendFile(file, gap + formatKnownHostLine(host.address, key), { mode: 0o600 });
    warn(`The key of ${host.description} was not known: ${shown}. It was accepted, and added to ${file}.`);
  } catch (error) {
    // A key that cannot be remembered would let another one in at the next connection.
    const message = `The key of ${host.description} is not known (${shown}), and cannot be saved: ${describeError(error)}. Make ${file} writable, or name another file with --known-hosts.`;
    throw new HostError({ code: "known-hosts-unwritable", host: host.name, message }, { cause: error });
  }
}

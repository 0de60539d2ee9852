// A real sshd on a loopback port, with keys and a folder of its own, for tests of what goes over SSH.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { Host, HostAddress, HostSpec } from "../../src/contracts/hosts/host.ts";
import { findFreePorts } from "../../src/deploy/nodes/ports.ts";
import { connectHost, type SshOptions } from "../../src/deploy/ssh/connect.ts";
import { eventually } from "./processes.ts";

const server = ["/usr/sbin/sshd", "/usr/bin/sshd", "/usr/local/sbin/sshd"].find((path) => existsSync(path));
const hasKeygen = spawnSync("ssh-keygen", ["-?"], { stdio: "ignore" }).error === undefined;

/** Why tests with a real sshd cannot run here; undefined where they can. */
export const whyNoSshd =
  server === undefined || !hasKeygen
    ? "no sshd with ssh-keygen is installed (openssh-server); `npm test` as root on Debian installs it"
    : undefined;

export const user = userInfo().username;

export interface Sshd extends AsyncDisposable {
  readonly port: number;
  readonly folder: string;
  /** A private key that may log in. */
  readonly keyFile: string;
  /** Files of the host's public keys, by type. */
  readonly hostKeyFile: (type: string) => string;
  /** A file of known hosts that knows this server by its keys of these types. */
  readonly knowHost: (types: readonly string[], name?: string) => Promise<string>;
  readonly log: () => string;
  /** Takes no more connections; those that stand stay, and the folder too. */
  readonly stop: () => Promise<void>;
}

export interface SshdOptions {
  /** Lines for sshd_config, before those that all share: the first counts. */
  readonly config?: readonly string[] | ((folder: string) => readonly string[]);
  readonly hostKeyTypes?: readonly string[];
  /** To come back at the port and with the folder of one that has ended. */
  readonly like?: Pick<Sshd, "port" | "folder">;
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const folder = options.like?.folder ?? (await mkdtemp(join(tmpdir(), "baleen-sshd-")));
  const port = options.like?.port ?? (await findFreePorts(1, "127.0.0.1"))[0] ?? 0;
  const types = options.hostKeyTypes ?? ["ed25519", "rsa"];
  const keyFile = join(folder, "user_key");
  if (options.like === undefined) {
    await makeKey(keyFile, "ed25519");
    for (const type of types) await makeKey(join(folder, `host_${type}`), type);
    await writeFile(join(folder, "authorized_keys"), await readFile(`${keyFile}.pub`));
  }
  const config = join(folder, "sshd_config");
  const own = typeof options.config === "function" ? options.config(folder) : (options.config ?? []);
  await writeFile(config, configOf({ folder, port, types, own }));
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  const child = spawn(server ?? "sshd", ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr?.on("data", (chunk) => {
    log += String(chunk);
  });
  await eventually("an sshd that listens", () => {
    if (child.exitCode !== null) throw new Error(`sshd ended: ${log}`);
    return log.includes("Server listening") || undefined;
  });
  return {
    port,
    folder,
    keyFile,
    hostKeyFile: (type) => join(folder, `host_${type}.pub`),
    knowHost: (known, name = `[127.0.0.1]:${port}`) => writeKnownHosts({ folder, known, name }),
    log: () => log,
    stop: () => end(child),
    [Symbol.asyncDispose]: async () => {
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

function configOf(of: {
  folder: string;
  port: number;
  types: readonly string[];
  own: readonly string[];
}): string {
  return [
    ...of.own,
    `Port ${of.port}`,
    "ListenAddress 127.0.0.1",
    ...of.types.map((type) => `HostKey ${join(of.folder, `host_${type}`)}`),
    `AuthorizedKeysFile ${join(of.folder, "authorized_keys")}`,
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin yes",
    "PidFile none",
    "LogLevel VERBOSE",
    "MaxStartups 100",
    "",
  ].join("\n");
}

async function writeKnownHosts(of: {
  folder: string;
  known: readonly string[];
  name: string;
}): Promise<string> {
  const lines = of.known.map(async (type) => {
    const [name, key] = (await readFile(join(of.folder, `host_${type}.pub`), "utf8")).split(" ");
    return `${of.name} ${name} ${key}\n`;
  });
  const file = join(of.folder, `known_hosts_${of.known.join("_")}`);
  await writeFile(file, (await Promise.all(lines)).join(""));
  return file;
}

/** Makes a pair of keys: `path` and `path.pub`. */
export async function makeKey(path: string, type: string, passphrase = ""): Promise<string> {
  // Few rounds: what is tried is not how long a key holds out.
  const words = ["-q", "-t", type, "-N", passphrase, "-C", "test", "-a", "2", "-f", path];
  run("ssh-keygen", type === "rsa" ? [...words, "-b", "2048"] : words);
  return path;
}

export function run(command: string, words: readonly string[], env?: NodeJS.ProcessEnv): string {
  const options = { encoding: "utf8" as const, env: { ...process.env, ...env } };
  const { status, stdout, stderr, error } = spawnSync(command, words, options);
  if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? stderr}`);
  return stdout;
}

export function addressOf(
  sshd: Pick<Sshd, "port" | "keyFile">,
  more: Partial<HostAddress> = {},
): HostAddress {
  return { host: "127.0.0.1", port: sshd.port, user, keyFiles: [sshd.keyFile], ...more };
}

export interface Connecting extends Partial<Omit<SshOptions, "signal">> {
  readonly address?: Partial<HostAddress>;
  readonly signal?: AbortSignal;
  readonly warnings?: string[];
}

/** Options for a server of the tests, whose keys are known unless something else is said. */
export async function sshOptions(
  sshd: Sshd,
  { address: _, warnings, ...options }: Connecting = {},
): Promise<SshOptions> {
  return {
    hostKeyPolicy: "strict",
    knownHostsFiles: options.knownHostsFiles ?? [await sshd.knowHost(["ed25519", "rsa"])],
    timeoutMs: 20_000,
    passphrase: async () => undefined,
    warn: (message) => warnings?.push(message),
    signal: AbortSignal.timeout(60_000),
    ...options,
  };
}

export async function connectTo(sshd: Sshd, connecting: Connecting = {}): Promise<Host> {
  const spec: HostSpec = { name: "node1", address: addressOf(sshd, connecting.address), nodes: [0] };
  return connectHost(spec, await sshOptions(sshd, connecting));
}

/** What a failed connection says. */
export async function failureOf(
  connecting: Promise<AsyncDisposable>,
): Promise<Error & { code: string; host: string }> {
  try {
    await using _host = await connecting;
  } catch (error) {
    return error as Error & { code: string; host: string };
  }
  throw new Error("It was connected.");
}

/** A real ssh-agent. */
export async function startAgent(folder: string) {
  const socket = join(folder, `agent-${Math.floor(performance.now())}`);
  const child = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  await eventually("the agent's socket", () => existsSync(socket) || undefined);
  const askpass = join(folder, "askpass");
  return {
    socket,
    add: (keyFile: string, passphrase = "") => {
      writeFileSync(askpass, '#!/bin/sh\nprintf "%s\\n" "$TEST_PASSPHRASE"\n', { mode: 0o700 });
      const env = {
        SSH_AUTH_SOCK: socket,
        SSH_ASKPASS: askpass,
        SSH_ASKPASS_REQUIRE: "force",
        DISPLAY: ":0",
      };
      run("ssh-add", ["-q", keyFile], { ...env, TEST_PASSPHRASE: passphrase });
    },
    [Symbol.asyncDispose]: () => end(child),
  };
}

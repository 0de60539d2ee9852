import { glob } from "node:fs/promises";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { HostAddress, HostRequest, HostSpec } from "../../../contracts/hosts/host.ts";
import { formatAuthority, parsePort } from "../../../core/address.ts";
import { readBounded } from "../../../core/documents/read-bounded.ts";
import { BaleenError, type Diagnostic, describeError, systemCode } from "../../../core/errors.ts";
import {
  type ConfigEntry,
  type ConfigValues,
  type JumpText,
  lookUpHost,
  parseConfigFile,
  parseJumps,
} from "./config-file.ts";

interface ResolveOptions {
  /** Home folder of the user, whose ~/.ssh/config counts. */
  readonly home: string;
  /** Text of a file; undefined where there is none. Default: from the disk. */
  readonly readFile?: ((path: string) => Promise<string | undefined>) | undefined;
  /** Name of the user here, for `%u`. Default: the one who runs this. */
  readonly localUser?: string | undefined;
}

/** What holds where neither the request nor ~/.ssh/config says anything. */
export const hostDefaults = { user: "ubuntu", port: 22, keyFile: "~/.ssh/id_rsa" } as const;

/**
 * Resolves hosts as ssh would: what the request says, else ~/.ssh/config, else the defaults.
 *
 * Nothing is connected to, and no key is read.
 *
 * @returns hosts with a diagnostic are left out
 */
export async function resolveHosts(
  requests: readonly HostRequest[],
  options: ResolveOptions,
): Promise<{ readonly hosts: readonly HostSpec[]; readonly diagnostics: readonly Diagnostic[] }> {
  const diagnostics: Diagnostic[] = [];
  const entries = await readUserConfig(options, diagnostics);
  const { home, localUser = userInfo().username } = options;
  const known: Known = { entries, requests, home, localUser };
  const hosts: HostSpec[] = [];
  for (const request of requests) {
    try {
      const { name, privateAddress, region, nodes } = request;
      hosts.push({ name, address: resolveHost(known, request), privateAddress, region, nodes });
    } catch (error) {
      if (!(error instanceof BaleenError)) throw error;
      diagnostics.push({ code: error.code, message: `Host ${request.name}: ${error.message}` });
    }
  }
  return { hosts, diagnostics };
}

async function readUserConfig(options: ResolveOptions, diagnostics: Diagnostic[]): Promise<ConfigEntry[]> {
  const folder = join(options.home, ".ssh");
  const file = join(folder, "config");
  const read = options.readFile ?? readIfThere;
  const readIncluded = async (pattern: string) => {
    const path = resolve(folder, expandHome(pattern, options.home));
    const texts = await Promise.all((await expandGlob(path)).map((each) => read(each)));
    return texts.filter((text) => text !== undefined);
  };
  try {
    return await parseConfigFile((await read(file)) ?? "", readIncluded);
  } catch (error) {
    const message = `${file} cannot be read: ${describeError(error)}. Fix its permissions, or move it away.`;
    diagnostics.push({ code: "ssh-config-unreadable", message });
    return [];
  }
}

/** A host to be resolved: a request, or a host on the way that only its name is known of. */
type Wanted = Pick<HostRequest, "address" | "port" | "user" | "keyFile" | "jump"> & {
  /** Where ~/.ssh/config and the request name no key. */
  readonly fallbackKeyFile?: string | undefined;
};

interface Known extends Pick<ResolveOptions, "home"> {
  readonly localUser: string;
  readonly entries: readonly ConfigEntry[];
  readonly requests: readonly HostRequest[];
}

/** @param path hosts that are reached through this one, the last one first */
function resolveHost(known: Known, wanted: Wanted, path: readonly string[] = []): HostAddress {
  const config = lookUpHost(known.entries, wanted.address);
  const port = wanted.port ?? parsePort(config.port ?? String(hostDefaults.port));
  if (port === undefined) {
    const message = `~/.ssh/config has the port "${config.port}", which is not a valid port.`;
    throw new BaleenError("host-port", message);
  }
  const user = wanted.user ?? config.user ?? hostDefaults.user;
  const n = wanted.address;
  const host = expandTokens(config.hostname ?? "%h", { h: n, n }).replace(/^\[(.*)\]$/, "$1");
  const place = formatAuthority({ host, port });
  if (path.includes(place)) {
    const circle = [...path, place].join(" → ");
    throw new BaleenError(
      "host-jump-cycle",
      `its jump hosts lead back to themselves (${circle}). Fix ProxyJump in ~/.ssh/config, or the jump setting.`,
    );
  }
  const tokens = { h: host, n, p: String(port), r: user, d: known.home, u: known.localUser };
  const { keyFile, fallbackKeyFile = hostDefaults.keyFile } = wanted;
  const named = keyFile === undefined ? config.identityFiles : [keyFile];
  const keyFiles = (named.length > 0 ? named : [fallbackKeyFile])
    .filter((file) => file.toLowerCase() !== "none")
    .map((file) => (file === keyFile ? file : expandTokens(file, tokens)))
    .map((file) => resolve(expandHome(file, known.home)));
  return { host, port, user, keyFiles, jump: jumpOf(known, wanted, config, [...path, place]) };
}

function jumpOf(
  known: Known,
  wanted: Wanted,
  config: ConfigValues,
  path: readonly string[],
): HostAddress | undefined {
  const text = wanted.jump ?? config.proxyjump;
  if (text === undefined) {
    if ((config.proxycommand?.toLowerCase() ?? "none") === "none") return undefined;
    throw new BaleenError(
      "host-proxy-command",
      "~/.ssh/config reaches it with ProxyCommand, which is not supported. Use ProxyJump, or the jump setting.",
    );
  }
  const jumps = parseJumps(text);
  if (jumps === undefined) {
    throw new BaleenError(
      "host-jump",
      `"${text}" is not a valid jump host. Expected: [user@]host[:port], several separated by commas.`,
    );
  }
  return chain(known, jumps, wanted, path);
}

/** Each host of a list is reached through the one before it; the first as its own entry says. */
function chain(
  known: Known,
  jumps: readonly JumpText[],
  wanted: Wanted,
  path: readonly string[],
): HostAddress | undefined {
  const last = jumps.at(-1);
  if (last === undefined) return undefined;
  const named = known.requests.find((request) => request.name === last.host);
  const own: Wanted = named ?? { address: last.host, fallbackKeyFile: wanted.keyFile };
  const hop = { ...own, port: last.port ?? own.port, user: last.user ?? own.user };
  const before = jumps.slice(0, -1);
  if (before.length === 0) return resolveHost(known, hop, path);
  const resolved = resolveHost(known, { ...hop, jump: "none" }, path);
  return { ...resolved, jump: chain(known, before, wanted, [...path, formatAuthority(resolved)]) };
}

function expandTokens(text: string, tokens: Readonly<Record<string, string>>): string {
  return text.replaceAll(/%(.)/g, (token, letter: string) => {
    const value = letter === "%" ? "%" : tokens[letter];
    if (value === undefined) {
      throw new BaleenError("ssh-config-token", `${token} in "${text}" of ~/.ssh/config is not supported.`);
    }
    return value;
  });
}

function expandHome(path: string, home: string): string {
  return path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path;
}

/** Files that a path with `*` and `?` names, sorted as the shell does. */
async function expandGlob(path: string): Promise<string[]> {
  if (!/[*?]/.test(path)) return [path];
  const found: string[] = [];
  for await (const file of glob(path)) found.push(file);
  return found.sort();
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await readBounded(path)).toString();
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
    throw error;
  }
}

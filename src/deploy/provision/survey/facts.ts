/** What a look at a host finds. Whatever could not be told is undefined: nothing is guessed. */
import { isIP } from "node:net";
import type { Host } from "../../../contracts/hosts/host.ts";

/** The lines of a survey by their keys, in order. */
type SurveyLines = ReadonlyMap<string, readonly string[]>;

type SurveyedHost = Pick<Host, "name" | "description">;

export type HostFacts = Readonly<ReturnType<typeof buildFacts>>;
export type DockerFacts = HostFacts["docker"];
/** An engine that answers, and what it says of itself. */
export type EngineFacts = NonNullable<DockerFacts["engine"]>;
export type EngineAccess = EngineFacts["access"];

/**
 * Puts what the survey's script has written into facts. Lines before its first one (a greeting of the login shell)
 * do not count.
 *
 * @returns undefined where it is not whole
 */
export function parseSurvey(host: SurveyedHost, text: string): HostFacts | undefined {
  const written = text.split("\n");
  const first = written.indexOf("baleen-survey 1");
  const last = written.lastIndexOf("end survey");
  if (first < 0 || last < first) return undefined;
  const said = written.slice(first + 1, last).flatMap((line) => {
    const [, key, value = ""] = /^(\S+) (.*)$/s.exec(line) ?? [];
    return key === undefined ? [] : [{ key, value: value.trim() }];
  });
  const byKey = Map.groupBy(said, ({ key }) => key);
  const lines = new Map([...byKey].map(([key, values]) => [key, values.map(({ value }) => value)]));
  return buildFacts(host, lines);
}

function buildFacts(host: SurveyedHost, lines: SurveyLines) {
  const one = (key: string) => firstOf(lines, key);
  const os = parseOsRelease(lines.get("os-release") ?? []);
  return {
    host: host.name,
    description: host.description,
    /** `uname -s`: "Linux". */
    kernelName: one("kernel-name"),
    kernelRelease: one("kernel-release"),
    /** "debian". */
    osId: os.get("ID"),
    osIdLike: os.get("ID_LIKE")?.split(/\s+/) ?? [],
    /** "Debian GNU/Linux 12 (bookworm)". */
    osName: os.get("PRETTY_NAME"),
    architecture: nameArchitecture(one("machine")),
    cpus: parseCount(one("cpus")),
    cpuModel: nonEmpty(one("cpu-model")?.replace(/^[^:]*:\s*/, "")),
    /** "kvm", "docker", "none" and the like, as systemd-detect-virt names them. */
    virtualization: one("virtualization"),
    ...parseMemory(lines.get("memory") ?? []),
    /** Where Docker keeps, or would keep, its images. */
    dataDisk: parseDisk(one("data-disk-path"), one("data-disk")),
    user: one("user"),
    /** How commands can be run by root; "password": sudo wants one, or does not let this user. */
    sudo: oneOf(one("sudo"), ["root", "passwordless", "password"], "missing"),
    init: oneOf(one("init"), ["systemd", "openrc", "sysv"], "none"),
    packageTool: oneOf(one("package-tool")?.replace("apt-get", "apt"), ["apt", "dnf", "yum", "apk"], "none"),
    docker: parseDocker(lines),
    ...parseAddresses(lines),
    listening: lines.has("ports-known") ? parseListeners(lines) : undefined,
    clockSynchronized: parseSynchronized(one("clock-synchronized"), one("chrony")),
  };
}

/** os-release(5): assignments as a shell reads them, with or without quotes. */
function parseOsRelease(lines: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of lines) {
    const [, key, quoted] = /^([A-Z0-9_]+)=(.*)$/.exec(line) ?? [];
    if (key === undefined || quoted === undefined) continue;
    const value = quoted.replace(/^(["'])(.*)\1$/, "$2").replaceAll(/\\([$"`\\'])/g, "$1");
    if (value !== "") values.set(key, value);
  }
  return values;
}

/** uname's name of a machine in Docker's words: "amd64", "arm64", "arm", "386"; others as uname names them. */
function nameArchitecture(machine: string | undefined): string | undefined {
  if (machine === "x86_64") return "amd64";
  if (machine === "aarch64") return "arm64";
  if (machine !== undefined && /^armv[67]/.test(machine)) return "arm";
  if (machine !== undefined && /^i[3-6]86$/.test(machine)) return "386";
  return machine;
}

function parseMemory(lines: readonly string[]) {
  const bytes = (key: string) => {
    const line = lines.find((candidate) => candidate.startsWith(`${key}:`));
    const kib = parseCount(/(\d+) kB$/.exec(line ?? "")?.[1]);
    return kib === undefined ? undefined : kib * 1024;
  };
  return { memoryTotalBytes: bytes("MemTotal"), memoryAvailableBytes: bytes("MemAvailable") };
}

/** A line of `df -P`; the file system's name may hold blanks. */
function parseDisk(path: string | undefined, line: string | undefined) {
  const free = parseCount(/\s\d+\s+\d+\s+(\d+)\s+(?:\d+%|-)\s+\//.exec(line ?? "")?.[1]);
  return path === undefined || free === undefined ? undefined : { path, freeBytes: free * 1024 };
}

interface ListeningPort {
  readonly port: number;
  /** Seen for the user's own processes; for all of them by root. */
  readonly process?: { readonly pid: number; readonly name: string } | undefined;
}

/**
 * The TCP sockets on which a host listens: of "0100007F:65C1 4632722", as /proc/net/tcp has it, the port in
 * hexadecimal and the inode; and of "4632722 17 sshd" the inode, its process, and that one's name.
 */
function parseListeners(lines: SurveyLines): ListeningPort[] {
  const processes = new Map<string, ListeningPort["process"]>();
  for (const owner of lines.get("owner") ?? []) {
    const [, inode, pid, name = ""] = /^(\d+) (\d+) ?(.*)$/.exec(owner) ?? [];
    // A parent may hold the socket too (sshd, containerd's shim). The first holder names the program well enough.
    if (inode !== undefined && !processes.has(inode)) processes.set(inode, { pid: Number(pid), name });
  }
  return (lines.get("listener") ?? []).flatMap((listener) => {
    const [, port, inode] = /^[0-9A-F]+:([0-9A-F]{4}) (\d+)$/.exec(listener) ?? [];
    if (port === undefined || inode === undefined) return [];
    return [{ port: Number.parseInt(port, 16), process: processes.get(inode) }];
  });
}

/** Of "address 10.0.0.1", and "address6 fe80…" as /proc/net/if_inet6 has it, without colons. */
function parseAddresses(lines: SurveyLines) {
  const ssh = firstOf(lines, "ssh-address");
  const six = (lines.get("address6") ?? []).map((digits) => digits.match(/.{4}/g)?.join(":") ?? "");
  const own = [...(lines.get("address") ?? []), ...six].filter((address) => isIP(address) !== 0);
  return {
    /** Its own addresses, of all interfaces. */
    addresses: own.length === 0 ? undefined : own,
    /** The one of them at which our SSH connection came in. */
    sshAddress: ssh !== undefined && isIP(ssh) !== 0 ? ssh : undefined,
  };
}

function parseSynchronized(systemd: string | undefined, chrony: string | undefined): boolean | undefined {
  if (systemd === "yes" || systemd === "no") return systemd === "yes";
  return chrony === undefined ? undefined : /:\s*(Normal|Insert second|Delete second)$/.test(chrony);
}

function parseDocker(lines: SurveyLines) {
  const clientPath = firstOf(lines, "docker-client");
  return {
    clientPath,
    /** The docker command is Podman's, which speaks Docker's language in part. */
    podman: /podman/i.test(firstOf(lines, "docker-client-version") ?? ""),
    enginePath: firstOf(lines, "docker-engine"),
    snap: clientPath !== undefined && /(^|\/)snap\//.test(clientPath),
    /** The engine that answers, by the best way to it; undefined where none does. */
    engine: parseEngine(lines),
    /** Why none answers, in the docker command's own words. */
    engineFailure: lines.get("engine-failure")?.findLast((line) => line !== ""),
  };
}

function parseEngine(lines: SurveyLines) {
  const way = firstOf(lines, "engine-way");
  if (way === undefined) return undefined;
  const info = parseJson(lines.get("engine-info"));
  const text = (value: unknown) => (typeof value === "string" ? nonEmpty(value) : undefined);
  const version = text(parseJson(lines.get("engine-version")).Version) ?? text(info.ServerVersion);
  if (version === undefined) return undefined;
  const security = Array.isArray(info.SecurityOptions) ? info.SecurityOptions : [];
  // By root: `sudo -n docker system dial-stdio`; else through its socket, which is open to the connection's user.
  const path = way === "root" ? undefined : (firstOf(lines, "engine-socket") ?? "");
  return {
    access: path === undefined ? ({ kind: "sudo" } as const) : ({ kind: "socket", path } as const),
    version,
    storageDriver: text(info.Driver),
    rootless: security.some((option) => String(option).includes("rootless")),
    publishedPorts: (lines.get("container") ?? []).flatMap(parsePublished),
  };
}

interface PublishedPort {
  readonly port: number;
  readonly container: string;
  /** Set on containers of ours: the value of their label baleen.run. */
  readonly run?: string | undefined;
}

/** A line of `docker ps`: name, run, and ports such as "0.0.0.0:26657->26657/tcp, :::100-102->100-102/tcp". */
function parsePublished(line: string): PublishedPort[] {
  const [container = "", run, published = ""] = line.split("\t");
  const found = new Map<number, PublishedPort>();
  for (const part of published.split(", ")) {
    const [, from, to] = /:(\d+)(?:-(\d+))?->.*\/tcp$/.exec(part) ?? [];
    if (from === undefined) continue;
    for (let port = Number(from); port <= Number(to ?? from); port++) {
      found.set(port, { port, container, run: nonEmpty(run) });
    }
  }
  return [...found.values()];
}

/** The first line that is a JSON object: a docker command may write warnings before it. */
function parseJson(lines: readonly string[] = []): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(lines.find((line) => line.startsWith("{")) ?? "{}") as Record<string, unknown>;
  } catch {
    return {};
  }
}

function firstOf(lines: SurveyLines, key: string): string | undefined {
  return nonEmpty(lines.get(key)?.[0]);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

function parseCount(text: string | undefined): number | undefined {
  return /^\d+$/.test(text ?? "") ? Number(text) : undefined;
}

function oneOf<const T extends string>(text: string | undefined, known: readonly T[], otherwise: T): T {
  return known.find((candidate) => candidate === text) ?? otherwise;
}

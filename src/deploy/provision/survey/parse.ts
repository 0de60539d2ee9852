import type { EngineAccess } from "./access.ts";
import type {
  DiskFacts,
  DockerFacts,
  EngineFacts,
  HostFacts,
  InitSystem,
  ListeningPort,
  PackageTool,
  PublishedPort,
  SudoState,
} from "./facts.ts";
import { parseListeners } from "./ports.ts";

/** The lines of a survey by their keys, in order. */
export type SurveyLines = ReadonlyMap<string, readonly string[]>;

/**
 * What the survey's script has written, sorted by key. Lines before its first one (a greeting of the login shell)
 * do not count.
 *
 * @returns undefined where it is not whole
 */
export function parseSurveyLines(text: string): SurveyLines | undefined {
  const lines = text.split("\n");
  const first = lines.indexOf("baleen-survey 1");
  const last = lines.lastIndexOf("end survey");
  if (first < 0 || last < first) return undefined;
  const byKey = new Map<string, string[]>();
  for (const line of lines.slice(first + 1, last)) {
    const blank = line.indexOf(" ");
    if (blank <= 0) continue;
    const key = line.slice(0, blank);
    const values = byKey.get(key) ?? [];
    byKey.set(key, values);
    values.push(line.slice(blank + 1).trim());
  }
  return byKey;
}

/** Puts the lines of a survey into facts. */
export function parseSurvey(host: { name: string; description: string }, lines: SurveyLines): HostFacts {
  const one = (key: string) => nonEmpty(lines.get(key)?.[0]);
  const os = parseOsRelease(lines.get("os-release") ?? []);
  return {
    host: host.name,
    description: host.description,
    kernelName: one("kernel-name"),
    kernelRelease: one("kernel-release"),
    osId: os.get("ID"),
    osIdLike: os.get("ID_LIKE")?.split(/\s+/) ?? [],
    osVersion: os.get("VERSION_ID"),
    osName: os.get("PRETTY_NAME"),
    architecture: nameArchitecture(one("machine")),
    cpus: parseCount(one("cpus")),
    cpuModel: nonEmpty(one("cpu-model")?.replace(/^[^:]*:\s*/, "")),
    virtualization: one("virtualization"),
    ...parseMemory(lines.get("memory") ?? []),
    loadAverage: parseNumber(one("load")?.split(" ")[0]),
    dataDisk: parseDisk(one("data-disk-path"), one("data-disk")),
    temporaryDisk: parseDisk(one("temporary-disk-path"), one("temporary-disk")),
    user: one("user"),
    uid: parseCount(one("uid")),
    sudo: oneOf<SudoState>(one("sudo"), ["root", "passwordless", "password"]) ?? "missing",
    init: oneOf<InitSystem>(one("init"), ["systemd", "openrc", "sysv"]) ?? "none",
    packageTool: namePackageTool(one("package-tool")),
    docker: parseDocker(lines),
    listening: lines.has("ports-known") ? parseListening(lines) : undefined,
    networks: lines.has("networks-known") ? parseNetworks(lines.get("network") ?? []) : undefined,
    wallMs: parseTime(one("time")),
    clockSynchronized: parseSynchronized(one("clock-synchronized"), one("chrony")),
  };
}

function parseListening(lines: SurveyLines): readonly ListeningPort[] {
  return parseListeners(lines.get("listener") ?? [], lines.get("owner") ?? []);
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

/** uname's name of a machine in Docker's words. */
function nameArchitecture(machine: string | undefined): string | undefined {
  if (machine === "x86_64") return "amd64";
  if (machine === "aarch64") return "arm64";
  if (machine !== undefined && /^armv[67]/.test(machine)) return "arm";
  if (machine !== undefined && /^i[3-6]86$/.test(machine)) return "386";
  return machine;
}

function namePackageTool(tool: string | undefined): PackageTool {
  return tool === "apt-get" ? "apt" : (oneOf<PackageTool>(tool, ["dnf", "yum", "apk"]) ?? "none");
}

function parseMemory(lines: readonly string[]): Pick<HostFacts, "memoryTotalBytes" | "memoryAvailableBytes"> {
  const bytes = (key: string) => {
    const line = lines.find((candidate) => candidate.startsWith(`${key}:`));
    const kib = parseCount(/(\d+) kB$/.exec(line ?? "")?.[1]);
    return kib === undefined ? undefined : kib * 1024;
  };
  return { memoryTotalBytes: bytes("MemTotal"), memoryAvailableBytes: bytes("MemAvailable") };
}

/** A line of `df -kP`: read from its end, since a file system's name may hold blanks. */
function parseDisk(path: string | undefined, line: string | undefined): DiskFacts | undefined {
  const free = parseCount(/\s\d+\s+\d+\s+(\d+)\s+(?:\d+%|-)\s+\//.exec(line ?? "")?.[1]);
  return path === undefined || free === undefined ? undefined : { path, freeBytes: free * 1024 };
}

function parseNetworks(lines: readonly string[]): { interface: string; cidr: string }[] {
  return lines.flatMap((line) => {
    const [, name, cidr] = /^\d+:\s+(\S+)\s+inet6?\s+(\S+\/\d+)\s/.exec(`${line} `) ?? [];
    return name === undefined || cidr === undefined ? [] : [{ interface: name, cidr }];
  });
}

/** Nanoseconds since 1970; only seconds where `date` does not know %N and leaves it as it is. */
function parseTime(text: string | undefined): number | undefined {
  if (/^\d{19}$/.test(text ?? "")) return Number(text) / 1e6;
  const seconds = parseCount(/^(\d+)%?N?$/.exec(text ?? "")?.[1]);
  return seconds === undefined ? undefined : seconds * 1000;
}

function parseSynchronized(systemd: string | undefined, chrony: string | undefined): boolean | undefined {
  if (systemd === "yes" || systemd === "no") return systemd === "yes";
  return chrony === undefined ? undefined : /:\s*(Normal|Insert second|Delete second)$/.test(chrony);
}

function parseDocker(lines: SurveyLines): DockerFacts {
  const one = (key: string) => nonEmpty(lines.get(key)?.[0]);
  const clientPath = one("docker-client");
  const said = one("docker-client-version");
  return {
    clientPath,
    clientVersion: /version\s+([^\s,]+)/i.exec(said ?? "")?.[1],
    podman: /podman/i.test(said ?? ""),
    enginePath: one("docker-engine"),
    snap: clientPath !== undefined && /(^|\/)snap\//.test(clientPath),
    userInGroup: (one("groups") ?? "").split(/\s+/).includes("docker"),
    engine: parseEngine(lines),
    engineFailure: lines.get("engine-failure")?.findLast((line) => line !== ""),
  };
}

function parseEngine(lines: SurveyLines): EngineFacts | undefined {
  const one = (key: string) => nonEmpty(lines.get(key)?.[0]);
  const way = one("engine-way");
  if (way === undefined) return undefined;
  const server = parseJson(lines.get("engine-version"));
  const info = parseJson(lines.get("engine-info"));
  const text = (value: unknown) => (typeof value === "string" ? nonEmpty(value) : undefined);
  const version = text(server.Version) ?? text(info.ServerVersion);
  if (version === undefined) return undefined;
  const access: EngineAccess =
    way === "root" ? { kind: "sudo" } : { kind: "socket", path: one("engine-socket") ?? "" };
  const security = Array.isArray(info.SecurityOptions) ? info.SecurityOptions : [];
  return {
    access,
    version,
    apiVersion: text(server.ApiVersion) ?? text(server.APIVersion),
    dataRoot: text(info.DockerRootDir),
    storageDriver: text(info.Driver),
    rootless: security.some((option) => String(option).includes("rootless")),
    publishedPorts: (lines.get("container") ?? []).flatMap(parsePublished),
  };
}

/** A line of `docker ps`: name, run, and ports such as "0.0.0.0:26657->26657/tcp, :::100-102->100-102/tcp". */
function parsePublished(line: string): PublishedPort[] {
  const [container = "", run = "", published = ""] = line.split("\t");
  const found = new Map<number, PublishedPort>();
  for (const part of published.split(", ")) {
    const [, from, to] = /:(\d+)(?:-(\d+))?->.*\/tcp$/.exec(part) ?? [];
    if (from === undefined) continue;
    for (let port = Number(from); port <= Number(to ?? from); port++) {
      found.set(port, { port, container, ...(run === "" ? {} : { run }) });
    }
  }
  return [...found.values()];
}

/** The first line that is a JSON object: a docker command may write warnings before it. */
function parseJson(lines: readonly string[] = []): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(lines.find((line) => line.startsWith("{")) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

function parseNumber(text: string | undefined): number | undefined {
  const value = Number(text ?? "");
  return text === undefined || text === "" || !Number.isFinite(value) ? undefined : value;
}

function parseCount(text: string | undefined): number | undefined {
  return /^\d+$/.test(text ?? "") ? Number(text) : undefined;
}

function oneOf<T extends string>(text: string | undefined, known: readonly T[]): T | undefined {
  return known.find((candidate) => candidate === text);
}

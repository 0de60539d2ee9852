import type { ErrorCode } from "../../core/error-codes.ts";
import type { Diagnostic } from "../../core/errors.ts";
import type { HostFacts, ListeningPort } from "./survey/facts.ts";

/** What a host must have for what is asked of it. */
export interface HostNeeds {
  /** TCP ports that must be free; one that a container of ours publishes counts as free. */
  readonly ports: readonly number[];
  /** Free space in the folder where Docker keeps its images. */
  readonly diskBytes: number;
  /** Memory that is available. */
  readonly memoryBytes: number;
  /** In Docker's words; default: any. */
  readonly architectures?: readonly string[] | undefined;
  /** Whether Docker may be installed and started where it is not. */
  readonly mayInstall: boolean;
}

/** The first engine whose API (1.41) has all that we use. */
export const oldestDocker = "20.10";

type WithoutHost<Code> = Code extends `host-${infer Name}` ? Name : never;

/** Puts a diagnostic of one host into words. @param code without "host-" */
export type HostDiagnostic = (code: WithoutHost<ErrorCode>, what: string, remedy: string) => Diagnostic;

export function nameDiagnosticsOf(facts: HostFacts): HostDiagnostic {
  return (code, what, remedy) => ({
    code: `host-${code}`,
    message: `${facts.host} (${facts.description}): ${what}. ${remedy}`,
  });
}

/** All that keeps a host from what is asked of it; empty where nothing does. A fact that is unknown is no error. */
export function checkFacts(facts: HostFacts, needs: HostNeeds): readonly Diagnostic[] {
  const diagnostic = nameDiagnosticsOf(facts);
  if (facts.kernelName !== undefined && facts.kernelName !== "Linux") {
    // Nothing else that was found out means what it says.
    return [
      diagnostic("os", `it runs ${facts.kernelName}`, "Nodes run on Linux hosts only: use another host."),
    ];
  }
  return [
    ...checkArchitecture(facts, needs, diagnostic),
    ...checkDocker(facts, needs.mayInstall, diagnostic),
    ...checkDiskSpace(facts, needs, diagnostic),
    ...needs.ports.flatMap((port) => checkPort(facts, port, diagnostic)),
  ];
}

function checkArchitecture(facts: HostFacts, needs: HostNeeds, diagnostic: HostDiagnostic): Diagnostic[] {
  const { architecture } = facts;
  const wanted = needs.architectures;
  if (architecture === undefined || wanted === undefined || wanted.includes(architecture)) return [];
  return [
    diagnostic(
      "architecture",
      `its processor is ${architecture}, and the node's image can be had for ${wanted.join(" and ")} only`,
      "Use another host, or an image for that processor (--image).",
    ),
  ];
}

/** What is wrong with a host's Docker, and nobody but the user can mend. */
export function checkDocker(facts: HostFacts, mayInstall: boolean, diagnostic: HostDiagnostic): Diagnostic[] {
  const { engine, podman } = facts.docker;
  if (podman) {
    return [
      diagnostic(
        "docker-podman",
        "its docker command is Podman's, which knows Docker's API in part",
        "Remove podman-docker and install Docker (https://docs.docker.com/engine/install/).",
      ),
    ];
  }
  if (engine === undefined) return checkPreparable(facts, mayInstall, diagnostic);
  if (!isOlder(engine.version, oldestDocker)) return [];
  return [
    diagnostic(
      "docker-old",
      `Docker ${engine.version} is older than ${oldestDocker}`,
      "Upgrade it (https://docs.docker.com/engine/install/).",
    ),
  ];
}

/** What keeps Docker from being installed or started where no engine answers. */
function checkPreparable(facts: HostFacts, mayInstall: boolean, diagnostic: HostDiagnostic): Diagnostic[] {
  const { clientPath, engineFailure } = facts.docker;
  const missing = clientPath === undefined;
  const what = missing
    ? "Docker is not installed"
    : `no Docker engine answers: ${engineFailure ?? "it does not say why"}`;
  if (!mayInstall) {
    const remedy = missing ? "Install it with: baleen hosts prepare" : "Start it with: baleen hosts prepare";
    return [diagnostic(missing ? "docker-missing" : "docker-down", what, remedy)];
  }
  if (facts.sudo === "password" || facts.sudo === "missing") {
    const user = facts.user ?? "the user";
    const why = facts.sudo === "password" ? `sudo wants a password of ${user}` : "there is no sudo";
    return [
      diagnostic(
        "sudo",
        `${what}, and ${why}`,
        `${facts.sudo === "missing" ? "Install it, and let" : "Let"} ${user} use sudo without a password (a line "${user} ALL=(ALL) NOPASSWD:ALL" in /etc/sudoers.d/), ` +
          "or let somebody else install and start Docker and put the user into the group docker.",
      ),
    ];
  }
  if (missing && facts.packageTool === "none") {
    return [
      diagnostic(
        "os",
        `${what}, and ${facts.osName ?? "its system"} has none of apt-get, dnf, yum and apk to install it with`,
        "Install Docker by hand (https://docs.docker.com/engine/install/).",
      ),
    ];
  }
  return [];
}

function checkDiskSpace(facts: HostFacts, needs: HostNeeds, diagnostic: HostDiagnostic): Diagnostic[] {
  const { dataDisk, memoryAvailableBytes } = facts;
  const diagnostics: Diagnostic[] = [];
  if (dataDisk !== undefined && dataDisk.freeBytes < needs.diskBytes) {
    diagnostics.push(
      diagnostic(
        "disk",
        `${formatMiB(dataDisk.freeBytes)} are free in ${dataDisk.path}, and ${formatMiB(needs.diskBytes)} are needed`,
        "Make room there, for instance by removing images that are not used (docker image prune).",
      ),
    );
  }
  if (memoryAvailableBytes !== undefined && memoryAvailableBytes < needs.memoryBytes) {
    diagnostics.push(
      diagnostic(
        "memory",
        `${formatMiB(memoryAvailableBytes)} of memory are available, and ${formatMiB(needs.memoryBytes)} are needed`,
        "Stop what uses it, place fewer nodes there, or use a larger host.",
      ),
    );
  }
  return diagnostics;
}

function checkPort(facts: HostFacts, port: number, diagnostic: HostDiagnostic): Diagnostic[] {
  const published = facts.docker.engine?.publishedPorts.filter((candidate) => candidate.port === port) ?? [];
  const foreign = published.find(({ run }) => run === undefined);
  if (foreign === undefined && published.length > 0) return [];
  const listener = facts.listening?.find((candidate) => candidate.port === port);
  const by = foreign === undefined ? describeListener(listener) : `the container ${foreign.container}`;
  if (by === undefined) return [];
  return [diagnostic("port", `port ${port} is taken by ${by}`, "Stop that, or use another host.")];
}

function describeListener(listener: ListeningPort | undefined): string | undefined {
  if (listener === undefined) return undefined;
  const { process } = listener;
  return process === undefined ? "another program" : `${process.name} (process ${process.pid})`;
}

/** What is worth saying about a host that is usable: a sentence each. */
export function noteFacts(facts: HostFacts): readonly string[] {
  const notes: string[] = [];
  const { engine, snap } = facts.docker;
  if (snap) {
    notes.push(
      `${facts.host}: Docker is a snap, which sees files under /home only and updates itself at any time; ` +
        "hold it while you measure: sudo snap refresh --hold docker",
    );
  }
  if (engine?.rootless === true) {
    notes.push(
      `${facts.host}: Docker runs without root; published ports go through a proxy in user space, ` +
        "which costs throughput, and its containers may end with the user's last login (loginctl enable-linger).",
    );
  }
  if (facts.clockSynchronized === false) {
    notes.push(
      `${facts.host}: nothing keeps its clock right; its logs' times may differ from the other hosts'.`,
    );
  }
  return notes;
}

function formatMiB(bytes: number): string {
  return `${Math.floor(bytes / 1024 ** 2)} MiB`;
}

/** By the numbers at their beginnings: "20.10.24+dfsg1" is not older than "20.10". A version without any is new. */
export function isOlder(version: string, than: string): boolean {
  const numbers = (text: string) => (/^[\d.]+/.exec(text)?.[0] ?? "").split(".").map(Number);
  const [left, right] = [numbers(version), numbers(than)];
  if (!/^\d/.test(version)) return false;
  for (const [i, wanted] of right.entries()) {
    const has = left[i] ?? 0;
    if (has !== wanted) return has < wanted;
  }
  return false;
}

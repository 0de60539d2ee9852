import type { Diagnostic } from "../../core/errors.ts";
import type { HostFacts } from "./survey/facts.ts";

export interface HostNeeds {
  /** TCP ports that must be free; one that a container of ours publishes counts as free. */
  readonly ports: readonly number[];
  /** Free space in the folder where Docker keeps its images. */
  readonly diskBytes: number;
  readonly memoryBytes: number;
}

/** The first engine whose API (1.41) has all that we use. */
export const oldestDocker = "20.10";

/** All that keeps a host from what is asked of it; empty where nothing does. A fact that is unknown is no error. */
export function checkFacts(facts: HostFacts, needs: HostNeeds): readonly Diagnostic[] {
  const where = `${facts.host} (${facts.description})`;
  return listProblems(facts, needs).map(({ code, message }) => ({ code, message: `${where}: ${message}` }));
}

function listProblems(facts: HostFacts, needs: HostNeeds): readonly Diagnostic[] {
  if (facts.kernelName !== undefined && facts.kernelName !== "Linux") {
    // Nothing else that was found out means what it says.
    const message = `it runs ${facts.kernelName}. Nodes run on Linux hosts only: use another host.`;
    return [{ code: "host-os", message }];
  }
  return [
    ...checkDocker(facts),
    ...checkSpace(facts, needs),
    ...needs.ports.flatMap((port) => checkPort(facts, port)),
  ];
}

/** What is wrong with a host's Docker, and nobody but the user can mend. The messages do not name the host. */
export function checkDocker(facts: HostFacts): readonly Diagnostic[] {
  const { engine, podman } = facts.docker;
  if (podman) {
    const message =
      "its docker command is Podman's, which supports only part of Docker's API. Remove podman-docker and install Docker (https://docs.docker.com/engine/install/).";
    return [{ code: "host-docker-podman", message }];
  }
  if (engine === undefined) return checkPreparable(facts);
  if (!isOlder(engine.version, oldestDocker)) return [];
  const message = `Docker ${engine.version} is older than ${oldestDocker}. Upgrade it (https://docs.docker.com/engine/install/).`;
  return [{ code: "host-docker-old", message }];
}

/** What keeps Docker from being installed or started where no engine answers. */
function checkPreparable({ docker, sudo, user = "the user", packageTool, osName }: HostFacts): Diagnostic[] {
  const missing = docker.clientPath === undefined;
  const what = missing
    ? "Docker is not installed"
    : `no Docker engine answers: ${docker.engineFailure ?? "no reason given"}`;
  if (sudo === "password" || sudo === "missing") {
    const why = sudo === "password" ? `sudo asks ${user} for a password` : "sudo is not installed";
    const remedy = sudo === "missing" ? "Install it, and let" : "Let";
    const message = `${what}, and ${why}. ${remedy} ${user} use sudo without a password (a line "${user} ALL=(ALL) NOPASSWD:ALL" in /etc/sudoers.d/), or have Docker installed and started, and the user added to the group docker.`;
    return [{ code: "host-sudo", message }];
  }
  if (missing && packageTool === "none") {
    const message = `${what}, and ${osName ?? "its system"} has none of apt-get, dnf, yum and apk to install it with. Install Docker by hand (https://docs.docker.com/engine/install/).`;
    return [{ code: "host-os", message }];
  }
  return [];
}

function checkSpace({ dataDisk, memoryAvailableBytes }: HostFacts, needs: HostNeeds): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  if (dataDisk !== undefined && dataDisk.freeBytes < needs.diskBytes) {
    const message = `only ${formatMiB(dataDisk.freeBytes)} are free in ${dataDisk.path}, but ${formatMiB(needs.diskBytes)} are needed. Free some space there, for example by removing unused images (docker image prune).`;
    diagnostics.push({ code: "host-disk", message });
  }
  if (memoryAvailableBytes !== undefined && memoryAvailableBytes < needs.memoryBytes) {
    const message = `only ${formatMiB(memoryAvailableBytes)} of memory are available, but ${formatMiB(needs.memoryBytes)} are needed. Stop other programs, place fewer nodes there, or use a larger host.`;
    diagnostics.push({ code: "host-memory", message });
  }
  return diagnostics;
}

function checkPort({ docker, listening }: HostFacts, port: number): Diagnostic[] {
  const published = docker.engine?.publishedPorts.filter((candidate) => candidate.port === port) ?? [];
  const foreign = published.find(({ run }) => run === undefined);
  if (foreign === undefined && published.length > 0) return [];
  const listener = listening?.find((candidate) => candidate.port === port);
  if (foreign === undefined && listener === undefined) return [];
  const { process } = listener ?? {};
  const program = process === undefined ? "another program" : `${process.name} (process ${process.pid})`;
  const by = foreign === undefined ? program : `the container ${foreign.container}`;
  return [{ code: "host-port", message: `port ${port} is taken by ${by}. Stop it, or use another host.` }];
}

/** What is worth saying about a host that is usable: a sentence each. */
export function noteFacts(facts: HostFacts): readonly string[] {
  const { engine, snap } = facts.docker;
  const notes = [
    snap &&
      "Docker is a snap, which sees only files under /home and can update itself at any time; hold it while you measure: sudo snap refresh --hold docker",
    engine?.rootless === true &&
      "Docker runs without root; published ports go through a proxy in user space, which costs throughput, and its containers may end when the user logs out (to prevent this: loginctl enable-linger).",
    facts.clockSynchronized === false &&
      "its clock is not synchronized; the times in its logs may differ from those of other hosts.",
  ];
  return notes.filter((note) => note !== false).map((note) => `${facts.host}: ${note}`);
}

function formatMiB(bytes: number): string {
  return `${Math.floor(bytes / 1024 ** 2)} MiB`;
}

/** By the numbers at their beginnings: "20.10.24+dfsg1" is not older than "20.10". A version without any is new. */
export function isOlder(version: string, than: string): boolean {
  const numbers = /^\d[\d.]*/.exec(version)?.[0];
  return numbers !== undefined && numbers.localeCompare(than, "en", { numeric: true }) < 0;
}

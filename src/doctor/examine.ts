import { stat } from "node:fs/promises";
import { availableParallelism, platform } from "node:os";
import { resolve } from "node:path";
import { ConfigurationError } from "../core/errors.ts";
import { readLock } from "../deploy/lock.ts";
import { basePortsOf } from "../deploy/nodes/base-ports.ts";
import { hostDefaults, resolveHosts } from "../deploy/ssh/config/resolve.ts";
import { chooseClients } from "../load/level/client-count.ts";
import { knownLoadsTps } from "../load/level/phases.ts";
import { judgeCompose, judgeEngine } from "./checks/docker.ts";
import { judgeHost, judgeKeys, readKeys } from "./checks/hosts.ts";
import {
  judgeClock,
  judgeCores,
  judgeFileLimit,
  judgeMemory,
  readClockSources,
  readFileLimit,
} from "./checks/machine.ts";
import { judgePace, judgeQuiet, type QuietSecond, readGovernors, readQuietSecond } from "./checks/quiet.ts";
import {
  describeNodes,
  judgeContainers,
  judgePorts,
  judgeProcesses,
  listMissingImages,
  readPorts,
} from "./checks/runtimes.ts";
import { judgeBuild, judgeLeftovers, judgeNode, readBuild } from "./checks/software.ts";
import { judgeDisk, judgeFolders, readFolders, readSpaces } from "./checks/storage.ts";
import { type Check, type CheckWatch, checksOf, type Diagnosis, runChecks } from "./run-checks.ts";
import { beginLooks, dockerNeed, type Looks, type Subject } from "./subject.ts";

/** An engine that hangs is given up by its own limits; this is above all of them. */
const limitMs = 45_000;
const machineLimitMs = 15_000;
const clockLimitMs = 60_000;
/** A host may take its limit to connect, to be looked over, and for its engine to answer; and a little between. */
const hostLimits = 3;
const betweenMs = 10_000;
/** Told under "Ports" and "Folders". */
const portCodes: ReadonlySet<string> = new Set(["port-taken", "port-address", "port-conflict"]);
const folderCode = "state-not-writable";

/**
 * Examines a machine, and hosts where they were named: at the same time, but for the look at what others do, which
 * comes first and alone. Changes nothing.
 *
 * @throws the signal's reason
 */
export async function examine(subject: Subject, watch: CheckWatch): Promise<readonly Diagnosis[]> {
  watch.signal.throwIfAborted();
  const quiet = await readQuietSecond(watch.signal);
  const ending = new AbortController();
  const looks = beginLooks(subject, AbortSignal.any([watch.signal, ending.signal]));
  try {
    const checks = [
      ...listToolChecks(subject),
      ...listDockerChecks(subject, looks),
      ...checksOf(limitMs, {
        "Others' load": async () => judgeQuiet(quiet, subject.parameters.environmentLimits),
      }),
      ...listMachineChecks(subject, looks, quiet),
      ...listAccessChecks(subject),
    ];
    return await runChecks(checks, watch);
  } finally {
    // What a check has given up waiting for does not go on.
    ending.abort();
  }
}

function listToolChecks({ tool }: Subject): readonly Check[] {
  return checksOf(limitMs, {
    "Node.js": async () => judgeNode(tool.node),
    Build: async (signal) => judgeBuild(await readBuild(tool.root, tool.nodeBinary, signal), tool.version),
  });
}

function listDockerChecks(subject: Subject, looks: Looks): readonly Check[] {
  const { plan, composePath } = subject;
  const need = dockerNeed(subject);
  const bases = basePortsOf(subject.parameters);
  const usesDocker = async () => need === "needed" || (need === "preferred" && (await looks.hasDocker));
  return checksOf(limitMs, {
    "Docker engine": async () => judgeEngine((await looks.engine).look, need, await looks.soonFacts),
    "Docker compose": async () => judgeCompose(await looks.compose, need, await looks.soonFacts),
    Containers: async (signal) => {
      const { engine } = await looks.engine;
      if (need === "unused" || engine === undefined || !(await looks.hasDocker)) return undefined;
      const [diagnostics, missing] = await Promise.all([
        subject.checkRuntime("docker", signal),
        listMissingImages(plan, engine),
      ]);
      const others = diagnostics.filter(({ code }) => composePath !== undefined || !portCodes.has(code));
      return judgeContainers(others, { nodes: describeNodes(plan, "image"), missing });
    },
    Processes: async (signal) => {
      if (need === "needed") return undefined;
      const isUsed = !(await usesDocker());
      const diagnostics = await subject.checkRuntime("process", signal);
      const others = diagnostics.filter(({ code }) => code !== folderCode);
      return judgeProcesses(others, { nodes: describeNodes(plan, "path"), isUsed });
    },
    Ports: async () => {
      // Those of a file of the user's are told with it.
      if (composePath !== undefined) return undefined;
      const { engine } = await looks.engine;
      return judgePorts(await readPorts(plan, { need, engine, bases }), await usesDocker());
    },
  });
}

/** @param quiet what was seen before any check began */
function listMachineChecks(subject: Subject, looks: Looks, quiet: QuietSecond): readonly Check[] {
  const { parameters, stateDir } = subject;
  const { committee, outputDir, maxInFlight: most } = parameters;
  return [
    ...checksOf(machineLimitMs, {
      Disk: async () => judgeDisk(await readDisks(subject, looks)),
      Folders: async () => judgeFolders(await readFolders(outputDir, stateDir)),
      Memory: async () => judgeMemory(committee, quiet.memoryAvailableBytes),
      Cores: async () => {
        const rateTps = Math.max(...knownLoadsTps(parameters));
        const cores = availableParallelism();
        const { clients } = chooseClients(parameters, { rateTps, most, cores, isShared: true });
        return judgeCores({ committee, cores, clients });
      },
      "Open files": async () => judgeFileLimit(await readFileLimit(), parameters, platform()),
      "CPU frequency": async () => judgePace(await readGovernors(), quiet.frequencyMhz),
    }),
    ...checksOf(clockLimitMs, {
      Clock: async () => judgeClock(await readClockSources(), await looks.facts),
    }),
  ];
}

function listAccessChecks(subject: Subject): readonly Check[] {
  const { remote, stateDir } = subject;
  const checks = checksOf(limitMs, {
    "SSH keys": async () => judgeKeys(await readAllKeys(subject)),
    "Earlier runs": async (signal) =>
      judgeLeftovers(await subject.listLeftovers(signal), await readLock(stateDir)),
  });
  if (remote === undefined) return checks;
  const acceptsNew = remote.hostKeyPolicy === "accept-new";
  const hosts: Check = {
    name: "Hosts",
    limitMs: hostLimits * remote.sshTimeoutSecs * 1000 + betweenMs,
    look: async (signal) => (await subject.checkHosts(signal)).map((host) => judgeHost(host, acceptsNew)),
  };
  return [...checks, hosts];
}

async function readDisks({ parameters, stateDir }: Subject, { engine }: Looks) {
  const dataRoot = await engine.then(
    (found) => found.engine?.info().then((info) => info.dataRoot),
    () => undefined,
  );
  // An engine in a virtual machine has a file system of its own.
  const isHere =
    dataRoot !== undefined &&
    (await stat(dataRoot).then(
      () => true,
      () => false,
    ));
  const isNeeded = dockerNeed({ parameters }) !== "unused";
  return await readSpaces([
    { folder: parameters.outputDir, purpose: "results", isNeeded: true },
    { folder: stateDir, purpose: "state", isNeeded: true },
    ...(isHere ? [{ folder: dataRoot, purpose: "Docker", isNeeded }] : []),
  ]);
}

async function readAllKeys({ remote, home, env }: Subject) {
  const requests = remote === undefined ? [] : [...remote.hosts, ...remote.clientHosts];
  const { hosts, diagnostics } = await resolveHosts(requests, { home });
  if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
  const usualFile = resolve(hostDefaults.keyFile.replace(/^~/, home));
  return await readKeys(hosts, usualFile, env.SSH_AUTH_SOCK);
}

import { resolve } from "node:path";
import { ConfigurationError } from "../core/errors.ts";
import { readLock } from "../deploy/lock.ts";
import { hostDefaults, resolveHosts } from "../deploy/ssh/config/resolve.ts";
import { judgeCompose, judgeEngine } from "./checks/docker.ts";
import { judgeHost, judgeKeys, readKeys } from "./checks/hosts.ts";
import { judgeQuiet, readQuietSecond } from "./checks/quiet.ts";
import {
  describeNodes,
  judgeContainers,
  judgePorts,
  judgeProcesses,
  listMissingImages,
  readPorts,
} from "./checks/runtimes.ts";
import { judgeBuild, judgeLeftovers, judgeNode, readBuild } from "./checks/software.ts";
import { type Check, type CheckWatch, type Diagnosis, namedCheck, runChecks } from "./checks.ts";
import { listMachineChecks } from "./machine-checks.ts";
import { beginLooks, dockerNeed, type Looks, type Subject } from "./subject.ts";

/** An engine that hangs is given up by its own limits; this is above all of them. */
const limitMs = 45_000;
/** A host's connection has its own limit; looking it over takes at most this long after it. */
const hostSurveyMs = 100_000;
/** Told under "Ports" and "Folders". */
const portCodes: ReadonlySet<string> = new Set(["port-taken", "port-address"]);
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
    const others = judgeQuiet(quiet, subject.parameters.environmentLimits);
    const checks = [
      ...listToolChecks(subject),
      ...listDockerChecks(subject, looks),
      namedCheck(others.name, limitMs, async () => [others]),
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
  return [
    namedCheck("Node.js", limitMs, async () => [judgeNode(tool.node)]),
    namedCheck("Build", limitMs, async (signal) => [
      judgeBuild(await readBuild(tool.root, tool.nodeBinary, signal), tool.version),
    ]),
  ];
}

function listDockerChecks(subject: Subject, looks: Looks): readonly Check[] {
  const { plan, composePath } = subject;
  const need = dockerNeed(subject);
  const usesDocker = async () => need === "needed" || (need === "preferred" && (await looks.hasDocker));
  return [
    namedCheck("Docker engine", limitMs, async () => [
      judgeEngine((await looks.engine).look, need, await looks.soonFacts),
    ]),
    namedCheck("Docker compose", limitMs, async () => [
      judgeCompose(await looks.compose, need, await looks.soonFacts),
    ]),
    namedCheck("Containers", limitMs, async (signal) => {
      const { engine } = await looks.engine;
      if (need === "unused" || engine === undefined || !(await looks.hasDocker)) return [];
      const [diagnostics, missing] = await Promise.all([
        subject.checkRuntime("docker", signal),
        listMissingImages(plan, engine),
      ]);
      const others = diagnostics.filter(({ code }) => composePath !== undefined || !portCodes.has(code));
      return [judgeContainers(others, { nodes: describeNodes(plan, "image"), missing })];
    }),
    namedCheck("Processes", limitMs, async (signal) => {
      if (need === "needed") return [];
      const isUsed = !(await usesDocker());
      const diagnostics = await subject.checkRuntime("process", signal);
      const others = diagnostics.filter(({ code }) => code !== folderCode);
      return [judgeProcesses(others, { nodes: describeNodes(plan, "path"), isUsed })];
    }),
    namedCheck("Ports", limitMs, async () => {
      // Those of a file of the user's are told with it.
      if (composePath !== undefined) return [];
      const { engine } = await looks.engine;
      return [judgePorts(await readPorts(plan, need, engine), await usesDocker())];
    }),
  ];
}

function listAccessChecks(subject: Subject): readonly Check[] {
  const { remote, stateDir } = subject;
  const checks = [
    namedCheck("SSH keys", limitMs, async () => [judgeKeys(await readAllKeys(subject))]),
    namedCheck("Earlier runs", limitMs, async (signal) => [
      judgeLeftovers(await subject.listLeftovers(signal), await readLock(stateDir)),
    ]),
  ];
  if (remote === undefined) return checks;
  const acceptsNew = remote.hostKeyPolicy === "accept-new";
  const hosts = namedCheck("Hosts", remote.sshTimeoutSecs * 1000 + hostSurveyMs, async (signal) =>
    (await subject.checkHosts(signal)).map((host) => judgeHost(host, acceptsNew)),
  );
  return [...checks, hosts];
}

async function readAllKeys({ remote, home, env }: Subject) {
  const requests = remote === undefined ? [] : [...remote.hosts, ...remote.clientHosts];
  const { hosts, diagnostics } = await resolveHosts(requests, { home });
  if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
  const usualFile = resolve(hostDefaults.keyFile.replace(/^~/, home));
  return await readKeys({ hosts, usualFile, agentSocket: env.SSH_AUTH_SOCK });
}

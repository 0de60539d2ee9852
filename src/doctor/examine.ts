import { resolve } from "node:path";
import { ConfigurationError } from "../core/errors.ts";
import { readLock } from "../deploy/lock.ts";
import { hostDefaults, resolveHosts } from "../deploy/ssh/config/resolve.ts";
import type { Diagnosis } from "./checks/diagnosis.ts";
import { judgeHost } from "./checks/hosts.ts";
import { judgeKeys, readKeys } from "./checks/keys.ts";
import { judgeLeftovers } from "./checks/leftovers.ts";
import { judgeQuiet, readQuietSecond } from "./checks/quiet.ts";
import { judgeBuild, judgeNode, readBuild } from "./checks/software.ts";
import { type Check, type CheckWatch, runChecks } from "./checks.ts";
import { listDockerChecks } from "./docker-checks.ts";
import { listMachineChecks } from "./machine-checks.ts";
import { beginLooks, type Subject } from "./subject.ts";

const limitMs = 45_000;
/** A host's connection has its own limit; looking it over takes at most this long after it. */
const hostSurveyMs = 100_000;

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
      { name: others.name, limitMs, look: async () => [others] },
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
    { name: "Node.js", limitMs, look: async () => [judgeNode(tool.node)] },
    {
      name: "Build",
      limitMs,
      look: async (signal) => [judgeBuild(await readBuild(tool.root, tool.nodeBinary, signal), tool.version)],
    },
  ];
}

function listAccessChecks(subject: Subject): readonly Check[] {
  const { remote, stateDir } = subject;
  const keys: Check = {
    name: "SSH keys",
    limitMs,
    look: async () => [judgeKeys(await readAllKeys(subject))],
  };
  const leftovers: Check = {
    name: "Earlier runs",
    limitMs,
    look: async (signal) => [judgeLeftovers(await subject.listLeftovers(signal), await readLock(stateDir))],
  };
  if (remote === undefined) return [keys, leftovers];
  const acceptsNew = remote.hostKeyPolicy === "accept-new";
  const hosts: Check = {
    name: "Hosts",
    limitMs: remote.sshTimeoutSecs * 1000 + hostSurveyMs,
    look: async (signal) => (await subject.checkHosts(signal)).map((host) => judgeHost(host, acceptsNew)),
  };
  return [keys, leftovers, hosts];
}

async function readAllKeys({ remote, home, env }: Subject) {
  const requests = remote === undefined ? [] : [...remote.hosts, ...remote.clientHosts];
  const { hosts, diagnostics } = await resolveHosts(requests, { home });
  if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
  const usualFile = resolve(hostDefaults.keyFile.replace(/^~/, home));
  return await readKeys({ hosts, usualFile, agentSocket: env.SSH_AUTH_SOCK });
}

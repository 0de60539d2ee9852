import { readFileSync } from "node:fs";
import { arch, homedir, platform } from "node:os";
import { fileURLToPath } from "node:url";
import type { RemoteParameters } from "../../../contracts/parameters.ts";
import { BaleenError, type Diagnostic } from "../../../core/errors.ts";
import { findOwnComposeFile } from "../../../deploy/choose-local-deployer.ts";
import { examine } from "../../../doctor/examine.ts";
import { buildDiagnosesJson, countFindings, formatDiagnoses } from "../../../doctor/report.ts";
import type { Subject } from "../../../doctor/subject.ts";
import { checkParameters } from "../../../options/checks/check.ts";
import type { CheckedParameters, GivenParameters } from "../../../options/checks/given.ts";
import { checkRemote } from "../../../options/checks/remote.ts";
import { newRunId, stateDirOf } from "../../../run/prepare/backend.ts";
import { planNetwork } from "../../../run/prepare/plan-network.ts";
import { preflightLook } from "../../../run/prepare/preflight.ts";
import { checkSystem, type SystemCheck } from "../../../run/prepare/system.ts";
import type { CommandBackend } from "../../terminal/command-backend.ts";
import {
  type Command,
  type CommandContext,
  type CommandRequest,
  openSteps,
  printFound,
} from "../../terminal/context.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** `doctor`: whether this machine can run a benchmark, and whether its numbers could be believed. Changes nothing. */
export const runDoctor: Command = async (request, context, backend) => {
  const { signal } = context;
  const hosts = readHosts(request);
  const sweep = checkSystem(request.given, backend, checkLocal(hosts.remote !== undefined));
  const { parameters, protocol } = sweep;
  const known = [...request.diagnostics, ...hosts.diagnostics, ...sweep.diagnostics];
  const makePlan = async () => protocol && planNetwork(protocol, parameters, backend.findProgram);
  const plan = await preflightLook(known, makePlan, signal);
  if (plan === undefined) throw new TypeError("no network was planned, and no reason given");
  const notify = openSteps(context);
  const subject = await openSubject({ parameters, plan, remote: hosts.remote }, context, backend);
  const diagnoses = await examine(subject, {
    signal,
    onSlow: ({ name, limitMs }) => notify(name, "still looking", `at most ${limitMs / 1000} s`),
  });
  printFound(context, () => buildDiagnosesJson(diagnoses), formatDiagnoses(diagnoses));
  return countFindings(diagnoses).faults > 0 ? 1 : 0;
};

/** Hosts are examined where a file or the environment describes any. */
function readHosts({ given, hosts }: CommandRequest): {
  readonly remote?: RemoteParameters;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { remote, diagnostics } = checkRemote(given, hosts);
  if (remote.hosts.length > 0) return { remote, diagnostics };
  // Nobody asked for any.
  return {
    diagnostics: diagnostics.filter(({ code }) => given.hosts !== undefined || code !== "too-few-hosts"),
  };
}

/** What is said of hosts is checked with them. */
function checkLocal(hasHosts: boolean): SystemCheck {
  return ({ hosts: _, ...given }: GivenParameters, limits): CheckedParameters => {
    const { image: __, ...withoutImage } = given;
    // Nodes that are a part of this program have an image of another name on hosts alone.
    const isForHosts = hasHosts && limits.foreignPrograms?.length === 0;
    return checkParameters(isForHosts ? withoutImage : given, limits);
  };
}

async function openSubject(
  asked: Pick<Subject, "parameters" | "plan" | "remote">,
  context: CommandContext,
  backend: CommandBackend,
): Promise<Subject> {
  const { env, version } = context;
  const { parameters, plan, remote } = asked;
  const onStep = openSteps(context);
  // No warning here: the check of the runtime reports a compose file that is not used.
  const composePath = parameters.dockerComposePath ?? (await findOwnComposeFile(() => undefined));
  return {
    ...asked,
    composePath,
    env,
    home: homedir(),
    stateDir: stateDirOf(env),
    tool: {
      root,
      version,
      nodeBinary: process.execPath,
      node: { version: process.versions.node, least: leastNode(), platform: platform(), arch: arch() },
    },
    checkRuntime: async (runtime, signal) => {
      const { dockerComposePath, ...rest } = parameters;
      const path = runtime === "docker" ? { dockerComposePath } : {};
      const occasion = { run: newRunId(), warn: (message: string) => onStep(runtime, message) };
      const chosen = await backend.chooseDeployer({ ...rest, ...path, runtime }, occasion, signal);
      return [...chosen.diagnostics, ...((await chosen.deployer?.check(plan, signal)) ?? [])];
    },
    listLeftovers: backend.listLeftovers,
    checkHosts: async (signal) => {
      if (remote === undefined) return [];
      // A key that is accepted would be written down.
      const hostKeyPolicy = remote.hostKeyPolicy === "accept-new" ? "strict" : remote.hostKeyPolicy;
      return await backend.hosts.check({ ...remote, hostKeyPolicy }, { signal, onStep });
    },
  };
}

/** The first version that package.json lets run this. */
function leastNode(): string {
  const manifest: { engines?: { node?: string } } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
  const [least] = /[\d.]+/.exec(manifest.engines?.node ?? "") ?? [];
  if (least !== undefined) return least;
  throw new BaleenError("package", "package.json does not name the required version of Node.js.");
}

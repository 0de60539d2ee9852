/** What is examined, and what several checks of it want to know. */

import type { DeploymentPlan } from "../contracts/deployment.ts";
import type { HostReport, RunLeftovers } from "../contracts/hosts/host-report.ts";
import type { RemoteParameters, SweepParameters } from "../contracts/parameters.ts";
import { withinMs } from "../core/async.ts";
import type { Diagnostic } from "../core/errors.ts";
import { runCommand } from "../core/process/command.ts";
import type { Environment } from "../core/process/environment.ts";
import { findCompose } from "../deploy/docker/compose.ts";
import { findEngine } from "../deploy/docker/deployer.ts";
import type { Engine } from "../deploy/engine/engine.ts";
import type { HostFacts } from "../deploy/provision/survey/facts.ts";
import { surveyHost } from "../deploy/provision/survey/survey.ts";
import type { ComposeLook, DockerNeed, EngineLook } from "./checks/docker.ts";
import type { NodeFacts } from "./checks/software.ts";

/** A machine, what is to run on it, and the means to look. */
export interface Subject {
  readonly parameters: SweepParameters;
  readonly plan: DeploymentPlan;
  /** A compose file of the user's, named or found. */
  readonly composePath: string | undefined;
  readonly remote: RemoteParameters | undefined;
  readonly env: Environment;
  readonly home: string;
  /** Folder for this user's state on this machine. */
  readonly stateDir: string;
  readonly tool: {
    readonly root: string;
    readonly version: string;
    /** Absolute path of the Node.js that runs it. */
    readonly nodeBinary: string;
    readonly node: NodeFacts;
  };
  /** All that would keep the plan from being deployed. */
  readonly checkRuntime: (
    runtime: "docker" | "process",
    signal: AbortSignal,
  ) => Promise<readonly Diagnostic[]>;
  readonly listLeftovers: (signal: AbortSignal) => Promise<readonly RunLeftovers[]>;
  readonly checkHosts: (signal: AbortSignal) => Promise<readonly HostReport[]>;
}

/** Whether the nodes need Docker, or take it where it is. */
export function dockerNeed({ parameters }: Pick<Subject, "parameters">): DockerNeed {
  if (parameters.runtime === "process") return "unused";
  const isNamed = parameters.dockerComposePath !== undefined;
  return parameters.runtime === "docker" || isNamed ? "needed" : "preferred";
}

/** What is looked up once and wanted by several checks. */
export interface Looks {
  readonly engine: Promise<{ readonly look: EngineLook; readonly engine: Engine | undefined }>;
  readonly compose: Promise<ComposeLook>;
  /** Where Docker can be used at all. */
  readonly hasDocker: Promise<boolean>;
  /** Never rejects; undefined where the machine could not be looked over. */
  readonly facts: Promise<HostFacts | undefined>;
  /** The same for what is only good to have: it is not waited for long. */
  readonly soonFacts: Promise<HostFacts | undefined>;
}

const soonMs = 8_000;

export function beginLooks({ env, home }: Subject, signal: AbortSignal): Looks {
  const engine = lookAtEngine({ env, home });
  const compose = findCompose(env, signal);
  const facts = surveyThisMachine(env, signal).catch(() => undefined);
  const hasDocker = Promise.all([engine, compose]).then(
    ([{ look }, found]) => look.state === "answers" && !("code" in found),
  );
  // Whoever waits for them hears of their failure; nobody else need.
  for (const look of [engine, compose, hasDocker]) look.catch(() => {});
  return { engine, compose, hasDocker, facts, soonFacts: withinMs(soonMs, facts) };
}

async function lookAtEngine(search: Pick<Subject, "env" | "home">): ReturnType<() => Looks["engine"]> {
  const found = await findEngine(search);
  if (!found.available) {
    const isNamed = Boolean(search.env.DOCKER_HOST);
    return { look: { state: "absent", diagnostic: found.diagnostic, isNamed }, engine: undefined };
  }
  const { engine, version } = found;
  const { rootless } = await engine.info();
  const { description } = engine;
  return { look: { state: "answers", description, version, rootless }, engine };
}

/** Longest look at this machine. */
const surveyMs = 90_000;

/** As a host is looked over; what leads the docker command elsewhere is left out, since it asks each socket itself. */
function surveyThisMachine(env: Environment, signal: AbortSignal): Promise<HostFacts> {
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("DOCKER_")));
  return surveyHost(
    {
      name: "this machine",
      description: "here",
      timeoutMs: surveyMs,
      exec: (argv, options) => runCommand(argv, { ...options, env: own }),
    },
    { signal },
  );
}

import type { Host } from "../../contracts/hosts/host.ts";
import { checkDocker } from "./check.ts";
import { installDocker } from "./packages.ts";
import { type Preparation, PrepareError, type PrepareStep } from "./preparation.ts";
import { startEngine } from "./start-engine.ts";
import type { EngineAccess } from "./survey/access.ts";
import type { EngineFacts, HostFacts } from "./survey/facts.ts";
import { surveyHost } from "./survey/survey.ts";

export { PrepareError, type PrepareStep } from "./preparation.ts";

export interface PrepareOptions {
  readonly signal: AbortSignal;
  /** Told when a step begins, and again with whatever is worth saying of it. */
  readonly onStep: (step: PrepareStep, detail?: string) => void;
  /** What was found on it just before; default: it is looked over first. */
  readonly facts?: HostFacts | undefined;
  /** Between two attempts at the same thing. Default: 2 s. */
  readonly pauseMs?: number | undefined;
  /** How long an engine that was started may take to answer. Default: 60 s. */
  readonly startMs?: number | undefined;
  /** Folder that stands for "/" on the host; for tests. */
  readonly root?: string | undefined;
}

/** Downloads over a slow line, and the locks of others, included. */
const limitMs = 15 * 60_000;

/**
 * Makes sure that a host has a Docker engine that runs and may be used. A host that has it is left as it is; what
 * was done before an abort or a failure is not done again. The user is not put into the group docker, which would
 * count from the next login only: where the socket is not open to the user, root uses the engine.
 *
 * @throws PrepareError naming the host, the cause and the remedy; the signal's reason on abort
 */
export async function prepareHost(host: Host, options: PrepareOptions): Promise<EngineAccess> {
  const { onStep } = options;
  const limit = new AbortController();
  const timer = setTimeout(() => {
    limit.abort(new PrepareError(host, `it is not ready after ${limitMs / 60_000} minutes.`));
  }, limitMs);
  const signal = AbortSignal.any([options.signal, limit.signal]);
  const look = () => surveyHost(host, { signal, root: options.root });
  try {
    if (options.facts === undefined) onStep("survey");
    const facts = options.facts ?? (await look());
    refuse(facts);
    const engine = facts.docker.engine ?? (await bringUp(facts));
    onStep("ready", describeEngine(engine));
    return engine.access;
  } finally {
    clearTimeout(timer);
  }

  /** What nobody but the user can mend. */
  function refuse(facts: HostFacts): void {
    const [diagnostic] = checkDocker(facts, true, (code, what, remedy) => {
      return { code: `host-${code}`, message: `${what}. ${remedy}` };
    });
    if (diagnostic !== undefined) throw new PrepareError(host, diagnostic.message, { code: diagnostic.code });
  }

  async function bringUp(facts: HostFacts): Promise<EngineFacts> {
    const { pauseMs = 2000, startMs = 60_000, root = "" } = options;
    const preparation: Preparation = { host, facts, signal, onStep, pauseMs, startMs, root };
    const { clientPath, enginePath, snap } = facts.docker;
    if (clientPath === undefined || (enginePath === undefined && !snap)) await installDocker(preparation);
    await startEngine(preparation);
    const { docker } = await look();
    if (docker.engine !== undefined) return docker.engine;
    const why = docker.engineFailure ?? "the docker command is not found";
    throw new PrepareError(host, `its Docker engine was started and cannot be used: ${why}.`);
  }
}

function describeEngine({ access, version }: EngineFacts): string {
  return `Docker ${version}, ${access.kind === "sudo" ? "by sudo" : `at ${access.path}`}`;
}

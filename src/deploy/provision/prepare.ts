import type { Host } from "../../contracts/hosts/host.ts";
import { checkDocker } from "./check.ts";
import { installDocker } from "./packages.ts";
import { type Preparation, prepareError } from "./preparation.ts";
import { startEngine } from "./start-engine.ts";
import type { EngineAccess, HostFacts } from "./survey/facts.ts";
import { surveyHost } from "./survey/survey.ts";

export interface PrepareOptions
  extends Pick<Preparation, "signal" | "onStep">,
    Partial<Pick<Preparation, "pauseMs" | "startMs" | "root">> {}

/** Downloads over a slow line, and the locks of others, included. */
const limitMs = 15 * 60_000;

/**
 * Makes sure that a host has a Docker engine that runs and may be used. A host that has it is left as it is; what
 * was done before an abort or a failure is not done again. The user is not put into the group docker, which would
 * count from the next login only: where the socket is not open to the user, root uses the engine.
 *
 * @param found what was found on it just before
 * @returns what is found on it now, and how its engine is used
 * @throws HostError naming the host, the cause and the remedy; the signal's reason on abort
 */
export async function prepareHost(
  host: Host,
  found: HostFacts,
  { onStep, pauseMs = 2000, startMs = 60_000, root = "", ...options }: PrepareOptions,
): Promise<{ readonly facts: HostFacts; readonly access: EngineAccess }> {
  // What nobody but the user can mend.
  const [diagnostic] = checkDocker(found);
  if (diagnostic !== undefined) throw prepareError(host, diagnostic.message, diagnostic.code);
  const limit = new AbortController();
  const timer = setTimeout(() => {
    limit.abort(prepareError(host, `it is not ready after ${limitMs / 60_000} minutes.`));
  }, limitMs);
  const signal = AbortSignal.any([options.signal, limit.signal]);
  try {
    const preparation = { host, facts: found, signal, onStep, pauseMs, startMs, root };
    const facts = found.docker.engine === undefined ? await bringUp(preparation) : found;
    const { engine, engineFailure } = facts.docker;
    if (engine === undefined) {
      const why = engineFailure ?? "the docker command is not found";
      throw prepareError(host, `its Docker engine was started but cannot be used: ${why}.`);
    }
    const { access, version } = engine;
    const way = access.kind === "sudo" ? "with sudo" : `at ${access.path}`;
    onStep("ready", `Docker ${version}, ${way}`);
    return { facts, access };
  } finally {
    clearTimeout(timer);
  }
}

async function bringUp(preparation: Preparation): Promise<HostFacts> {
  const { host, facts, signal, root } = preparation;
  const { clientPath, enginePath, snap } = facts.docker;
  if (clientPath === undefined || (enginePath === undefined && !snap)) await installDocker(preparation);
  await startEngine(preparation);
  return await surveyHost(host, { signal, root });
}

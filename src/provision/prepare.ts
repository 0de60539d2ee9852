import type { Host } from "../contracts/host.ts";
import type { EngineAccess } from "./access.ts";
import type { HostFacts } from "./facts.ts";

/** What is being done to a host. */
export type PrepareStep =
  | "survey"
  | "wait-for-package-lock"
  | "repair-packages"
  | "refresh-packages"
  | "install-docker"
  | "start-docker"
  | "wait-for-docker"
  | "ready";

export interface PrepareOptions {
  readonly signal: AbortSignal;
  /** Told when a step begins, and again with whatever is worth saying of it. */
  readonly onStep: (step: PrepareStep, detail?: string) => void;
  /** What was found on it just before; default: it is looked over first. */
  readonly facts?: HostFacts | undefined;
}

/**
 * Makes sure that a host has a Docker engine that runs and may be used; a host that has it is left as it is.
 *
 * @throws PrepareError naming the host, the step and its cause; the signal's reason on abort
 */
export function prepareHost(_host: Host, _options: PrepareOptions): Promise<EngineAccess> {
  return Promise.reject(new Error("not written yet"));
}

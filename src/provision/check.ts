import type { Fault } from "../core/errors.ts";
import type { HostFacts } from "./facts.ts";

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

/** All that keeps a host from what is asked of it; empty where nothing does. */
export function checkFacts(_facts: HostFacts, _needs: HostNeeds): readonly Fault[] {
  throw new Error("not written yet");
}

/** What is worth saying about a host that is usable: a sentence each. */
export function noteFacts(_facts: HostFacts): readonly string[] {
  throw new Error("not written yet");
}

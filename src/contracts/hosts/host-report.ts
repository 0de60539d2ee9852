/** Reports on hosts outside of runs: of `hosts check`, `hosts prepare`, `hosts clean` and `links --probe`. */
import type { Diagnostic } from "../../core/errors.ts";

/** Told of each step of work that takes long: on what ("host0"), what is done, and more about it. */
export type OnStep = (subject: string, step: string, detail?: string) => void;

/** One fact for people, short enough for a column: ["Memory", "7.8 GiB"]. All hosts name theirs alike. */
export type HostFact = readonly [name: string, value: string];

/** How one host was found, or made. */
export interface HostReport {
  readonly name: string;
  /** "ubuntu@10.0.1.11:22". */
  readonly address: string;
  /** Empty where it could not be reached. */
  readonly facts: readonly HostFact[];
  /** What keeps nodes from running there; empty: it is ready. */
  readonly diagnostics: readonly Diagnostic[];
  /** What is worth knowing of a host that may be used all the same: a sentence each. */
  readonly notes: readonly string[];
  /** What was changed on it, in order; empty: nothing. */
  readonly steps: readonly string[];
}

/** The way from one host to another, as TCP handshakes measured it. */
export interface HostPath {
  readonly from: string;
  readonly to: string;
  /** Where the other one was tried: "10.0.1.11:22". */
  readonly at: string;
  /** Round trip of each handshake that succeeded, milliseconds. */
  readonly rttsMs: readonly number[];
  /** Why none did. */
  readonly why?: string | undefined;
}

/** What a run left on a machine. */
export interface RunLeftovers {
  readonly run: string;
  /** A living orchestrator still works with it: never removed. */
  readonly inUse: boolean;
  /** "container node0 (running)", "volume …": a line each. */
  readonly what: readonly string[];
}

/** What is ours on one host; its diagnostics say why it could not be looked at. */
export interface HostLeftovers extends Pick<HostReport, "name" | "address" | "diagnostics"> {
  readonly runs: readonly RunLeftovers[];
  /** Names of images that later runs would reuse. */
  readonly images: readonly string[];
}

/** What was removed from one host; its diagnostics say what could not be, and why. */
export interface HostRemoval extends Pick<HostReport, "name" | "diagnostics"> {
  readonly runs: readonly string[];
  readonly images: { readonly removed: readonly string[]; readonly inUse: readonly string[] };
}

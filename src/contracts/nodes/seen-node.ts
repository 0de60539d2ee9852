/** Nodes of runs, as whoever looks at a machine sees them: found there, not deployed by the command that asks. */
import type { Diagnostic } from "../../core/errors.ts";

export interface SeenNode {
  /** Id of the sweep. */
  readonly run: string;
  /** "node0". */
  readonly name: string;
  /** Host of a remote network; absent: this machine. */
  readonly host?: string | undefined;
  readonly runtime: "docker" | "process";
  readonly state: "up" | "paused" | "down";
  /** When it was made, wall time, milliseconds since 1970; absent where it does not run, or nobody knows. */
  readonly startedAtMs?: number | undefined;
  /** TCP ports of its machine that lead to it, ascending; absent where this system does not tell. */
  readonly ports?: readonly number[] | undefined;
  /** The living process that drives its run, for people; absent: nobody does. */
  readonly driver?: string | undefined;
  /** The last lines of its output, standard error included; it ends without a line break. */
  readonly readLog: (tailLines: number) => Promise<string>;
  /** The same, and what comes, piece by piece, through the node's restarts. Resolves when the node is gone, or on abort. */
  readonly followLog: (
    tailLines: number,
    onText: (text: string) => void,
    signal: AbortSignal,
  ) => Promise<void>;
}

export interface SeenNodes {
  readonly nodes: readonly SeenNode[];
  /** Which machines could not be looked at, and why. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Machines that are looked at. Disposing hangs up. */
export interface SeenMachines extends AsyncDisposable {
  readonly look: () => Promise<SeenNodes>;
}

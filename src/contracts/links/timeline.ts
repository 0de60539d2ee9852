/** What is done to nodes and links when, compiled for one network: absolute, in order, without selectors. Plain data. */
import type { Position } from "./ground.ts";
import type { LinkChange } from "./shaping.ts";

/** crash: SIGKILL. restart: started on its old home. pause: SIGSTOP (or its container's freezer). resume: it goes on. */
export const nodeActions = ["crash", "restart", "pause", "resume"] as const;
export type NodeAction = (typeof nodeActions)[number];

export const linkActions = ["set", "ramp", "partition", "isolate", "flap", "move", "heal"] as const;
export type LinkAction = (typeof linkActions)[number];

interface Step {
  /** Milliseconds since the start of the window. */
  readonly atMs: number;
  /** Of the entry of the file that it comes from: "timeline.yaml:12", or the flag. */
  readonly place?: string | undefined;
}

export interface NodeStep extends Step {
  readonly kind: "nodes";
  readonly action: NodeAction;
  /** Places in the committee, from 0. */
  readonly nodes: readonly number[];
  /** A crash of `--faults`: nodes that crashed before it are waited for. Others come at their time. */
  readonly waits?: true | undefined;
}

/** One change of links; of an action that lasts there are several, the last of which undoes it, or sets what stays. */
export interface LinkStep extends Step {
  readonly kind: "links";
  readonly action: LinkAction;
  readonly stage: "begin" | "step" | "end";
  /** For people: "node0, node1 | node2, node3". */
  readonly what: string;
  /** A person did it by hand while the run went on. */
  readonly isManual?: true | undefined;
  /** Of the links that change, as they are from then on. Empty where other actions hide what this one does. */
  readonly changes: readonly LinkChange[];
  /** Of a step of a move: where all nodes are then, in the order of the matrix. */
  readonly positions?: readonly (Position | undefined)[] | undefined;
}

export type TimelineStep = NodeStep | LinkStep;

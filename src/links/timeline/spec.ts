import type { ShapeChange } from "../../contracts/links/shape.ts";
import type { NodeAction } from "../../contracts/links/timeline.ts";
import type { Movement } from "../ground/motion.ts";

/** Nodes by name, group or region; "all"; or so many at random. What is named twice counts once. */
export type Selector = readonly (string | RandomNodes)[];

export interface RandomNodes {
  readonly count: number;
  readonly seed: string;
}

/** Links in one direction; or both directions: between several groups of nodes, or within a single one. */
export type LinkSelector =
  | { readonly kind: "directed"; readonly from: Selector; readonly to: Selector }
  | { readonly kind: "between"; readonly groups: readonly Selector[] };

export type TimelineAction =
  | { readonly kind: NodeAction; readonly nodes: Selector }
  | { readonly kind: "partition"; readonly groups: readonly Selector[] }
  | { readonly kind: "isolate"; readonly nodes: Selector }
  | {
      readonly kind: "set" | "ramp";
      readonly change: ShapeChange;
      readonly text: string;
      readonly links: LinkSelector;
    }
  | { readonly kind: "flap"; readonly nodes: Selector; readonly upMs: number; readonly downMs: number }
  | {
      readonly kind: "move";
      readonly nodes: Selector;
      readonly movement: Movement;
      /** "to [100, 0]" */
      readonly text: string;
    }
  | { readonly kind: "heal" };

/** An entry of a timeline, checked, in the units of the code. */
export interface TimelineItem {
  /** Milliseconds since the start of the window. */
  readonly atMs: number;
  /** undefined: it lasts. */
  readonly forMs?: number | undefined;
  readonly everyMs?: number | undefined;
  /** With everyMs: it begins before this. */
  readonly untilMs?: number | undefined;
  readonly action: TimelineAction;
}

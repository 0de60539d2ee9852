/** Events for the live map: emulated links, positions of nodes, and paths through a network under test. Plain JSON. */
import type { NodeName } from "../nodes/node.ts";
import type { Position, Space } from "./ground.ts";

/**
 * A link in one direction: places of both ends among the nodes, delay in milliseconds, share of packets that are lost
 * (0 to 1), bits per second (null: no limit), and whether nothing passes.
 */
export type LiveLink = readonly [
  from: number,
  to: number,
  delayMs: number,
  lossRatio: number,
  rateBps: number | null,
  isDown: boolean,
];

/** What is emulated from a moment on. The first one of a run is whole; each later one has what has changed since. */
export interface LiveGround {
  /** When it was asked for, seconds since the start of the window; 0: before anything changed. */
  readonly second: number;
  /** When the last machine said that it holds; absent of the first one. */
  readonly inForceSecs?: number;
  /** Names of the nodes, in the first one. */
  readonly nodes?: readonly NodeName[];
  /** In the first one, where nodes have positions. */
  readonly space?: Space;
  /** Of each node; null: it has none. Absent: as before, or no node has one. */
  readonly positions?: readonly (Position | null)[];
  readonly links: readonly LiveLink[];
}

/** A link as a host of the network under test sees it. */
export interface LiveViewedLink {
  readonly from: NodeName;
  readonly to: NodeName;
  /** In the network's own unit, lower is better; absent: the network calls it unusable. */
  readonly cost?: number;
  /** Share of what the other end sent that arrived, 0 to 1, where the network tells. */
  readonly receivedRatio?: number;
}

/** What the hosts of a network under test say of it from a moment on, whole. */
export interface LiveView {
  /** Seconds since the start of the window, about: hosts are asked every second. */
  readonly second: number;
  /** Of each flow, as the routes of the hosts lead it. */
  readonly paths: readonly { readonly flow: string; readonly nodes: readonly NodeName[] }[];
  readonly links: readonly LiveViewedLink[];
}

/** Where nodes are, and how the shapes of links follow from the distances between them. */
import { type Of, record } from "../../core/documents/form.ts";
import { amount, choice, given, list, measured, positive, text } from "../../core/documents/form-values.ts";
import type { LinkShape, ShapeChange } from "./shape.ts";

/** plane: metres, x and y, or x, y and z. earth: degrees, longitude and latitude. */
export const spaces = ["plane", "earth"] as const;
export type Space = (typeof spaces)[number];

/** Two numbers or three, as the space says. */
export type Position = readonly number[];

/** From this distance on, up to the next point, where values between two points are in proportion. */
export interface QualityPoint {
  readonly distanceM: number;
  readonly change: ShapeChange;
}

/** As documents hold them: a node without a position has an empty one. */
export const writtenPositions = (positions: readonly (Position | undefined)[]): number[][] =>
  positions.map((position) => [...(position ?? [])]);

/** Links of one kind: radio, wire. */
export interface GroundLayer {
  /** undefined: it is the only one, or that of all other links. */
  readonly name?: string | undefined;
  /** By rising distance. */
  readonly quality: readonly QualityPoint[];
}

/** Plain data. Nodes stand in the order of the matrix that it belongs to. */
export interface Ground {
  readonly space: Space;
  /** Between two changes of links whose nodes move, milliseconds. */
  readonly tickMs: number;
  /** At first. undefined: a node without a position, whose links no distance changes. */
  readonly positions: readonly (Position | undefined)[];
  readonly layers: readonly GroundLayer[];
  /** `layerOf[from][to]`: place of the layer by which a link follows from the distance; undefined: it does not. */
  readonly layerOf: readonly (readonly (number | undefined)[])[];
  /** `base[from][to]`: shapes before that. */
  readonly base: readonly (readonly (LinkShape | undefined)[])[];
}

const place = list(
  "Metres x, y (and z), or degrees of longitude and latitude; empty if the node has no position.",
  given("A coordinate.", {}),
);
const places = list("Of each node, in the order of nodes.", place);

const moveForm = record("All links that nodes' moves changed at one moment, and where the nodes were then.", {
  askedSecs: amount("Scheduled time, seconds since the start of the window."),
  inForceSecs: measured(
    "When the last machine confirmed the changes, seconds since the start of the window; omitted if one did not.",
  ).optional(),
  positions: places,
});
export interface MoveRecord extends Of<typeof moveForm> {}

export const groundForm = record("Where nodes were in the window, and when.", {
  space: choice("plane: metres. earth: degrees of longitude and latitude.", spaces),
  tickMs: positive("Time between two changes of links, milliseconds."),
  nodes: list(
    "All nodes.",
    record("A node.", {
      name: text("Its name."),
      group: text("Role of its group."),
      region: text("Its region; omitted if it has none.").optional(),
    }),
  ),
  start: places.as("At the start of the window. Of each node, in the order of nodes."),
  moves: list("In order.", moveForm),
});
export interface GroundRecord extends Of<typeof groundForm> {}

import type { Ground } from "./ground.ts";
import type { LinkShape } from "./shape.ts";

/** A node, as far as links ask. */
export interface LinkNode {
  /** Unique: "node0". */
  readonly name: string;
  /** Role of its group: "validator". */
  readonly group: string;
  /** Name of its host; undefined: the machine that runs Baleen. */
  readonly host?: string | undefined;
  /** The region with which that host is labelled. */
  readonly hostRegion?: string | undefined;
  /** It is outside of every topology. */
  readonly isApart?: true | undefined;
}

export interface PlacedNode extends LinkNode {
  /** undefined: the links have no regions. */
  readonly region?: string | undefined;
}

/** The shape of every ordered pair of nodes. Plain data. */
export interface LinkMatrix {
  readonly nodes: readonly PlacedNode[];
  /** In the order in which the links name them; those without a node too. */
  readonly regions: readonly string[];
  /** `shapes[from][to]`, by the places of `nodes`; undefined for a node and itself. */
  readonly shapes: readonly (readonly (LinkShape | undefined)[])[];
  /** Between two different nodes of two regions: `regionShapes[from][to]`, by the places of `regions`. */
  readonly regionShapes: readonly (readonly LinkShape[])[];
  /** Of what goes between clients and nodes, either way; undefined: not shaped. */
  readonly clients?: LinkShape | undefined;
  /** undefined: nodes have no positions. `shapes` are those at the positions of the beginning. */
  readonly ground?: Ground | undefined;
}

/** What a map of links says of itself. */
export interface LinksTitle {
  readonly title?: string | undefined;
  /** Where its figures come from … */
  readonly source?: string | undefined;
  /** … and their date: "2023-11-29". */
  readonly date?: string | undefined;
  /** What else to know of them. */
  readonly note?: string | undefined;
}

import type { Ground, GroundLayer, Position, Space } from "../contracts/links/ground.ts";
import type { LinksTitle } from "../contracts/links/matrix.ts";
import type { ShapeChange } from "../contracts/links/shape.ts";
import type { Path } from "../core/documents/schema-issues.ts";
import type { Topology } from "./topology.ts";

/** What is set for one direction between two regions, groups or nodes. */
export interface PairChange {
  readonly from: string;
  readonly to: string;
  readonly change: ShapeChange;
  /** Where it stands in the file. */
  readonly path: Path;
}

export type RegionAssignment =
  | { readonly by: "round-robin" }
  /** As the hosts are labelled. */
  | { readonly by: "host-regions" }
  /** Of the first node, the second, and so on. */
  | { readonly by: "list"; readonly regions: readonly string[] }
  | { readonly by: "hosts"; readonly regionOf: ReadonlyMap<string, string> };

/** A links file, checked, in the units of the code. It does not know yet which nodes there are. */
export interface LinksSpec extends LinksTitle {
  readonly default: ShapeChange;
  readonly regions: readonly string[];
  readonly assignment: RegionAssignment;
  readonly regionPairs: readonly PairChange[];
  readonly groupPairs: readonly PairChange[];
  readonly nodePairs: readonly PairChange[];
  /** undefined: traffic of clients is not shaped. */
  readonly clients?: ShapeChange | undefined;
  readonly topology: Topology;
  /** undefined: nodes have no positions. */
  readonly ground?: GroundSpec | undefined;
}

/** Where nodes are at first, and what distances do to their links. */
export interface GroundSpec extends Pick<Ground, "tickMs"> {
  readonly space: Space;
  readonly positions: ReadonlyMap<string, Position>;
  /** In the order of the file: a pair is of the first that names it. */
  readonly layers: readonly LayerSpec[];
}

export interface LayerSpec extends GroundLayer {
  /** Pairs of these nodes; or these pairs; both absent: all pairs. */
  readonly nodes?: readonly string[] | undefined;
  readonly edges?: readonly (readonly [string, string])[] | undefined;
  /** Where it stands in the file. */
  readonly path: Path;
}

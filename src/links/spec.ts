import type { LinksTitle } from "../contracts/links/matrix.ts";
import type { JitterDistribution, LinkShape } from "../contracts/links/shape.ts";
import type { Path } from "../core/documents/schema-issues.ts";
import type { Topology } from "./topology.ts";

/** What one place of a links file sets; the rest is inherited. A key that is there with undefined sets "none". */
export interface ShapeChange extends Partial<Omit<LinkShape, "jitter">> {
  /** Standard deviation, milliseconds. */
  readonly jitterMs?: number;
  readonly jitterDistribution?: JitterDistribution | "none";
}

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
}

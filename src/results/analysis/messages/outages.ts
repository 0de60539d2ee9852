/** Disturbances of peers, by what was done to nodes and links, as it is published. Pure. */
import { endOfFault, type FaultOutcome, type NodeOutcome } from "../../../contracts/results/faults.ts";
import type { LinkChangeOutcome } from "../../../contracts/results/links/link-changes.ts";
import { rounded } from "../../../core/documents/numbers.ts";
import type { Disturbance } from "./resync.ts";

interface Done {
  readonly faults: readonly FaultOutcome[];
  readonly linkChanges: readonly LinkChangeOutcome[];
}

/** Those that ended. Of links every peer is concerned: it may lack what another one could not send. */
export function disturbancesOf({ faults, linkChanges }: Done, windowSecs: number): Disturbance[] {
  const ofNodes = faults.flatMap(({ node, action, effectiveSecs: fromSecs }, index) => {
    const end = endOfFault(faults, index);
    // From its restart on: a peer that answers may have caught up already.
    const toSecs = end?.effectiveSecs === undefined ? undefined : end.issuedSecs;
    if (fromSecs === undefined || toSecs === undefined) return [];
    const cause = action === "crash" ? ("crash" as const) : ("pause" as const);
    return [{ cause, nodes: [node], ...span(fromSecs, toSecs) }];
  });
  const ofLinks = linkChanges.flatMap(({ action, what, stage, effectiveSecs: fromSecs }, index) => {
    // A ramp ends at what stays; what it does on the way is no outage that ends.
    if (stage !== "begin" || action === "ramp" || fromSecs === undefined) return [];
    const end = linkChanges
      .slice(index + 1)
      .find(
        (later) =>
          later.action === "heal" ||
          (later.stage === "end" && later.action === action && later.what === what),
      );
    const toSecs = end === undefined ? windowSecs : end.effectiveSecs;
    return toSecs === undefined ? [] : [{ cause: "links" as const, ...span(fromSecs, toSecs) }];
  });
  return [...ofNodes, ...ofLinks];
}

/** As it is published, so that whoever reads it comes to the same. */
const span = (fromSecs: number, toSecs: number) => ({ fromSecs: rounded(fromSecs), toSecs: rounded(toSecs) });

/** Nodes that were down when the run ended: crashed on purpose and not back, or ended by themselves. */
export function downAtEnd(
  faults: readonly Pick<FaultOutcome, "node" | "action" | "effectiveSecs">[],
  nodes: readonly Pick<NodeOutcome, "name" | "exitedUnasked">[],
): ReadonlySet<string> {
  const down = new Set(nodes.filter(({ exitedUnasked }) => exitedUnasked).map(({ name }) => name));
  for (const { node, action, effectiveSecs } of faults) {
    if (effectiveSecs === undefined) continue;
    if (action === "crash") down.add(node);
    if (action === "recover") down.delete(node);
  }
  return down;
}

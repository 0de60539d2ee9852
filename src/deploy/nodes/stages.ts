/** Starting the nodes of a plan in stages, wherever they are. */
import type { DeploymentPlan } from "../../contracts/deployment.ts";
import type { Endpoint, NodeName, Plane } from "../../contracts/nodes/node.ts";
import { mapBounded } from "../../core/async.ts";
import { type ExportingNode, type ExportStore, openExports, orderGroups, readExports } from "./exports.ts";
import type { GroupedNode } from "./planned.ts";

/** Nodes that start at the same time. */
export interface Stage<Node extends GroupedNode> {
  readonly nodes: readonly Node[];
  /** What the nodes before them have told. */
  readonly exports: ExportStore;
  readonly isFirst: boolean;
  readonly isOnly: boolean;
}

interface StagedStart<Node extends GroupedNode> {
  readonly plan: DeploymentPlan;
  readonly nodes: readonly Node[];
  /** Configures, makes and starts some nodes. */
  readonly start: (stage: Stage<Node>) => Promise<void>;
  readonly find: (name: NodeName) => ExportingNode | undefined;
  /** Where a node's plane is, as seen from here. */
  readonly at: (name: NodeName, plane: Plane) => Endpoint;
  readonly signal: AbortSignal;
}

const readsAtOnce = 16;
/** A node that has not told all that it exports by then never will. */
const exportTimeoutMs = 60_000;

/**
 * Starts all nodes, those of later groups once the ones before them have told what they export.
 *
 * @throws ConfigurationError where groups wait for each other; ExportMissingError
 */
export async function startInStages<Node extends GroupedNode>(work: StagedStart<Node>): Promise<void> {
  const stages = orderGroups(work.plan);
  const exports = openExports(work.plan);
  for (const [at, groups] of stages.entries()) {
    work.signal.throwIfAborted();
    const nodes = work.nodes.filter(({ group }) => groups.includes(group));
    await work.start({ nodes, exports, isFirst: at === 0, isOnly: stages.length === 1 });
    work.signal.throwIfAborted();
    const exporting = nodes.filter(({ group }) => Object.keys(group.exports ?? {}).length > 0);
    await mapBounded(exporting, readsAtOnce, async ({ name, group }) => {
      const node = work.find(name);
      if (node === undefined) return;
      const options = { timeoutMs: exportTimeoutMs, signal: work.signal };
      exports.keep(name, await readExports(node, group.exports, (plane) => work.at(name, plane), options));
    });
  }
}

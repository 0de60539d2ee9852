/** Starting the nodes of a plan in stages, in containers wherever they are. */
import type { DeploymentPlan, NodeGroup } from "../../contracts/deployment.ts";
import type { Endpoint, NodeName, Plane } from "../../contracts/nodes/node.ts";
import { mapBounded } from "../../core/async.ts";
import {
  type ExportStore,
  exportTimeoutMs,
  openExports,
  orderGroups,
  readExports,
} from "../nodes/exports.ts";
import type { GroupedNode } from "../nodes/planned.ts";
import type { DockerNode } from "./node.ts";

/** Nodes that start at the same time. */
export interface Stage<Node extends GroupedNode> {
  readonly nodes: readonly Node[];
  /** What the nodes before them have told. */
  readonly exports: ExportStore;
  readonly isFirst: boolean;
  readonly isOnly: boolean;
}

export interface StagedStart<Node extends GroupedNode> {
  readonly plan: DeploymentPlan;
  readonly nodes: readonly Node[];
  /** Configures, makes and starts the containers of some nodes. */
  readonly start: (stage: Stage<Node>) => Promise<void>;
  readonly find: (name: NodeName) => DockerNode | undefined;
  /** Where a node's plane is, as seen from here. */
  readonly at: (name: NodeName, plane: Plane) => Endpoint;
  readonly signal: AbortSignal;
}

const readsAtOnce = 16;

/**
 * Starts all nodes, those of later groups once the ones before them have told what they export.
 *
 * @throws ConfigurationError where groups wait for each other; ExportMissingError
 */
export async function startInStages<Node extends GroupedNode>(work: StagedStart<Node>): Promise<void> {
  const stages = orderGroups(work.plan);
  const exports = openExports(work.plan);
  for (const [at, groups] of stages.entries()) {
    const nodes = work.nodes.filter(({ group }) => groups.includes(group));
    await work.start({ nodes, exports, isFirst: at === 0, isOnly: stages.length === 1 });
    work.signal.throwIfAborted();
    await mapBounded(nodes.filter(notifies), readsAtOnce, async ({ name, group }) => {
      const node = work.find(name);
      if (node === undefined) return;
      const options = { timeoutMs: exportTimeoutMs, signal: work.signal };
      exports.keep(name, await readExports(node, group.exports, (plane) => work.at(name, plane), options));
    });
  }
}

function notifies({ group }: { readonly group: NodeGroup }): boolean {
  return Object.keys(group.exports ?? {}).length > 0;
}

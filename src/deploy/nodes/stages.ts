/** Starting the nodes of a plan in stages, wherever they are, and hearing of those that end. */
import type {
  DeploymentPlan,
  Network,
  NodeExit,
  NodeGroup,
  PlacementView,
} from "../../contracts/deployment.ts";
import type { Endpoint, NodeName, Plane } from "../../contracts/nodes/node.ts";
import { mapBounded } from "../../core/async.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { suggestion } from "../../core/text/nearest.ts";
import { type ExportingNode, readExports } from "./exports.ts";
import { type GroupedNode, listPlannedNodes, orderGroups } from "./planned.ts";

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
 * @throws ConfigurationError where groups wait for each other; BaleenError "export-missing"
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

/** What the nodes of a network have told so far. */
export type ExportStore = ReturnType<typeof openExports>;

/** Opens an empty store for what the nodes of a plan will tell. */
export function openExports(plan: Pick<DeploymentPlan, "groups">) {
  const nodes = new Map(listPlannedNodes(plan).map((node) => [node.name, node]));
  const reported = new Map<NodeName, ReadonlyMap<string, string>>();
  return {
    keep: (node: NodeName, values: ReadonlyMap<string, string>) => void reported.set(node, values),
    /** `PlacementView.exported` for the nodes of a group. */
    seenBy: (group: NodeGroup): PlacementView["exported"] => {
      const before = listPredecessors(plan, group);
      return (node, name) => {
        const other = nodes.get(node);
        if (other === undefined) throw new InvalidArgumentError(`The network has no ${node}.`);
        if (!before.has(other.role)) {
          throw new InvalidArgumentError(
            `Nodes of role ${group.role} cannot know what ${node} exports: make them start after ${other.role}.`,
          );
        }
        const value = reported.get(node)?.get(name);
        if (value !== undefined) return value;
        const known = Object.keys(other.group.exports ?? {});
        throw new InvalidArgumentError(`${node} exports no ${name}.${suggestion(name, known)}`);
      };
    },
  };
}

/** Roles that a group starts after, also by way of others. */
function listPredecessors(plan: Pick<DeploymentPlan, "groups">, group: NodeGroup): ReadonlySet<string> {
  const roles = new Set(group.startAfter);
  for (const role of roles) {
    for (const other of plan.groups) {
      if (other.role === role) for (const further of other.startAfter ?? []) roles.add(further);
    }
  }
  return roles;
}

/** The nodes of a network that ended without being asked to. */
export type Exits = ReturnType<typeof openExits>;

/** Tells every exit to every listener, also those from before anybody listened. */
export function openExits() {
  const reported: NodeExit[] = [];
  const listeners = new Set<(exit: NodeExit) => void>();
  const notify = (exit: NodeExit): void => {
    reported.push(exit);
    for (const listener of [...listeners]) listener(exit);
  };
  const listen: Network["onExit"] = (listener) => {
    for (const exit of reported) listener(exit);
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return { notify, listen };
}

import { join } from "node:path";
import type {
  DeploymentPlan,
  DeployOptions,
  NodeExit,
  PlacementView,
  Program,
} from "../../contracts/deployment.ts";
import type { Plane } from "../../contracts/nodes/node.ts";
import { mapBounded } from "../../core/async.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { exportTimeoutMs, openExports, orderGroups, readExports } from "../nodes/exports.ts";
import { type GroupedNode, listPlannedNodes } from "../nodes/planned.ts";
import type { Addresses } from "./addresses.ts";
import { findPortConflict, type PortConflict } from "./conflicts.ts";
import { forgetLog, writeNodeFiles } from "./folder.ts";
import type { LifeLine } from "./life-line.ts";
import { createProcessNode, type ProcessNode } from "./node.ts";

/** Where and how nodes run. */
export interface ProcessPlace {
  readonly addresses: Addresses;
  readonly folder: string;
  readonly nodeBinary: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For programs that were made elsewhere. */
  readonly lifeLine: LifeLine;
  readonly onUnexpectedExit: (exit: NodeExit) => void;
}

/** The nodes of a plan, in its order, or why they do not run. */
export type StartOutcome =
  | { readonly state: "started"; readonly nodes: readonly ProcessNode[] }
  | { readonly state: "conflict"; readonly conflict: PortConflict };

/** Between SIGTERM and SIGKILL of a node when its network ends. */
const graceMs = 2000;
const preparedAtOnce = 8;

/**
 * Configures and starts the nodes of a plan, each group after those that it names. Unless all is well, none runs at
 * the end.
 *
 * @throws ExportMissingError, CommandError; ConfigurationError where groups cannot be put in order
 */
export async function startNodes(
  plan: DeploymentPlan,
  place: ProcessPlace,
  options: Pick<DeployOptions, "signal" | "emit">,
): Promise<StartOutcome> {
  const { signal } = options;
  const planned = listPlannedNodes(plan);
  const exports = openExports(plan);
  const started = new Map<string, ProcessNode>();
  let conflict: PortConflict | undefined;
  let kept = false;
  try {
    for (const stage of orderGroups(plan)) {
      signal.throwIfAborted();
      const members = planned.filter(({ group }) => stage.includes(group));
      const nodes = await mapBounded(members, preparedAtOnce, (node) =>
        prepareNode(node, { planned, place, exported: exports.seenBy(node.group) }),
      );
      for (const node of nodes) started.set(node.name, node);
      await Promise.all(nodes.map((node) => node.start()));
      conflict = await findPortConflict(nodes, place.addresses, options);
      if (conflict !== undefined) return { state: "conflict", conflict };
      await mapBounded(nodes, nodes.length, async (node, index) => {
        const at = (plane: Plane) => place.addresses.of(node.name, plane);
        const limits = { timeoutMs: exportTimeoutMs, signal };
        exports.keep(node.name, await readExports(node, members[index]?.group.exports, at, limits));
      });
    }
    kept = true;
    return { state: "started", nodes: planned.flatMap(({ name }) => started.get(name) ?? []) };
  } finally {
    if (!kept) await retireNodes([...started.values()]);
  }
}

/** Ends all nodes for good; returns those that could not be ended. */
export async function retireNodes(nodes: readonly ProcessNode[]): Promise<ProcessNode[]> {
  await Promise.allSettled(nodes.map((node) => node.retire({ graceMs })));
  return nodes.filter((node) => node.pid() !== undefined);
}

/** Lays a node's files and says how it is started, then and after each crash. */
async function prepareNode(
  { name, role, index, group }: GroupedNode,
  around: {
    readonly planned: readonly GroupedNode[];
    readonly place: ProcessPlace;
    readonly exported: PlacementView["exported"];
  },
): Promise<ProcessNode> {
  const { place, planned, exported } = around;
  const home = join(place.folder, name);
  const { args, files, env } = group.configure(
    { name, role, index },
    {
      home,
      nodes: planned.map((node) => ({ name: node.name, role: node.role, index: node.index })),
      endpoint: place.addresses.of,
      listen: (plane) => place.addresses.of(name, plane),
      exported,
    },
  );
  await writeNodeFiles(home, files);
  await forgetLog(place.folder, name);
  return createProcessNode({
    node: { name, role, index },
    argv: argvOf(group.program, args, place),
    env: { ...place.env, ...env },
    folder: place.folder,
    onUnexpectedExit: place.onUnexpectedExit,
    onStart: group.program.kind === "foreign-program" ? place.lifeLine.guard : undefined,
  });
}

/** A program of ours ends with its standard input; one that was made elsewhere needs a life line. */
function argvOf(
  program: Program,
  args: readonly string[],
  { nodeBinary, lifeLine }: ProcessPlace,
): readonly string[] {
  if (program.kind === "node-program") {
    return [nodeBinary, join(program.root, program.entry), ...args, "--exit-with-parent"];
  }
  if (program.path === undefined) throw new InvalidArgumentError(`${program.name} has no file to start.`);
  return lifeLine.argvOf([program.path, ...args]);
}

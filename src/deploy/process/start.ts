import { join } from "node:path";
import type { DeploymentPlan, DeployOptions, PlacementView, Program } from "../../contracts/deployment.ts";
import { mapBounded } from "../../core/async.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { removeLog } from "../nodes/log-file.ts";
import { type GroupedNode, listPlannedNodes } from "../nodes/planned.ts";
import { type Stage, startInStages } from "../nodes/stages.ts";
import { type Addresses, untilListening } from "./addresses.ts";
import { logFileOf, writeNodeFiles } from "./folder.ts";
import type { LifeLine } from "./life-line.ts";
import type { ProcessLinks } from "./links.ts";
import { createProcessNode, type ProcessNode, type ProcessNodeOptions } from "./node.ts";

export interface ProcessPlace extends Pick<ProcessNodeOptions, "env" | "folder" | "onUnexpectedExit"> {
  readonly addresses: Addresses;
  readonly nodeBinary: string;
  /** For programs that were made elsewhere. */
  readonly lifeLine: LifeLine;
  /** undefined: nothing lies between the nodes. */
  readonly links?: Pick<ProcessLinks, "endpoint" | "argvOf" | "overlay"> | undefined;
}

/** Between SIGTERM and SIGKILL of a node when its network ends. */
const graceMs = 2000;
const preparedAtOnce = 8;

/**
 * Configures and starts the nodes of a plan, each group after those that it names. Unless all is well, none runs at
 * the end.
 *
 * @returns them in the plan's order
 * @throws PortConflictError, BaleenError "export-missing", CommandError; ConfigurationError where groups cannot be put
 *   in order
 */
export async function startNodes(
  plan: DeploymentPlan,
  place: ProcessPlace,
  options: Pick<DeployOptions, "signal" | "emit">,
): Promise<ProcessNode[]> {
  const planned = listPlannedNodes(plan);
  const view = planned.map(({ name, role, index }) => ({ name, role, index }));
  const started = new Map<string, ProcessNode>();
  const { signal } = options;
  const start = async ({ nodes: members, exports }: Stage<GroupedNode>) => {
    const nodes = await mapBounded(members, preparedAtOnce, (node) =>
      prepareNode(node, place, { nodes: view, exported: exports.seenBy(node.group) }),
    );
    for (const node of nodes) started.set(node.name, node);
    await Promise.all(nodes.map((node) => node.start()));
    await untilListening(nodes, place.addresses, options);
  };
  try {
    const find = (name: string) => started.get(name);
    await startInStages({ plan, nodes: planned, start, find, at: place.addresses.of, signal });
    return planned.flatMap(({ name }) => started.get(name) ?? []);
  } catch (error) {
    await retireNodes([...started.values()]);
    throw error;
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
  place: ProcessPlace,
  known: Pick<PlacementView, "nodes" | "exported">,
): Promise<ProcessNode> {
  const node = { name, role, index };
  const home = join(place.folder, name);
  const { args, files, env } = group.configure(node, {
    ...known,
    home,
    endpoint: (target, plane) =>
      place.links?.endpoint(target, name, plane) ?? place.addresses.of(target, plane),
    listen: (plane) => place.addresses.of(name, plane),
    overlay: place.links?.overlay,
  });
  await writeNodeFiles(home, files);
  // What it said in an earlier attempt would be taken for what it exports.
  await removeLog(logFileOf(place.folder, name));
  const argv = argvOf(group.program, args, place);
  return createProcessNode({
    ...place,
    node,
    argv: place.links?.argvOf(name, argv) ?? argv,
    env: { ...place.env, ...env },
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
    const { nodeFlags = [], root, entry } = program;
    return [nodeBinary, ...nodeFlags, join(root, entry), ...args, "--exit-with-parent"];
  }
  if (program.path === undefined) throw new InvalidArgumentError(`${program.name} has no file to start.`);
  return lifeLine.argvOf([program.path, ...args]);
}

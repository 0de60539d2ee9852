/** Machines and nodes of a run, second by second. */
import type { BaleenEvent } from "../../contracts/events.ts";
import type { HostSecond, NodeSecond } from "../../contracts/hosts/host-load.ts";
import type { NodeHealth } from "./node-health.ts";

export interface NodeState extends NodeSecond {
  health: NodeHealth;
  /** How often it was started again. */
  restarts: number;
  cpuRatio?: number | undefined;
  memoryBytes?: number | undefined;
}

/** One second of the nodes, each list in the order of `RunState.nodes`; null where nothing is known. */
export interface NodesSecond {
  readonly second: number;
  readonly cpuRatios: (number | null)[];
  readonly memoryBytes: (number | null)[];
}

export interface MachineState {
  readonly name: string;
  /** The latest last. */
  readonly seconds: HostSecond[];
}

/** What of a run is about its machines. */
export interface MachinesState {
  readonly machines: MachineState[];
  readonly nodes: NodeState[];
  readonly nodeSeconds: NodesSecond[];
}

/** The most that is kept; of what grows, the latest. */
export const mostKept = {
  seconds: 10_000,
  /** Values of nodes in `nodeSeconds`: with 100 nodes, 1,000 seconds. */
  nodeValues: 100_000,
  nodes: 1_000,
  machines: 200,
  changes: 1_000,
  runs: 2_000,
  logLines: 500,
} as const;

/** Keeps the latest `most`. */
export function push<Item>(list: Item[], item: Item, most: number): void {
  list.push(item);
  if (list.length > most) list.splice(0, list.length - most);
}

export const newNode = (node: string): NodeState => ({ node, health: "starting", restarts: 0 });

/** The node of that name, which is made if there is room; undefined where there is none. */
export function nodeOf(run: MachinesState, name: string): NodeState | undefined {
  const known = run.nodes.find(({ node }) => node === name);
  if (known !== undefined || run.nodes.length >= mostKept.nodes) return known;
  const node = newNode(name);
  run.nodes.push(node);
  return node;
}

/** The body of an event. */
export const withoutEnvelope = <Event extends BaleenEvent>({
  v: _v,
  run: _run,
  source: _source,
  seq: _seq,
  t: _t,
  type: _type,
  ...body
}: Event) => body;

/** Takes a second of a machine, and of the nodes on it. */
export function observeMachine(
  run: MachinesState,
  event: Extract<BaleenEvent, { readonly type: "machine-second" }>,
): void {
  const { nodes = [], ...second } = withoutEnvelope(event);
  let machine = run.machines.find(({ name }) => name === second.host);
  if (machine === undefined && run.machines.length < mostKept.machines) {
    machine = { name: second.host, seconds: [] };
    run.machines.push(machine);
  }
  if (machine !== undefined) push(machine.seconds, second, Math.ceil(mostKept.seconds / run.machines.length));
  if (nodes.length === 0) return;
  const places = new Map(run.nodes.map(({ node }, place) => [node, place]));
  const row = rowOf(run, second.second);
  for (const { node: name, cpuRatio, memoryBytes } of nodes) {
    const node = nodeOf(run, name);
    if (node === undefined) continue;
    Object.assign(node, { cpuRatio, memoryBytes });
    // Machines tell of a network that is ready; no event does so of its helpers.
    if (node.health === "starting" && memoryBytes !== undefined) node.health = "up";
    const place = places.get(name) ?? run.nodes.indexOf(node);
    put(row.cpuRatios, place, cpuRatio);
    put(row.memoryBytes, place, memoryBytes);
  }
}

function put(list: (number | null)[], place: number, value: number | undefined): void {
  while (list.length < place) list.push(null);
  list[place] = value ?? null;
}

/** Machines tell of one second after each other, and a slow one of an earlier second. */
function rowOf(run: MachinesState, second: number): NodesSecond {
  const found = run.nodeSeconds.findLast((row) => row.second <= second);
  if (found?.second === second) return found;
  const row: NodesSecond = { second, cpuRatios: [], memoryBytes: [] };
  run.nodeSeconds.splice(found === undefined ? 0 : run.nodeSeconds.indexOf(found) + 1, 0, row);
  const most = Math.max(1, Math.floor(mostKept.nodeValues / Math.max(1, run.nodes.length)));
  if (run.nodeSeconds.length > most) run.nodeSeconds.splice(0, run.nodeSeconds.length - most);
  return row;
}

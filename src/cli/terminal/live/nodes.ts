/** How the nodes are. Pure. */
import type { BaleenEvent, EventBody, PassingBody } from "../../../contracts/events.ts";
import { formatForeign } from "../../../results/report/text/figures.ts";
import type { Piece } from "./layout.ts";

type Health = "starting" | "up" | "crashed" | "coming back" | "out of sight" | "ended";

interface NodeState {
  readonly health: Health;
  readonly height?: number | undefined;
}

export type NodesState = ReadonlyMap<string, NodeState>;

/** Nodes that are named because something is different with them. */
const mostNamed = 4;

const colours: Readonly<Record<Health, Piece["colour"]>> = {
  starting: undefined,
  up: undefined,
  crashed: "yellow",
  "coming back": "yellow",
  "out of sight": "yellow",
  ended: "red",
};

export function startingNodes(nodes: readonly string[]): NodesState {
  return new Map(nodes.map((node) => [node, { health: "starting" }]));
}

function become(state: NodesState, node: string, health: Health): NodesState {
  const before = state.get(node);
  return before === undefined ? state : new Map(state).set(node, { ...before, health });
}

/** What an event says of nodes; those that are not in the state are nobody's matter. */
export function observeNodes(state: NodesState, event: BaleenEvent | EventBody): NodesState {
  switch (event.type) {
    case "network-step":
      return event.readyNode === undefined ? state : become(state, event.readyNode, "up");
    case "run-ready":
      return [...state.keys()].reduce((all, node) => become(all, node, "up"), state);
    case "node-exited":
      return become(state, event.node, "ended");
    case "fault":
      return observeFault(state, event);
    case "observer-lost":
      return event.expected === true ? state : become(state, event.node, "out of sight");
    case "observer-restored":
      return state.get(event.node)?.health === "out of sight" ? become(state, event.node, "up") : state;
    default:
      return state;
  }
}

function observeFault(
  state: NodesState,
  { node, action, stage }: Extract<EventBody, { readonly type: "fault" }>,
): NodesState {
  if (stage === "failed") return state;
  if (action === "crash") return become(state, node, "crashed");
  return become(state, node, stage === "issued" ? "coming back" : "up");
}

export function addHeights(
  state: NodesState,
  { heights }: Extract<PassingBody, { readonly type: "node-heights" }>,
): NodesState {
  const next = new Map(state);
  for (const { node, height } of heights) {
    const before = next.get(node);
    if (before !== undefined) next.set(node, { ...before, height });
  }
  return next;
}

/** "3 of 4 nodes up", their heights, and who is not. */
export function describeNodes(state: NodesState): Piece[] {
  const nodes = [...state];
  const up = nodes.filter(([, { health }]) => health === "up");
  const others = nodes.filter(([, { health }]) => health !== "up" && health !== "starting");
  const heights = up.flatMap(([, { height }]) => (height === undefined ? [] : [height]));
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  const shown = low === high ? `height ${low}` : `heights ${low} to ${high}`;
  return [
    { text: `${up.length} of ${nodes.length} ${nodes.length === 1 ? "node" : "nodes"} up` },
    ...(heights.length === 0 ? [] : [{ text: shown }]),
    ...others.slice(0, mostNamed).map(([node, { health, height }]) => ({
      text: `${formatForeign(node)} ${health}${height === undefined ? "" : ` at height ${height}`}`,
      colour: colours[health],
    })),
    ...(others.length > mostNamed ? [{ text: `and ${others.length - mostNamed} more` }] : []),
  ];
}

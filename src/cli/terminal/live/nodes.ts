/** How the nodes are. */
import type { EventBody } from "../../../contracts/events.ts";
import { formatForeign } from "../../../results/report/text/figures.ts";
import type { Piece } from "./layout.ts";

/** With the colour in which a node that is so is named. */
const colours = {
  starting: undefined,
  up: undefined,
  crashed: "yellow",
  "coming back": "yellow",
  "out of sight": "yellow",
  ended: "red",
} as const;
type Health = keyof typeof colours;

interface NodeState {
  health: Health;
  height?: number;
}

/** Nodes that are named because something is different with them. */
const mostNamed = 4;

export class NodesView {
  readonly #nodes: ReadonlyMap<string, NodeState>;

  constructor(names: readonly string[]) {
    this.#nodes = new Map(names.map((name) => [name, { health: "starting" }]));
  }

  /** What an event says of these nodes; others are nobody's matter. */
  observe(event: EventBody): void {
    if (event.type === "network-step") this.#become(event.readyNode, "up");
    else if (event.type === "run-ready") for (const node of this.#nodes.keys()) this.#become(node, "up");
    else if (event.type === "node-exited") this.#become(event.node, "ended");
    else if (event.type === "fault") this.#observeFault(event);
    else if (event.type === "observer-lost" && event.expected !== true) {
      this.#become(event.node, "out of sight");
    } else if (event.type === "observer-restored") {
      if (this.#nodes.get(event.node)?.health === "out of sight") this.#become(event.node, "up");
    } else if (event.type === "node-heights") {
      for (const { node, height } of event.heights) Object.assign(this.#nodes.get(node) ?? {}, { height });
    }
  }

  #observeFault({ node, action, stage }: Extract<EventBody, { readonly type: "fault" }>): void {
    if (stage === "failed") return;
    if (action === "crash") this.#become(node, "crashed");
    else this.#become(node, stage === "issued" ? "coming back" : "up");
  }

  #become(name: string | undefined, health: Health): void {
    const node = this.#nodes.get(name ?? "");
    if (node !== undefined) node.health = health;
  }

  /** "3 of 4 nodes up", their heights, and who is not. */
  pieces(): Piece[] {
    const nodes = [...this.#nodes];
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
}

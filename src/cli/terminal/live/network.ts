/** How far the network is, and how its nodes are. */
import type { EventBody } from "../../../contracts/events.ts";
import { formatForeign, type Piece } from "../../../core/text/foreign-text.ts";
import { formatBytes, formatDuration } from "../../../results/report/text/figures.ts";
import { healthAfter, type NodeHealth } from "../../../server/feed/node-health.ts";
import { progressBar } from "./layout.ts";

type ImageTransfer = Extract<EventBody, { readonly type: "image-transfer" }>;

interface Step {
  readonly text: string;
  readonly sinceMs: number;
}

interface Transfer extends Pick<ImageTransfer, "sentBytes" | "totalBytes"> {
  /** When it was first told of, and how much was sent by then. */
  readonly from: { readonly ms: number; readonly bytes: number };
  readonly nowMs: number;
}

interface HostState {
  step?: Step;
  /** An image on its way; none once it is all there. */
  transfer?: Transfer | undefined;
}

const shownSteps = 4;

/** Steps of the whole, and of each host. */
export class DeploymentView {
  /** Of the network as a whole, the latest last. */
  #steps: readonly Step[] = [];
  /** In the order in which they were first told of. */
  readonly #hosts = new Map<string, HostState>();

  observe(event: EventBody, nowMs: number): void {
    if (event.type === "image-transfer") this.#observeTransfer(event, nowMs);
    if (event.type !== "network-step") return;
    const { step, detail, host } = event;
    const text = formatForeign(detail === undefined ? step : `${step}: ${detail}`);
    const reported = { text, sinceMs: nowMs };
    if (host === undefined) this.#steps = [...this.#steps, reported].slice(-shownSteps);
    else this.#hostOf(host).step = reported;
  }

  #observeTransfer({ host, sentBytes, totalBytes }: ImageTransfer, nowMs: number): void {
    const state = this.#hostOf(host);
    const before = state.transfer;
    const goesOn = before !== undefined && before.sentBytes <= sentBytes;
    const from = goesOn ? before.from : { ms: nowMs, bytes: sentBytes };
    state.transfer = sentBytes >= totalBytes ? undefined : { sentBytes, totalBytes, from, nowMs };
  }

  #hostOf(name: string): HostState {
    const state = this.#hosts.get(name) ?? {};
    this.#hosts.set(name, state);
    return state;
  }

  /** A row for each of the latest steps, then one for each host. */
  rows(nowMs: number): readonly Piece[][] {
    const whole = this.#steps.map((step, index) => {
      const isDone = index < this.#steps.length - 1;
      return [{ text: `${isDone ? "✓" : "…"} ${step.text}${isDone ? "" : elapsed(step, nowMs)}` }];
    });
    return [...whole, ...[...this.#hosts].map(([host, state]) => describeHost(host, state, nowMs))];
  }
}

function describeHost(host: string, { step, transfer }: HostState, nowMs: number): Piece[] {
  if (transfer === undefined) {
    return step === undefined ? [] : [{ text: `${step.text}${elapsed(step, nowMs)}` }];
  }
  const { sentBytes, totalBytes, from } = transfer;
  const secs = (transfer.nowMs - from.ms) / 1000;
  const rate = secs > 0 ? [{ text: `${formatBytes((sentBytes - from.bytes) / secs)}/s` }] : [];
  return [
    { text: `${formatForeign(host)}: image ${progressBar(sentBytes / totalBytes)}` },
    { text: `${formatBytes(sentBytes)} of ${formatBytes(totalBytes)}` },
    ...rate,
  ];
}

/** Nothing for the first seconds, in which most steps are done. */
function elapsed({ sinceMs }: Step, nowMs: number): string {
  const secs = Math.floor((nowMs - sinceMs) / 1000);
  return secs < 2 ? "" : `, ${formatDuration(secs)}`;
}

/** With the colour in which a node that is so is named. */
const colours = {
  starting: undefined,
  up: undefined,
  paused: "yellow",
  crashed: "yellow",
  "coming back": "yellow",
  "out of sight": "yellow",
  ended: "red",
} as const satisfies Record<NodeHealth, Piece["colour"]>;

interface NodeState {
  health: NodeHealth;
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
    for (const [name, node] of this.#nodes) node.health = healthAfter(event, name, node.health);
    if (event.type !== "node-heights") return;
    for (const { node, height } of event.heights) Object.assign(this.#nodes.get(node) ?? {}, { height });
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

/** What nodes that made the load themselves counted in a run's window. Pure. */

import type { NativeCounters } from "../../../contracts/load/node-load.ts";
import type { NativeFigures, NativeNode, NativeSecond } from "../../../contracts/results/native/native.ts";
import {
  type CountedPart,
  countedHistogram,
  increases,
  type TimeSpan,
} from "../../../metrics/nodes/counted.ts";
import type { RecordedFamily } from "../../../metrics/nodes/record.ts";
import { countOf, summarizeBuckets } from "../../../metrics/stats/bucket-histogram.ts";

/** Of the window, on the record's clock. */
export interface NativeWindow {
  readonly startMs: number;
  readonly lengthSecs: number;
  /** Whole seconds between two looks at a node. */
  readonly everySecs: number;
  readonly nodes: number;
  /** How long a node took to answer what it was asked then. */
  readonly tookMs: (node: string, atMs: number) => number;
}

/** A look so near to an edge of the window, or of a second of it, is a look at the edge. */
const nearMs = 250;

/**
 * Counts are differences of what each node showed at the window's edges. A rate divides by the time between those looks,
 * not by the window's length, so that a look that came late shifts nothing.
 */
export function nativeFigures(
  families: readonly RecordedFamily[],
  counters: NativeCounters,
  window: NativeWindow,
): NativeFigures {
  const shown = { families, counters };
  const whole = around(window.startMs, window.lengthSecs);
  const committed = committedIn(shown, whole);
  const submitted = counted(find(families, counters.submitted), whole);
  const nodes = joinNodes(committed, submitted, window);
  const isOfAll = counters.committed.of === "committee";
  const middle = isOfAll ? medianNode(nodes) : undefined;
  const reportSubmitted = nodes.length > 0 && nodes.every((node) => node.submitted !== undefined);
  const named = [counters.submitted, counters.latency.squares].filter((name) => name !== undefined);
  return {
    committed: isOfAll ? middle?.committed : total(nodes.map((node) => node.committed)),
    throughputTps: isOfAll ? middle && rateOf(middle, middle.committed) : totalRate(nodes, "committed"),
    submitted: reportSubmitted ? total(nodes.map((node) => node.submitted ?? 0)) : undefined,
    submittedTps: reportSubmitted ? totalRate(nodes, "submitted") : undefined,
    spreadRatio: middle && spread(nodes, middle.committed),
    ...latencyIn(shown, whole),
    notShown: named.filter((name) => counted(find(families, name), whole).size < window.nodes),
    nodes,
    seconds: secondsOf(shown, window),
  };
}

/** What nodes showed, and which of it counts. */
interface Shown {
  readonly families: readonly RecordedFamily[];
  readonly counters: NativeCounters;
}

const around = (startMs: number, lengthSecs: number): TimeSpan => ({
  fromMs: startMs - nearMs,
  toMs: startMs + lengthSecs * 1000 + nearMs,
});

/** In OpenMetrics a counter's family is called without "_total". */
function find(families: readonly RecordedFamily[], name: string | undefined): RecordedFamily | undefined {
  return families.find((family) => family.name === name || `${family.name}_total` === name);
}

/** What one node counted, all its series of a name added. */
type NodeCount = Pick<CountedPart<number>, "counted" | "span" | "resets">;

function counted(family: RecordedFamily | undefined, time: TimeSpan): ReadonlyMap<string, NodeCount> {
  return family === undefined ? new Map() : byNode(increases(family, time));
}

function committedIn({ families, counters }: Shown, time: TimeSpan): ReadonlyMap<string, NodeCount> {
  const { committed, latency } = counters;
  if (committed.counter !== undefined) return counted(find(families, committed.counter), time);
  const family = find(families, latency.histogram);
  const found = family && countedHistogram(family, time);
  return found?.state === "counted"
    ? byNode(found.parts.map((part) => ({ ...part, counted: countOf(part.counted) })))
    : new Map();
}

function byNode(parts: readonly CountedPart<number>[]): ReadonlyMap<string, NodeCount> {
  const nodes = new Map<string, NodeCount>();
  for (const { node, counted: count, span, resets } of parts) {
    const known = nodes.get(node);
    nodes.set(node, {
      counted: (known?.counted ?? 0) + count,
      // A series that showed up later does not shorten the time of those before.
      span: known?.span ?? span,
      resets: Math.max(known?.resets ?? 0, resets),
    });
  }
  return nodes;
}

function joinNodes(
  committed: ReadonlyMap<string, NodeCount>,
  submitted: ReadonlyMap<string, NodeCount>,
  { startMs, tookMs }: NativeWindow,
): NativeNode[] {
  return [...committed].map(([name, { counted: count, span, resets }]) => ({
    name,
    fromSecs: (span.fromMs - startMs) / 1000,
    toSecs: (span.toMs - startMs) / 1000,
    answerSecs: Math.max(tookMs(name, span.fromMs), tookMs(name, span.toMs)) / 1000,
    committed: count,
    submitted: submitted.get(name)?.counted,
    resets: Math.max(resets, submitted.get(name)?.resets ?? 0),
  }));
}

const total = (counts: readonly number[]) =>
  counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);

const rateOf = ({ fromSecs, toSecs }: NativeNode, count: number) => count / (toSecs - fromSecs);

const totalRate = (nodes: readonly NativeNode[], what: "committed" | "submitted") =>
  total(nodes.map((node) => rateOf(node, node[what] ?? 0)));

/** Of an even number the one below the middle: a count that a node really showed. */
const middleOf = <T>(sorted: readonly T[]): T | undefined => sorted[Math.ceil(sorted.length / 2) - 1];

const medianNode = (nodes: readonly NativeNode[]) =>
  middleOf(nodes.toSorted((a, b) => rateOf(a, a.committed) - rateOf(b, b.committed)));

function spread(nodes: readonly NativeNode[], middle: number): number | undefined {
  const counts = nodes.map((node) => node.committed);
  return middle === 0 ? undefined : (Math.max(...counts) - Math.min(...counts)) / middle;
}

function latencyIn(
  { families, counters: { latency } }: Shown,
  time: TimeSpan,
): Pick<NativeFigures, "latency" | "latencyRefused"> {
  const family = find(families, latency.histogram);
  if (family === undefined) {
    // Its parts are kept by themselves where they made up no histogram.
    const isTorn = find(families, `${latency.histogram}_bucket`) !== undefined;
    const what = isTorn ? "the nodes' histogram is incomplete:" : "no node showed";
    return { latencyRefused: `${what} ${latency.histogram}` };
  }
  const found = countedHistogram(family, time);
  if (found.state === "refused") return { latencyRefused: found.reason };
  const squares = counted(find(families, latency.squares), time);
  const isWhole = found.parts.every(({ node }) => squares.has(node));
  const sum = total([...squares.values()].map((part) => part.counted));
  return { latency: summarizeBuckets(found.histogram, latency.unitMs, isWhole ? sum : undefined) };
}

/** Seconds of which every node was seen at both ends; none where nodes are asked more rarely. */
function secondsOf(shown: Shown, { startMs, lengthSecs, everySecs, nodes }: NativeWindow): NativeSecond[] {
  if (everySecs !== 1) return [];
  return Array.from({ length: Math.floor(lengthSecs) }, (_, second) => ({
    second,
    ...secondOf(shown, around(startMs + second * 1000, 1), nodes),
  }));
}

function secondOf(shown: Shown, time: TimeSpan, nodes: number) {
  const { families, counters } = shown;
  const rates = (counts: ReadonlyMap<string, NodeCount>) =>
    // A sum that a node is missing from would be too small.
    counts.size < nodes
      ? []
      : [...counts.values()]
          .map(({ counted: count, span }) => (count * 1000) / (span.toMs - span.fromMs))
          .sort((a, b) => a - b);
  const committed = rates(committedIn(shown, time));
  const isOfAll = counters.committed.of === "committee";
  return {
    committed: isOfAll ? middleOf(committed) : total(committed),
    submitted: total(rates(counted(find(families, counters.submitted), time))),
  };
}

/** How often each node is asked, in whole seconds. */
export function lookEverySecs(nodes: number, runSecs: number): number {
  return Math.max(1, Math.ceil(nodes / looksPerSecond), Math.ceil(runSecs / mostLooks));
}

/** Of larger committees each node is asked more rarely, so that this machine reads no more than so many in a second. */
export const looksPerSecond = 16;

/** In longer runs each node is asked more rarely, so that files stay of a size that can be opened. */
export const mostLooks = 600;

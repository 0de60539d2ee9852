import type { RunFigures } from "../../contracts/events.ts";
import type { BoundedValue } from "../../contracts/results/bounded.ts";
import type { ComparedMetric, ReplyMetric } from "../../contracts/results/comparison.ts";
import type { Quantile } from "../../contracts/results/latency.ts";
import type { FlowFigures } from "../../contracts/results/native/flows.ts";
import {
  type LatencyBounds,
  type MeasuredRun,
  type NativeResult,
  peerLatencyOf,
} from "../../contracts/results/native/native.ts";
import type { RunResult } from "../../contracts/results/result.ts";
import { present, rounded } from "../../core/documents/numbers.ts";
import { meanOf } from "./sample.ts";

/** Whether the nodes made the run's load. */
export const isNative = (run: MeasuredRun): run is NativeResult => run.kind === "native";

type PeerFigures = Pick<NativeResult["figures"], "messages" | "routines" | "flows">;

/** A run, as far as it tells what its load is. */
export type LoadedRun = Pick<MeasuredRun, "kind"> & { readonly figures?: PeerFigures };

/** Whether the load is messages or packets that nodes send each other, each of which is known. */
export const isOfMessages = ({ figures }: LoadedRun) =>
  figures !== undefined && peerDeliveriesOf(figures) !== undefined;

/** Whether clients of ours drove it. */
export const isDriven = (run: MeasuredRun): run is RunResult => run.kind !== "native";

/** A run counts in what is computed over runs unless it is invalid. */
export const isCounted = ({ verdict }: Pick<MeasuredRun, "verdict">) => verdict.status !== "invalid";

export const headlineOf = (run: RunResult) => run.latency[run.latencyKind];

/** Transactions whose end was never seen, which means and deviations leave out; nodes' own loads are not followed. */
export const unseenIn = (runs: readonly MeasuredRun[]) =>
  runs.filter(isDriven).reduce((total, run) => total + (headlineOf(run)?.censored ?? 0), 0);

const measured = (value: number | undefined): BoundedValue | undefined =>
  value === undefined ? undefined : { value, atLeast: false };
const quantile = (found: Quantile | undefined): BoundedValue | undefined =>
  found && { value: found.ms, atLeast: found.atLeast };

/** In a bucket: above its one edge, and not above the other. */
export const boundsValue = (found: LatencyBounds | undefined): BoundedValue | undefined =>
  found && { value: found.aboveMs, atLeast: true, upTo: found.upToMs };

const ofDriven: Readonly<Record<ComparedMetric | ReplyMetric, (run: RunResult) => BoundedValue | undefined>> =
  {
    throughput: (run) => measured(run.throughputTps),
    avgLatency: (run) => measured(headlineOf(run)?.meanMs),
    latencyStdDev: (run) => measured(headlineOf(run)?.stdDevMs),
    p50Latency: (run) => quantile(headlineOf(run)?.p50),
    p99Latency: (run) => quantile(headlineOf(run)?.p99),
    successRate: (run) => measured(run.successRatio),
    efficiency: (run) => measured(run.efficiencyRatio),
    acceptedP50Latency: ({ latency }) => quantile(latency.responseAccepted?.p50),
    acceptedP99Latency: ({ latency }) => quantile(latency.responseAccepted?.p99),
    refusedP50Latency: ({ latency }) => quantile(latency.responseRefused?.p50),
    refusedP99Latency: ({ latency }) => quantile(latency.responseRefused?.p99),
  };

const ofNative: Readonly<
  Partial<
    Record<ComparedMetric | ReplyMetric, (figures: NativeResult["figures"]) => BoundedValue | undefined>
  >
> = {
  throughput: ({ throughputTps }) => measured(throughputTps),
  avgLatency: (figures) => measured((peerLatencyOf(figures) ?? figures.latency)?.meanMs),
  latencyStdDev: (figures) => measured((peerLatencyOf(figures) ?? figures.latency)?.stdDevMs),
  p50Latency: (figures) => quantile(peerLatencyOf(figures)?.p50) ?? boundsValue(figures.latency?.p50),
  p99Latency: (figures) => quantile(peerLatencyOf(figures)?.p99) ?? boundsValue(figures.latency?.p99),
  successRate: (figures) => measured(deliveredRatio(figures)),
};

/** Whether the load is flows between hosts. */
export const isOfFlows = ({ figures }: LoadedRun) => figures?.flows !== undefined;

/** Undefined unless the load is messages among peers, or packets of flows. */
export const peerDeliveriesOf = ({ messages, routines, flows }: PeerFigures) =>
  flows === undefined ? (messages ?? routines)?.deliveries : packetDeliveries(flows);

function packetDeliveries({ flows }: FlowFigures) {
  const sum = (of: "sent" | "received" | "lost") =>
    flows.reduce((total, { packets }) => total + (packets?.[of] ?? 0), 0);
  return { expected: sum("sent"), delivered: sum("received"), missing: sum("lost") };
}

/** Of the deliveries between peers that were up at the end, or the packets of flows; undefined where nobody knows of any. */
export function deliveredRatio(figures: PeerFigures): number | undefined {
  const { delivered, missing } = peerDeliveriesOf(figures) ?? { delivered: 0, missing: 0 };
  return delivered + missing === 0 ? undefined : delivered / (delivered + missing);
}

/** One run's value of a metric; undefined where it did not see it, or whoever made its load does not know it. */
export function readMetric(metric: ComparedMetric | ReplyMetric, run: MeasuredRun): BoundedValue | undefined {
  return isNative(run) ? ofNative[metric]?.(run.figures) : ofDriven[metric](run);
}

/** What an event tells of a run that has finished. */
export function runFigures(run: MeasuredRun): RunFigures {
  const published = (metric: ComparedMetric): BoundedValue | undefined => {
    const found = readMetric(metric, run);
    if (found === undefined) return undefined;
    const { value, atLeast, upTo } = found;
    return present({ value: rounded(value), atLeast, upTo: upTo && rounded(upTo) });
  };
  return present({
    throughputTps: published("throughput"),
    p50Ms: published("p50Latency"),
    p99Ms: published("p99Latency"),
    ledger: isDriven(run) ? run.ledger : undefined,
  });
}

/** Mean of at least one value. One bound makes a bound of it, with an upper end where all buckets have one. */
export function meanOfValues(values: readonly BoundedValue[]): BoundedValue {
  const value = meanOf(values.map((one) => one.value));
  if (!values.some(({ atLeast }) => atLeast)) return { value, atLeast: false };
  const ends = values.map((one) => (one.atLeast ? one.upTo : one.value)).filter((end) => end !== undefined);
  return ends.length < values.length
    ? { value, atLeast: true }
    : { value, atLeast: true, upTo: meanOf(ends) };
}

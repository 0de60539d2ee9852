/** A test over time, from the data points of its peers. Pure. */
import type { DataPoint } from "../../../contracts/peer-tests/results.ts";
import type { RoutinePeer, RoutineStep } from "../../../contracts/results/native/routines.ts";
import { meanOf } from "../../../metrics/stats/sample.ts";
import type { RoutineUse } from "./use.ts";

type Metrics = DataPoint["metrics"];

/** A figure that the client page adds to those of the library. */
export const extraOf = ({ extra }: Pick<Metrics, "extra">, name: string): number | undefined => extra?.[name];

/** A data point with the part of the test that it is of. */
interface Window {
  readonly metrics: Metrics;
  readonly toMs: number;
  /** As far as the test went: the last data point comes later. */
  readonly lengthMs: number;
}

/** Those whose peer does not tell the time of its test are left out. */
function windowsOf(points: readonly DataPoint[], lengthSecs: number): Window[] {
  let fromMs = 0;
  return points.flatMap(({ metrics }) => {
    const toMs = extraOf(metrics, "elapsedMs");
    if (toMs === undefined || !(toMs > fromMs)) return [];
    const lengthMs = Math.min(toMs, lengthSecs * 1000) - fromMs;
    fromMs = toMs;
    return lengthMs > 0 ? [{ metrics, toMs, lengthMs }] : [];
  });
}

/** Over all data points of a peer. */
export function busynessOf(points: readonly DataPoint[], lengthSecs: number): RoutinePeer["busyness"] {
  const windows = windowsOf(points, lengthSecs).filter(
    ({ metrics }) => extraOf(metrics, "tickRatePerSec") !== undefined,
  );
  if (windows.length === 0) return undefined;
  const of = (name: string) => windows.map(({ metrics }) => extraOf(metrics, name) ?? 0);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const totalMs = sum(windows.map(({ lengthMs }) => lengthMs));
  const overTime = (name: string) =>
    sum(windows.map(({ metrics, lengthMs }) => (extraOf(metrics, name) ?? 0) * lengthMs)) / totalMs;
  return {
    tickRatePerSec: overTime("tickRatePerSec"),
    timerLatenessMeanMs: overTime("timerLatenessMeanMs"),
    timerLatenessMaxMs: Math.max(...of("timerLatenessMaxMs")),
    longTasks: Math.round(sum(of("longTasks"))),
    longTasksMs: sum(of("longTasksMs")),
  };
}

/** @param peers data points of each */
export function stepsOf(
  peers: readonly (readonly DataPoint[])[],
  { lengthSecs, stepMs, isOneMachine }: Omit<RoutineUse, "peers">,
): RoutineStep[] {
  const count = Math.ceil((lengthSecs * 1000) / stepMs);
  const windows = peers.flatMap((points) => windowsOf(points, lengthSecs));
  // A data point is due at its step's end, and the last one of a peer comes later.
  const byStep = Map.groupBy(
    windows,
    ({ toMs }) => Math.min(count, Math.max(1, Math.round(toMs / stepMs))) - 1,
  );
  return Array.from({ length: count }, (_, step) => byStep.get(step) ?? []).flatMap((own, step) => {
    if (own.length === 0) return [];
    return [
      {
        fromSecs: (step * stepMs) / 1000,
        toSecs: Math.min(lengthSecs, ((step + 1) * stepMs) / 1000),
        ...stepFigures(own, isOneMachine),
      },
    ];
  });
}

function stepFigures(
  windows: readonly Window[],
  isOneMachine: boolean,
): Omit<RoutineStep, "fromSecs" | "toSecs"> {
  const perSec = (of: (metrics: Metrics) => number) =>
    windows.reduce((total, { metrics, lengthMs }) => total + (of(metrics) * 1000) / lengthMs, 0);
  const all = (name: string) => windows.flatMap(({ metrics }) => extraOf(metrics, name) ?? []);
  const meanIfAny = (values: readonly number[]) => (values.length === 0 ? undefined : meanOf(values));
  const ticks = all("tickRatePerSec");
  return {
    peers: windows.length,
    sentPerSec: perSec(({ sent }) => sent),
    receivedPerSec: perSec(({ received }) => received),
    relayedPerSec: perSec(({ relayed }) => relayed),
    duplicatePerSec: perSec(({ duplicate }) => duplicate),
    expiredPerSec: perSec(({ expired }) => expired),
    sentBytesPerSec: perSec(({ sentBytes, relayedBytes }) => sentBytes + relayedBytes),
    receivedBytesPerSec: perSec(({ receivedBytes }) => receivedBytes),
    connections: meanOf(windows.map(({ metrics }) => metrics.connectedPeers.length)),
    tickRateLeastPerSec: Math.min(...ticks, ...(ticks.length === 0 ? [0] : [])),
    tickRateMeanPerSec: meanIfAny(ticks) ?? 0,
    timerLatenessMaxMs: Math.max(0, ...all("timerLatenessMaxMs")),
    // Clocks of several machines differ.
    deliveryMeanMs: isOneMachine ? meanIfAny(all("deliveryMeanMs")) : undefined,
    roundTripMs: meanIfAny(all("webrtcRoundTripMs")),
  };
}

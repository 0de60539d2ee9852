/** Times in which nothing of a flow arrived. Pure. */
import type { PlannedFlow } from "../../../contracts/load/flows.ts";
import type { FlowResult, Interruption } from "../../../contracts/results/native/flows.ts";
import type { TimedFlow } from "./timed-flow.ts";

/** Gaps above so many intervals of the schedule are interruptions; but not below so many milliseconds. */
const intervals = 5;
const leastMs = 100;
const mostShown = 200;

export const thresholdOf = ({ perSec }: PlannedFlow): number =>
  perSec === undefined ? leastMs : Math.max(leastMs, (intervals * 1000) / perSec);

export interface Gaps
  extends Pick<
    FlowResult,
    "longestGapMs" | "thresholdMs" | "interruptionCount" | "interruptedMs" | "interruptions"
  > {
  /** In order. */
  readonly all: readonly Interruption[];
}

/** From the first packet that was sent to the last: a flow that ends early is not interrupted. */
export function gapsOf(flow: TimedFlow): Gaps {
  const { sentMs, arrivedMs, arrivals, told, lengthMs } = flow;
  const thresholdMs = thresholdOf(told.plan);
  const lostBefore = countLost(flow);
  const all: Interruption[] = [];
  let longestGapMs: number | undefined;
  const lostIn = (one: number, other: number) =>
    (lostBefore[Math.max(one, other)] as number) - (lostBefore[Math.min(one, other) + 1] as number);
  const add = (fromMs: number, toMs: number | undefined, lost: number, endMs = toMs ?? lengthMs) => {
    if (endMs - fromMs <= thresholdMs) return;
    const span = { fromSecs: fromMs / 1000, ...(toMs === undefined ? {} : { toSecs: toMs / 1000 }) };
    all.push({ ...span, lengthMs: endMs - fromMs, lost });
  };
  const packets = sentMs.length;
  let [before, beforeMs] = [-1, sentMs[0] ?? 0];
  for (const index of arrivals) {
    const ms = arrivedMs[index] as number;
    if (before >= 0) longestGapMs = Math.max(longestGapMs ?? 0, ms - beforeMs);
    add(beforeMs, ms, before < 0 ? (lostBefore[index] as number) : lostIn(before, index));
    [before, beforeMs] = [index, ms];
  }
  const lastSentMs = sentMs.at(-1) ?? 0;
  if (lastSentMs - beforeMs > thresholdMs) {
    if (before >= 0) longestGapMs = Math.max(longestGapMs ?? 0, lengthMs - beforeMs);
    add(beforeMs, undefined, (lostBefore[packets] as number) - (lostBefore[before + 1] as number));
  }
  const shown = new Set(all.toSorted((a, b) => b.lengthMs - a.lengthMs).slice(0, mostShown));
  return {
    longestGapMs,
    thresholdMs,
    interruptionCount: all.length,
    interruptedMs: all.reduce((sum, one) => sum + one.lengthMs, 0),
    interruptions: all.filter((one) => shown.has(one)),
    all,
  };
}

/** Of the packets before each place, how many were lost. */
function countLost(flow: TimedFlow): Uint32Array {
  const lost = new Uint32Array(flow.sentMs.length + 1);
  for (let index = 0; index < flow.sentMs.length; index++) {
    lost[index + 1] = (lost[index] as number) + Number(!flow.hasArrived(index));
  }
  return lost;
}

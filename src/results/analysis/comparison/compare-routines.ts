/** Routines of two sweeps, figure by figure, over their peers. Pure. */

import type { Interval } from "../../../contracts/results/interval.ts";
import {
  type ComparedRoutineFigure,
  type ComparedRoutines,
  comparedRoutineFigures,
  familyIn,
  type RoutineComparison,
} from "../../../contracts/results/native/compared-routines.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import type { RoutineFigures, RoutinePeer } from "../../../contracts/results/native/routines.ts";
import { seededRandom } from "../../../core/random.ts";
import { groupedRatioInterval } from "../../../metrics/stats/ratio-of-means.ts";
import { isCounted, isNative } from "../../../metrics/stats/run-metrics.ts";
import { meanOf } from "../../../metrics/stats/sample.ts";
import { pairLoads, type RunPair } from "./pair-loads.ts";

/** Peers a side from which on an interval says something. */
const peersForInterval = 4;

/** A figure of one peer in one run. */
interface PeerValue {
  readonly routine: string;
  readonly value: number;
}

interface RunOf {
  readonly routines: RoutineFigures;
  readonly windowSecs: number;
}

/** undefined where the peer did not tell it. */
function readPeer(
  figure: ComparedRoutineFigure,
  peer: RoutinePeer,
  { routines, windowSecs }: RunOf,
): number | undefined {
  const { packets, sent, delivered, repeated, busyness } = peer;
  const others = routines.sent - sent;
  switch (figure) {
    case "messages_per_sec":
      return sent / windowSecs;
    case "delivered_percent":
      return others > 0 ? (delivered / others) * 100 : undefined;
    case "repeated_per_sec":
      return repeated / windowSecs;
    case "ticks_per_sec":
      return busyness?.tickRatePerSec;
    default: {
      const family = familyIn(figure);
      return packets && family && packets[family] / windowSecs;
    }
  }
}

const routinesOf = (run: MeasuredRun) => (isNative(run) ? run.figures.routines : undefined);

/** Of each peer of each run that counts and has it. */
export function peerValues(
  runs: readonly MeasuredRun[],
  figure: ComparedRoutineFigure,
): readonly PeerValue[] {
  return runs.filter(isCounted).flatMap((run): readonly PeerValue[] => {
    const routines = routinesOf(run);
    if (routines === undefined) return [];
    return routines.peers.flatMap((peer) => {
      const value = readPeer(figure, peer, { routines, windowSecs: run.parameters.durationSecs });
      return value === undefined ? [] : [{ routine: peer.routine ?? "", value }];
    });
  });
}

/**
 * The two loads at which sweeps of routines are compared that have no load in common, but one each: a library may make
 * another load of the same routine.
 */
export function pairApart(a: readonly MeasuredRun[], b: readonly MeasuredRun[]): readonly RunPair[] {
  const { common, onlyA, onlyB } = pairLoads(a, b);
  const isApart = common.length === 0 && onlyA.length === 1 && onlyB.length === 1;
  return isApart ? [{ a, b }].filter(areOfRoutines) : [];
}

/** All that is compared of the routines of two sweeps. */
export const routinePairs = (a: readonly MeasuredRun[], b: readonly MeasuredRun[]): readonly RunPair[] =>
  [...pairLoads(a, b).common, ...pairApart(a, b)].filter(areOfRoutines);

const areOfRoutines = ({ a, b }: RunPair) =>
  [a, b].every((runs) => runs.length > 0 && runs.every((run) => routinesOf(run) !== undefined));

/** @param minEffectRatio smallest |ratio - 1| that is spoken of */
export function compareRoutines(
  a: readonly MeasuredRun[],
  b: readonly MeasuredRun[],
  minEffectRatio: number,
): ComparedRoutines[] {
  return routinePairs(a, b).map((pair) => ({
    a: sideOf(pair.a),
    b: sideOf(pair.b),
    figures: comparedRoutineFigures.map((figure) => compareFigure(figure, pair, minEffectRatio)),
  }));
}

function sideOf(runs: readonly MeasuredRun[]): ComparedRoutines["a"] {
  const counted = runs.filter(isCounted);
  return {
    loadTps: runs[0]?.parameters.loadTps ?? 0,
    runs: counted.length,
    peers: counted.reduce((sum, run) => sum + (routinesOf(run)?.peers.length ?? 0), 0),
  };
}

function compareFigure(
  figure: ComparedRoutineFigure,
  pair: RunPair,
  minEffectRatio: number,
): RoutineComparison {
  const values = { a: peerValues(pair.a, figure), b: peerValues(pair.b, figure) };
  const [a, b] = [meanValue(values.a), meanValue(values.b)];
  if (a === undefined || b === undefined) return { figure, a, b };
  const isEnough = Math.min(values.a.length, values.b.length) >= peersForInterval;
  if (a === 0) return { figure, a, b, difference: isEnough ? noneOf("A", figure, values.b) : undefined };
  const confidence = isEnough ? intervalOf(figure, values) : undefined;
  const compared = { figure, a, b, ratio: b / a, confidence };
  if (b === 0) return { ...compared, difference: isEnough ? noneOf("B", figure, values.a) : undefined };
  return { ...compared, difference: difference(compared, minEffectRatio) };
}

const meanValue = (values: readonly PeerValue[]) =>
  values.length === 0 ? undefined : meanOf(values.map(({ value }) => value));

interface Values {
  readonly a: readonly PeerValue[];
  readonly b: readonly PeerValue[];
}

/** How many peers run a routine is no chance: each is drawn from itself, where there are enough of it. */
function intervalOf(figure: ComparedRoutineFigure, { a, b }: Values): Interval | undefined {
  const [ofA, ofB] = [a, b].map((values) => Map.groupBy(values, ({ routine }) => routine));
  const names = [...new Set([...a, ...b].map(({ routine }) => routine))];
  const isGrouped = names.every((name) =>
    [ofA, ofB].every((groups) => (groups?.get(name)?.length ?? 0) >= peersForInterval),
  );
  const groupsOf = (values: readonly PeerValue[], groups: typeof ofA) =>
    (isGrouped ? names.map((name) => groups?.get(name) ?? []) : [values]).map((group) =>
      group.map(({ value }) => value),
    );
  return groupedRatioInterval(groupsOf(a, ofA), groupsOf(b, ofB), seededRandom(`routines/${figure}`));
}

/** What there is more or less of, and in what. */
function words(figure: ComparedRoutineFigure): readonly [name: string, times: string] {
  switch (figure) {
    case "messages_per_sec":
      return ["messages sent", "as many per second"];
    case "delivered_percent":
      return ["delivered", "the share of the others' messages"];
    case "repeated_per_sec":
      return ["repeated copies", "as many per second"];
    case "ticks_per_sec":
      return ["tick rate", "as many calls per second"];
    default:
      return [familyIn(figure) ?? figure, "as many packets per second"];
  }
}

/** "sent: 2.00 times as many packets per second (95 % interval 1.98 to 2.02)"; undefined where chance may explain it. */
function difference(
  {
    figure,
    ratio,
    confidence,
  }: { readonly ratio: number } & Pick<RoutineComparison, "figure" | "confidence">,
  minEffectRatio: number,
): string | undefined {
  if (confidence === undefined || Math.abs(ratio - 1) < minEffectRatio) return undefined;
  const { low, high } = confidence;
  if (low <= 1 && high >= 1) return undefined;
  const [name, times] = words(figure);
  return `${name}: ${shown(ratio)} times ${times} (95 % interval ${shown(low)} to ${shown(high)})`;
}

/** Close to 1, hundredths would hide the difference. */
const shown = (ratio: number) => ratio.toFixed(Math.abs(ratio - 1) < 0.1 ? 3 : 2);

/** Where one side has none, there is no ratio; every peer of the other having some is no chance. */
function noneOf(
  none: "A" | "B",
  figure: ComparedRoutineFigure,
  others: readonly PeerValue[],
): string | undefined {
  if (!others.every(({ value }) => value > 0)) return undefined;
  const [name] = words(figure);
  const mean = meanValue(others) ?? 0;
  const unit = figure === "delivered_percent" ? "%" : "per second of a peer";
  return `${name}: none in ${none}, ${mean.toFixed(2)} ${unit} in ${none === "A" ? "B" : "A"}`;
}

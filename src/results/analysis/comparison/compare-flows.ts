/** Flows of two sweeps, over their runs. Pure. */
import {
  type ComparedFlowFigure,
  type ComparedFlows,
  comparedFlowFigures,
  type FlowFigureComparison,
  type KeptComparison,
  type KeptSide,
} from "../../../contracts/results/native/compared-flows.ts";
import type { FlowFigures, FlowResult } from "../../../contracts/results/native/flows.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { seededRandom } from "../../../core/random.ts";
import { meanBootstrapInterval, ratioInterval } from "../../../metrics/stats/ratio-of-means.ts";
import { isCounted, isNative } from "../../../metrics/stats/run-metrics.ts";
import { meanOf } from "../../../metrics/stats/sample.ts";
import { bandEdges } from "../flows/kept.ts";
import { pairLoads } from "./pair-loads.ts";

/** Runs a side from which on an interval says something. */
const runsForInterval = 4;

const flowsIn = (runs: readonly MeasuredRun[]): readonly FlowFigures[] =>
  runs.filter(isCounted).flatMap((run) => (isNative(run) ? (run.figures.flows ?? []) : []));

export function compareFlows(a: readonly MeasuredRun[], b: readonly MeasuredRun[]): ComparedFlows[] {
  return pairLoads(a, b).common.flatMap((pair) => {
    const [ofA, ofB] = [flowsIn(pair.a), flowsIn(pair.b)];
    const [firstA, firstB] = [ofA[0], ofB[0]];
    if (firstA === undefined || firstB === undefined) return [];
    const names = firstA.flows.map(({ name }) => name);
    const shared = names.filter((name) => firstB.flows.some((flow) => flow.name === name));
    return [
      {
        loadTps: pair.loadTps,
        a: { network: firstA.network, runs: ofA.length },
        b: { network: firstB.network, runs: ofB.length },
        flows: shared.map((name) => ({
          name,
          figures: comparedFlowFigures.map((figure) => compareFigure(figure, name, { a: ofA, b: ofB })),
        })),
        kept: bandEdges.slice(1).flatMap((_, band) => compareKept(band, { a: ofA, b: ofB })),
      },
    ];
  });
}

interface Sides {
  readonly a: readonly FlowFigures[];
  readonly b: readonly FlowFigures[];
}

function readFigure(
  figure: ComparedFlowFigure,
  flow: FlowResult,
  { handovers }: FlowFigures,
): number | undefined {
  const arrived = flow.roundTripArrived ?? flow.oneWayArrived;
  switch (figure) {
    case "goodput_mbps":
      return flow.goodputMbps;
    case "loss_percent":
      return flow.packets?.lossRatio === undefined ? undefined : flow.packets.lossRatio * 100;
    case "arrived_p50_ms":
      return arrived?.p50Ms;
    case "arrived_p99_ms":
      return arrived?.p99Ms;
    case "interrupted_ms":
      return flow.packets && flow.interruptedMs;
    case "longest_gap_ms":
      return flow.longestGapMs;
    case "handover_ms": {
      const known = handovers.flatMap((one) => (one.flow === flow.name ? (one.totalMs ?? []) : []));
      return known.length === 0 ? undefined : Math.max(0, meanOf(known));
    }
  }
}

function compareFigure(figure: ComparedFlowFigure, name: string, sides: Sides): FlowFigureComparison {
  const valuesOf = (all: readonly FlowFigures[]) =>
    all.flatMap((figures) => {
      const flow = figures.flows.find((one) => one.name === name);
      return (flow && readFigure(figure, flow, figures)) ?? [];
    });
  const values = { a: valuesOf(sides.a), b: valuesOf(sides.b) };
  const [a, b] = [values.a, values.b].map((own) => (own.length === 0 ? undefined : meanOf(own)));
  if (a === undefined || b === undefined || a === 0) return { figure, a, b };
  const isEnough = Math.min(values.a.length, values.b.length) >= runsForInterval;
  const confidence =
    isEnough && values.a.every((value) => value > 0)
      ? ratioInterval(values.a, values.b, seededRandom(`flows/${name}/${figure}`))
      : undefined;
  return { figure, a, b, ratio: b / a, confidence };
}

/** Of each run that counts and has seconds in the band: how much it kept. */
function keptValues(runs: readonly FlowFigures[], band: number): number[] {
  return runs.flatMap(({ kept }) =>
    kept.filter((one) => one.fromLossRatio === bandEdges[band]).map(({ keptRatio }) => keptRatio),
  );
}

function keptSide(runs: readonly FlowFigures[], band: number): KeptSide | undefined {
  const values = keptValues(runs, band);
  if (values.length === 0) return undefined;
  const confidence =
    values.length < runsForInterval
      ? undefined
      : meanBootstrapInterval(values, seededRandom(`kept/${band}/${values.length}`));
  return { keptRatio: meanOf(values), confidence, runs: values.length };
}

function compareKept(band: number, sides: Sides): KeptComparison[] {
  const [a, b] = [keptSide(sides.a, band), keptSide(sides.b, band)];
  if (a === undefined && b === undefined) return [];
  const [fromLossRatio, toLossRatio] = [bandEdges[band], bandEdges[band + 1]] as [number, number];
  const names = [sides.a[0]?.network ?? "", sides.b[0]?.network ?? ""] as const;
  const sentence = a && b && sentenceOf({ fromLossRatio, toLossRatio, a, b }, names);
  return [{ fromLossRatio, toLossRatio, a, b, sentence }];
}

type Both = Required<Pick<KeptComparison, "fromLossRatio" | "toLossRatio">> & {
  readonly a: KeptSide;
  readonly b: KeptSide;
};

/** "loss 5–10 %: babel keeps 95 % [93, 97] of its undisturbed goodput, static 60 % [57, 63]; 8 runs each" */
function sentenceOf({ fromLossRatio, toLossRatio, a, b }: Both, [ofA, ofB]: readonly [string, string]) {
  const [nameA, nameB] = ofA === ofB ? [`A (${ofA})`, `B (${ofB})`] : [ofA, ofB];
  // The better one comes first, as one would say it.
  const [first, second] =
    b.keptRatio > a.keptRatio
      ? [{ name: nameB, ...b } as const, { name: nameA, ...a } as const]
      : [{ name: nameA, ...a } as const, { name: nameB, ...b } as const];
  const runs =
    a.runs === b.runs
      ? `${a.runs} ${a.runs === 1 ? "run" : "runs"} each`
      : `${first.runs} and ${second.runs} runs`;
  const loss = `loss ${percent(fromLossRatio)}–${percent(toLossRatio)} %`;
  return `${loss}: ${first.name} keeps ${shown(first)} of its undisturbed goodput, ${second.name} ${shown(second)}; ${runs}`;
}

const percent = (ratio: number) => String(Math.round(ratio * 100));

function shown({ keptRatio, confidence }: KeptSide): string {
  const mean = `${percent(keptRatio)} %`;
  if (confidence === undefined) return mean;
  return `${mean} [${percent(confidence.low)}, ${percent(confidence.high)}]`;
}

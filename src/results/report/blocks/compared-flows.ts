/** Flows of two sweeps, for people. */
import type {
  ComparedFlowFigure,
  ComparedFlows,
  FlowFigureComparison,
} from "../../../contracts/results/native/compared-flows.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { formatAsked, formatCountOf, formatFigure, nothingSeen, seen } from "../text/figures.ts";
import { packetUnit } from "../text/load.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";

const names: Readonly<Record<ComparedFlowFigure, string>> = {
  goodput_mbps: "Goodput, Mbit/s",
  loss_percent: "Lost, %",
  arrived_p50_ms: "Latency of arrived, p50, ms",
  arrived_p99_ms: "Latency of arrived, p99, ms",
  interrupted_ms: "Interrupted, ms",
  longest_gap_ms: "Longest gap, ms",
  handover_ms: "Crossing to recovery, ms",
};

/** A figure of a flow; the first of each names the flow. */
interface Row extends FlowFigureComparison {
  readonly flow: string;
}

export const comparedFlowColumns: readonly Column<Row>[] = [
  left("Flow", ({ flow }) => formatForeign(flow)),
  left("Mean over the runs", ({ figure }) => names[figure]),
  right("A", ({ a }) => seen(a, formatFigure)),
  right("B", ({ b }) => seen(b, formatFigure)),
  right("B/A", ({ ratio }) => seen(ratio, (value) => value.toFixed(3))),
  right("95 % interval", ({ confidence }) =>
    confidence === undefined ? nothingSeen : `${confidence.low.toFixed(3)} to ${confidence.high.toFixed(3)}`,
  ),
];

/** What neither side knows is left out. */
export const comparedFlowRows = ({ flows }: ComparedFlows): readonly Row[] =>
  flows.flatMap(({ name, figures }) =>
    figures
      .filter(({ a, b }) => a !== undefined || b !== undefined)
      .map((figure, place) => ({ flow: place === 0 ? name : "", ...figure })),
  );

/** "500 packets/s (A: babel, 5 runs; B: static, 5 runs)" */
export function nameFlows({ loadTps, a, b }: ComparedFlows): string {
  const side = ({ network, runs }: ComparedFlows["a"]) =>
    `${formatForeign(network)}, ${formatCountOf(runs, "run")}`;
  return `${formatAsked(loadTps)} ${packetUnit} (A: ${side(a)}; B: ${side(b)})`;
}

/** A sentence for each band of loss that both sides have. */
export const keptSentences = ({ kept }: ComparedFlows): readonly string[] =>
  kept.flatMap(({ sentence }) => (sentence === undefined ? [] : formatForeign(sentence)));

export const keptNote =
  "Goodput kept: by the loss emulated on the link between sender and receiver, against the seconds in which it lost less than 1 %. Intervals: 95 %, over runs, from four runs a side.";

/** Lines on the flows of both sides, the first one empty; none where there are none. */
export function formatComparedFlows(all: readonly ComparedFlows[]): string[] {
  return all.flatMap((compared) => {
    const sentences = keptSentences(compared);
    return [
      "",
      `FLOWS: ${nameFlows(compared)}`,
      formatTable(comparedFlowColumns, comparedFlowRows(compared)),
      ...sentences,
      ...(sentences.length === 0 ? [] : keptNote.split(/(?<=\.) /)),
    ];
  });
}

/** Routines of two sweeps, for people. */

import {
  type ComparedRoutineFigure,
  type ComparedRoutines,
  familyIn,
  type RoutineComparison,
} from "../../../contracts/results/native/compared-routines.ts";
import { formatAsked, formatCountOf, formatFigure, nothingSeen, seen } from "../text/figures.ts";
import { messageUnit } from "../text/load.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";

/** Those that do not count packets. */
const names: Readonly<Partial<Record<ComparedRoutineFigure, string>>> = {
  messages_per_sec: "Messages sent/s",
  delivered_percent: "Delivered, %",
  repeated_per_sec: "Repeated copies/s",
  ticks_per_sec: "Ticks/s",
};

export const routineComparisonColumns: readonly Column<RoutineComparison>[] = [
  left("Mean of a peer", ({ figure }) => names[figure] ?? `Packets/s, ${familyIn(figure)}`),
  right("A", ({ a }) => seen(a, formatFigure)),
  right("B", ({ b }) => seen(b, formatFigure)),
  right("B/A", ({ ratio }) => seen(ratio, (value) => value.toFixed(3))),
  right("95 % interval", ({ confidence }) =>
    confidence === undefined ? nothingSeen : `${confidence.low.toFixed(3)} to ${confidence.high.toFixed(3)}`,
  ),
];

export const overPeersNote =
  "Intervals of B/A are over the peers, each of each run one value. What differs from run to run is not in them: repeat runs for that (--runs). Of figures that do not differ, one in 20 has an interval without 1 by chance.";

/** "33.3 messages/s (A: 1 run, 10 peers; B: 1 run, 10 peers)" */
export function nameRoutines({ a, b }: ComparedRoutines): string {
  const side = ({ runs, peers }: ComparedRoutines["a"]) =>
    `${formatCountOf(runs, "run")}, ${formatCountOf(peers, "peer")}`;
  const load = (value: number) => `${formatAsked(value)} ${messageUnit}`;
  return a.loadTps === b.loadTps
    ? `${load(a.loadTps)} (A: ${side(a)}; B: ${side(b)})`
    : `A at ${load(a.loadTps)} (${side(a)}), B at ${load(b.loadTps)} (${side(b)})`;
}

export const noDifference = "No difference between the peers was seen.";

/** Sentences on what differs, B compared with A. */
export const routineDifferences = ({ figures }: ComparedRoutines): readonly string[] =>
  figures.flatMap(({ difference }) => difference ?? []);

/** Lines on the routines of both sides, the first one empty; none where there are none. */
export function formatComparedRoutines(all: readonly ComparedRoutines[]): string[] {
  if (all.length === 0) return [];
  return [
    ...all.flatMap((compared) => {
      const differences = routineDifferences(compared);
      return [
        "",
        `ROUTINES: ${nameRoutines(compared)}`,
        formatTable(routineComparisonColumns, compared.figures),
        ...(differences.length === 0 ? [noDifference] : ["B compared with A:"]),
        ...differences.map((sentence) => `  ${sentence}`),
      ];
    }),
    ...overPeersNote.split(/(?<=\.) /),
  ];
}

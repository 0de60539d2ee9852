import type { PlannedFlow } from "../../src/contracts/load/flows.ts";
import type { NativeResult } from "../../src/contracts/results/native/native.ts";
import { figuresOfFlows } from "../../src/results/analysis/flows/figures.ts";
import { publishedRun } from "../../src/results/schema/published-run.ts";
import {
  figuresOf,
  linesOf,
  planned,
  received,
  sent,
  startMs,
  type Told,
  view,
} from "./analysis/flows/told.ts";
import { nativeRun } from "./sample-native.ts";

const seconds = 10;
const every = (count: number, intervalMs: number) =>
  Array.from({ length: count }, (_, index) => index * intervalMs);
const direct = { peer: "b", cost: 96, received: 1 };

/** A reflecting flow of 20 packets a second, of which nothing arrives from 4.5 s on until a uses c at 5 s. */
export const flowsTold: Told = (() => {
  const times = every(seconds * 20, 50);
  const through = times.flatMap((ms, one) => (ms >= 4_500 && ms < 5_000 ? [] : [[one, ms] as const]));
  return {
    a: [
      { type: "start", at: -2_000 },
      { type: "daemon", at: -1_500, daemon: "babeld", state: "started" },
      view(-500, ["b>b", "c>c"], [direct, { peer: "c", cost: 96, received: 1 }]),
      sent(0, times),
      view(4_800, ["b>b", "c>c"], [{ ...direct, cost: 800, received: 0.4 }]),
      view(5_000, ["b>c", "c>c"], [{ peer: "b" }]),
      received(
        through.map(([one, ms]) => [one, ms + 20, ms]),
        "back",
      ),
    ],
    b: [view(-500, ["a>a"]), received(through.map(([one, ms]) => [one, ms + 10, ms]))],
    c: [view(-500, ["a>a", "b>b"])],
  };
})();

export const flowsEmulated = [
  [0, ["a", "b", 5, 0], ["a", "c", 5, 0], ["c", "b", 5, 0]],
  [4.4, ["a", "b", 5, 0.08]],
  [4.5, ["a", "b", 5, 1]],
] as const;

export const flowsPlan: readonly PlannedFlow[] = [planned({ perSec: 20, reflects: true })];

const clock = { offsetMs: 0, errorMs: 0 };
const flows = figuresOf(flowsTold, {
  flows: flowsPlan,
  emulated: flowsEmulated,
  clocks: new Map(["a", "b", "c"].map((name) => [name, clock])),
});

/** Three hosts of a network that hands over, as it is published. */
export const flowsRun: NativeResult = publishedRun<NativeResult>({
  ...nativeRun,
  parameters: { ...nativeRun.parameters, nodes: 3, loadTps: 20, durationSecs: seconds },
  timestamp: new Date(startMs).toISOString(),
  nodes: ["a", "b", "c"].map((name) => ({ name, exitedUnasked: false })),
  figures: figuresOfFlows(flows, seconds),
  verdict: { status: "valid", reasons: [] },
});

/** The bundle's file that the run follows from. */
export const flowsLines = `${linesOf(flowsTold, flowsEmulated).join("\n")}\n`;

import { expect, test } from "vitest";
import type { SecondRow } from "../../../src/contracts/events.ts";
import type { GeneratorSecond } from "../../../src/contracts/results/generator.ts";
import { largest } from "../../../src/core/numbers/quantile.ts";
import { summarizeLatency } from "../../../src/metrics/stats/latency-record.ts";
import type { Behaviour } from "../../stand-in/config.ts";
import { planFor, run, startNodes } from "../setting.ts";

const quick: Behaviour = { replyDelayMs: 5, commit: { kind: "after", ms: 20 } };

/** Keeps the thread to itself. */
function block(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

test("a client tells second by second how it fared itself: one in which its thread was busy shows it", async () => {
  await using nodes = await startNodes([quick]);
  const plan = planFor(nodes.targets, { windowTransactions: 600, windowMs: 3000 });
  const { report, events } = await run(plan, {
    onEvent: (event) => {
      if (event.type === "load-second" && event.second === 0) block(150);
    },
  });
  const rows: SecondRow[] = events.filter((event) => event.type === "load-second");
  const inWindow = rows.filter(({ second }) => second >= 0 && second < 3);
  expect(inWindow).toHaveLength(3);
  for (const row of inWindow) {
    expect(row.latenessP99Ms).toBeGreaterThanOrEqual(0);
    expect(row.cpuRatio).toBeGreaterThan(0);
    expect(row.gcPauseMs).toBeGreaterThanOrEqual(0);
  }
  // Of its 200 transactions 30 were due while the thread was busy.
  expect(inWindow[1]?.loopDelayMaxMs).toBeGreaterThan(140);
  expect(inWindow[1]?.latenessP99Ms).toBeGreaterThan(100);

  const ofWindow = (figure: keyof GeneratorSecond) => largest(inWindow.map((row) => row[figure]));
  expect(report.generator).toMatchObject({
    latenessP99MaxMs: ofWindow("latenessP99Ms"),
    loopDelayMaxMs: ofWindow("loopDelayMaxMs"),
    cpuMaxRatio: ofWindow("cpuRatio"),
    gcPauseMaxMs: ofWindow("gcPauseMs"),
  });
  expect(summarizeLatency(report.lateness).maxMs).toBeGreaterThan(100);
});

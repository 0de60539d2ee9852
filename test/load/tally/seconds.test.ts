import { describe, expect, test } from "vitest";
import type { SecondRow } from "../../../src/contracts/events.ts";
import { buildSecondRow } from "../../../src/load/tally/second-tally.ts";
import { SecondRows } from "../../../src/load/tally/seconds.ts";

function open(startMs: number, windowMs = 10_000, cpuRatio?: () => number | undefined) {
  const rows: SecondRow[] = [];
  const watched = cpuRatio === undefined ? {} : { cpuRatio };
  const seconds = new SecondRows({ startMs, windowMs, ...watched }, (second) =>
    rows.push(buildSecondRow(second)),
  );
  return { seconds, rows };
}

describe("SecondRows", () => {
  test("a row comes when its second is over, empty ones included, the warm-up with negative numbers", () => {
    const { seconds, rows } = open(-1500);
    seconds.count("due", -1200);
    seconds.count("due", -0.001);
    seconds.closeUpTo(-0.001);
    expect(rows.map((row) => row.second)).toEqual([-2]);
    seconds.count("due", 0);
    seconds.closeUpTo(3000);
    expect(rows.map((row) => [row.second, row.due])).toEqual([
      [-2, 1],
      [-1, 1],
      [0, 1],
      [1, 0],
      [2, 0],
    ]);
  });

  test("quantiles are of the second alone, and absent where nothing was completed", () => {
    const { seconds, rows } = open(0);
    for (let i = 1; i <= 100; i++) seconds.at(500).latency.recordWhole(i);
    seconds.count("committed", 1500);
    seconds.finish(1600);
    expect(rows[0]).toMatchObject({
      second: 0,
      p50Ms: 0.05,
      p99Ms: 0.099,
      histogram: expect.stringMatching(/^0\.000,1\.000,0\.100,HISTFAAA/),
    });
    expect(rows[1]).toEqual({
      second: 1,
      due: 0,
      sent: 0,
      acknowledged: 0,
      committed: 1,
      failed: 0,
    });
    expect(rows).toHaveLength(2);
  });

  test("a window of a fraction ends a row, so that the rows of the window add up to it", () => {
    const { seconds, rows } = open(0, 1500);
    for (const atMs of [0, 1499.999, 1500, 1999.9]) seconds.count("committed", atMs);
    seconds.closeUpTo(1499.999);
    expect(rows).toHaveLength(1);
    seconds.at(1700).latency.recordWhole(7);
    seconds.finish(2250);
    expect(rows.map((row) => [row.second, row.committed])).toEqual([
      [0, 1],
      [1, 1],
      [1.5, 2],
    ]);
    expect(rows[2]).toHaveProperty("histogram", expect.stringMatching(/^1\.500,0\.500,0\.007,HISTFAAA/));
  });
  test("a second shows nothing of those before it, whose histograms it may have", () => {
    const { seconds, rows } = open(0);
    for (let second = 0; second < 4; second++) {
      const latencyUs = 4000 - 1000 * second;
      seconds.due(1000 * second, latencyUs / 2);
      seconds.at(1000 * second + 900).latency.recordWhole(latencyUs);
      seconds.closeUpTo(1000 * (second + 1));
    }
    expect(rows.map((row) => [row.p50Ms, row.p99Ms, row.latenessP99Ms])).toEqual([
      [4, 4, 2],
      [3, 3, 1.5],
      [2, 2, 1],
      [1, 1, 0.5],
    ]);
  });

  test("the generator's own figures stand in the second that they befell", () => {
    const ratios = [0.25, 0.5, 0.75];
    const { seconds, rows } = open(0, 10_000, () => ratios.shift());
    for (let i = 1; i <= 100; i++) seconds.due(i, i * 10);
    seconds.loopDelay(3, 200);
    seconds.loopDelay(2, 300);
    seconds.gcPause(1.5, 400);
    seconds.gcPause(0.5, 999);
    seconds.closeUpTo(1000);
    seconds.loopDelay(1500, 2600);
    seconds.closeUpTo(3000);
    seconds.finish(3001);
    const none = { sent: 0, acknowledged: 0, committed: 0, failed: 0 };
    expect(rows).toEqual([
      {
        second: 0,
        due: 100,
        ...none,
        latenessP99Ms: 0.99,
        loopDelayMaxMs: 3,
        gcPauseMs: 2,
        cpuRatio: 0.25,
      },
      // Closed together: nobody looked at the CPU time in between.
      { second: 1, due: 0, ...none, gcPauseMs: 0, cpuRatio: 0.5 },
      { second: 2, due: 0, ...none, loopDelayMaxMs: 1500, gcPauseMs: 0, cpuRatio: 0.5 },
    ]);
  });
});

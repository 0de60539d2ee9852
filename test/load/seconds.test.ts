import { describe, expect, test } from "vitest";
import type { EventBody } from "../../src/contracts/events.ts";
import { SecondRows } from "../../src/load/seconds.ts";

function open(startMs: number, windowMs = 10_000) {
  const rows: EventBody[] = [];
  return { seconds: new SecondRows({ startMs, windowMs }, (row) => rows.push(row)), rows };
}

describe("SecondRows", () => {
  test("a row comes when its second is over, empty ones included, the warm-up with negative numbers", () => {
    const { seconds, rows } = open(-1500);
    seconds.count("due", -1200);
    seconds.count("due", -0.001);
    seconds.closeUpTo(-0.001);
    expect(rows.map((row) => "second" in row && row.second)).toEqual([-2]);
    seconds.count("due", 0);
    seconds.closeUpTo(3000);
    expect(rows.map((row) => "due" in row && [row.second, row.due])).toEqual([
      [-2, 1],
      [-1, 1],
      [0, 1],
      [1, 0],
      [2, 0],
    ]);
  });

  test("quantiles are of the second alone, and absent where nothing was completed", () => {
    const { seconds, rows } = open(0);
    for (let i = 1; i <= 100; i++) seconds.latency(i, 500);
    seconds.count("committed", 1500);
    seconds.finish(1600);
    expect(rows[0]).toMatchObject({
      second: 0,
      p50Ms: 0.05,
      p99Ms: 0.099,
      histogram: expect.stringMatching(/^0\.000,1\.000,0\.100,HISTFAAA/),
    });
    expect(rows[1]).toEqual({
      type: "load-second",
      second: 1,
      due: 0,
      sent: 0,
      acknowledged: 0,
      committed: 1,
    });
    expect(rows).toHaveLength(2);
  });

  test("a window of a fraction ends a row, so that the rows of the window add up to it", () => {
    const { seconds, rows } = open(0, 1500);
    for (const atMs of [0, 1499.999, 1500, 1999.9]) seconds.count("committed", atMs);
    seconds.closeUpTo(1499.999);
    expect(rows).toHaveLength(1);
    seconds.latency(7, 1700);
    seconds.finish(2250);
    expect(rows.map((row) => "committed" in row && [row.second, row.committed])).toEqual([
      [0, 1],
      [1, 1],
      [1.5, 2],
    ]);
    expect(rows[2]).toHaveProperty("histogram", expect.stringMatching(/^1\.500,0\.500,0\.007,HISTFAAA/));
  });
});

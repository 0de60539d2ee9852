import { describe, expect, test } from "vitest";
import type { EventBody } from "../../src/contracts/events.ts";
import { SecondRows } from "../../src/load/seconds.ts";

function open(startMs: number) {
  const rows: EventBody[] = [];
  return { seconds: new SecondRows(startMs, (row) => rows.push(row)), rows };
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
    expect(rows[0]).toMatchObject({ second: 0, p50Ms: 0.05, p99Ms: 0.099 });
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
});

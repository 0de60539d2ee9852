import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SecondRow } from "../../../src/contracts/events.ts";
import { SecondMerger } from "../../../src/load/tally/merge-seconds.ts";
import type { SecondTally } from "../../../src/load/tally/second-tally.ts";
import { buildSecondRow, type SecondCount, type SelfSeen } from "../../../src/load/tally/second-tally.ts";
import { Histogram } from "../../../src/metrics/stats/histogram.ts";

interface Reported {
  readonly due: number;
  readonly latencyUs: number;
  readonly cpuRatio: number;
}

function rowOf(startSecs: number, { due, latencyUs, cpuRatio }: Reported, lengthSecs = 1): SecondTally {
  const [latency, lateness] = [new Histogram(), new Histogram()];
  latency.record(latencyUs);
  lateness.record(latencyUs + 1);
  const counts = { due, sent: due, acknowledged: 1, committed: 0, failed: 2 };
  return { startSecs, lengthSecs, counts, latency, lateness, self: { cpuRatio } };
}

const reported = fc.record({
  due: fc.nat(1000),
  latencyUs: fc.nat(1_000_000),
  cpuRatio: fc.double({ min: 0, max: 1, noNaN: true }),
});

test("rows are the sum of what all parties told, in order, whatever came first", () => {
  const sessions = fc.array(fc.array(reported, { minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(sessions, fc.infiniteStream(fc.nat(1000)), (all, choices) => {
      const rows: SecondTally[] = [];
      const merger = new SecondMerger(
        all.map((_, session) => session),
        (row) => rows.push(row),
      );
      const next = all.map(() => 0);
      const open = new Set(all.keys());
      for (const choice of choices) {
        if (open.size === 0) break;
        const session = [...open][choice % open.size] ?? 0;
        const second = next[session] ?? 0;
        const one = all[session]?.[second];
        next[session] = second + 1;
        if (one === undefined) {
          open.delete(session);
          merger.leave(session);
        } else merger.notify(session, rowOf(second, one));
      }
      const longest = Math.max(...all.map((each) => each.length));
      expect(rows.map(({ startSecs }) => startSecs)).toEqual(
        Array.from({ length: longest }, (_, second) => second),
      );
      rows.forEach((row, second) => {
        const those = all.flatMap((each) => each[second] ?? []);
        const sum = (of: (one: Reported) => number) => those.reduce((total, one) => total + of(one), 0);
        expect(row.counts).toEqual({
          due: sum(({ due }) => due),
          sent: sum(({ due }) => due),
          acknowledged: those.length,
          committed: 0,
          failed: 2 * those.length,
        });
        expect([row.latency.count, row.latency.maxUs]).toEqual([
          those.length,
          Math.max(...those.map(({ latencyUs }) => latencyUs)),
        ]);
        expect(row.lateness.count).toBe(those.length);
        expect(row.self.cpuRatio).toBe(Math.max(...those.map(({ cpuRatio }) => cpuRatio)));
      });
    }),
  );
});

type Seen = { readonly what: SecondCount | "latency"; readonly value: number };

const tallyOf = (events: readonly Seen[], self: SelfSeen = {}) => {
  const counts = { due: 0, sent: 0, acknowledged: 0, committed: 0, failed: 0 };
  const [latency, lateness] = [new Histogram(), new Histogram()];
  for (const { what, value } of events) {
    if (what === "latency") latency.record(value);
    else counts[what]++;
    if (what === "due") lateness.record(value);
  }
  return { startSecs: 7, lengthSecs: 1, counts, latency, lateness, self };
};

/** What is told of a second in which each session saw so much. */
const rowOfAll = (tallies: readonly SecondTally[]) => {
  const rows: SecondRow[] = [];
  const merger = new SecondMerger([...tallies.keys()], (row) => rows.push(buildSecondRow(row)));
  tallies.forEach((tally, session) => {
    merger.notify(session, tally);
  });
  return rows;
};

test("a second of several parties is what one would have counted that saw it all", () => {
  const event = fc.record({
    what: fc.constantFrom("due", "latency", "sent", "acknowledged", "committed", "failed"),
    value: fc.nat(5_000_000),
  });
  fc.assert(
    fc.property(fc.array(fc.array(event), { minLength: 1, maxLength: 4 }), (parts) => {
      expect(rowOfAll(parts.map((events) => tallyOf(events)))).toEqual(rowOfAll([tallyOf(parts.flat())]));
    }),
  );
});

test("of several parties' own figures the worst one's stands", () => {
  const selves = [{ cpuRatio: 0.5, gcPauseMs: 2 }, { cpuRatio: 0.75, loopDelayMaxMs: 4 }, {}];
  expect(rowOfAll(selves.map((self) => tallyOf([], self)))).toMatchObject([
    { cpuRatio: 0.75, gcPauseMs: 2, loopDelayMaxMs: 4 },
  ]);
});

describe("a row waits", () => {
  const one = { due: 1, latencyUs: 1, cpuRatio: 0 };

  test("for every party that has not left", () => {
    const rows: number[] = [];
    const merger = new SecondMerger(["a", "b"], ({ startSecs }) => rows.push(startSecs));
    merger.notify("a", rowOf(-1, one));
    merger.notify("a", rowOf(0, one));
    expect(rows).toEqual([]);
    merger.notify("b", rowOf(-1, one));
    expect(rows).toEqual([-1]);
    merger.leave("b");
    expect(rows).toEqual([-1, 0]);
  });

  test("and is as long as the longest part of it", () => {
    const rows: SecondTally[] = [];
    const merger = new SecondMerger(["a", "b"], (row) => rows.push(row));
    merger.notify("a", rowOf(5, one, 0.25));
    merger.notify("b", rowOf(5, one, 1));
    expect(rows.map(({ startSecs, lengthSecs }) => [startSecs, lengthSecs])).toEqual([[5, 1]]);
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import type { BaleenEvent } from "../../../src/contracts/events.ts";
import { formatPoint } from "../../../src/server/export/influx/line-protocol.ts";
import { PointMaker } from "../../../src/server/export/influx/points.ts";
import { eventsOf, routineRun, secondOf, startMs, wholeRun } from "./events.ts";

function linesOf(events: readonly BaleenEvent[]): string[] {
  const maker = new PointMaker();
  return events.flatMap((event) => maker.pointsOf(event)).flatMap((point) => formatPoint(point) ?? []);
}

/** Splits a line where nothing is escaped or in quotes. */
function partsOf(line: string): string[] {
  const [, series = "", fields = "", time = ""] =
    /^((?:\\.|[^ \\])+) ((?:"(?:\\.|[^"\\])*"|[^ "])+) (\d+)$/.exec(line) ?? [];
  return [series, fields, time];
}

test("a run as lines: ids stand in tags, and nothing from outside breaks a line", () => {
  const lines = linesOf(eventsOf(wholeRun));
  expect(lines.join("\n")).toMatchSnapshot();
  for (const line of lines) expect(partsOf(line)[0]).toMatch(/^baleen_[a-z_]+,run=3f9a2c1e,/);
});

test("steps of routines stand at their start, with the figures that they have", () => {
  const lines = linesOf(eventsOf(routineRun)).filter((line) => line.startsWith("baleen_routine_step"));
  const [first, second, ...others] = lines.map(partsOf);
  expect(others).toEqual([]);
  expect(first).toEqual([
    "baleen_routine_step,run=3f9a2c1e,network=local,benchmark=1,load=33.3",
    "peers=3i,connections=2,packets_sent_per_sec=66.6,packets_received_per_sec=67.5,packets_relayed_per_sec=1,messages_delivered_per_sec=66.5,ticks_per_sec=59.9,ticks_per_sec_least=59.5,timer_lateness_max_ms=21.5",
    String(startMs + 2_500),
  ]);
  expect(second?.[1]).toBe(
    "peers=1i,packets_sent_per_sec=20,packets_received_per_sec=10,packets_relayed_per_sec=0",
  );
  expect(second?.[2]).toBe(String(startMs + 4_500));
});

test("any text in tags and fields stays in its place", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (text) => {
      const point = { measurement: "m", tags: { a: text, b: "x" }, fields: { said: text, n: 1 }, atMs: 5 };
      const [series = "", fields = "", time] = partsOf(formatPoint(point) ?? "");
      expect(series).toMatch(/^m,a=(\\[,= ]|[^,= \\])+,b=x$/u);
      expect(fields).toMatch(/^said="(\\.|[^"\\])*",n=1$/u);
      expect(time).toBe("5");
    }),
  );
});

test("unknown values are left out, and a point without any is no line", () => {
  const point = { measurement: "m", tags: { a: "" }, atMs: 1 };
  expect(formatPoint({ ...point, fields: { x: undefined, y: Number.NaN, z: 2n } })).toBe("m z=2i 1");
  expect(formatPoint({ ...point, fields: { x: undefined } })).toBeUndefined();
});

test("no two points of a series have one time, whatever is told at once; the same events make the same points", () => {
  const bodies = fc.array(
    fc.constantFrom(
      ...[...wholeRun, ...routineRun].filter(({ type }) => type !== "sweep-started"),
      secondOf(-1),
      secondOf(0),
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(bodies, (some) => {
      // All in one moment.
      const events = eventsOf([...wholeRun.slice(0, 2), ...some]).map((event) => ({
        ...event,
        t: "2026-03-01T12:00:00.000Z",
      }));
      const lines = linesOf(events.filter(({ type }, at) => at < 2 || type !== "run-created"));
      const moments = lines.map((line) => {
        const [series, , time] = partsOf(line);
        return `${series} ${time}`;
      });
      expect(new Set(moments).size).toBe(moments.length);
      expect(linesOf(events.filter(({ type }, at) => at < 2 || type !== "run-created"))).toEqual(lines);
    }),
  );
});

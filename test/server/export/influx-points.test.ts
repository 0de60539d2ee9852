import fc from "fast-check";
import { expect, test } from "vitest";
import type { BaleenEvent } from "../../../src/contracts/events.ts";
import { formatPoint } from "../../../src/server/export/influx/line-protocol.ts";
import { PointMaker } from "../../../src/server/export/influx/points.ts";
import { eventsOf, secondOf, wholeRun } from "./events.ts";

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
    fc.constantFrom(...wholeRun.filter(({ type }) => type !== "sweep-started"), secondOf(-1), secondOf(0)),
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

import { expect, test } from "vitest";
import { readEvent } from "../../../src/server/feed/check-event.ts";

const envelope = { v: 1, run: "r", source: "coordinator", seq: 0, t: "2026-01-01T00:00:00.000Z" };
const line = (body: object) => JSON.stringify({ ...envelope, ...body });
const step = {
  ...{ type: "routine-step", second: 0, lengthSecs: 2, peers: 1 },
  ...{ sentPerSec: 1, receivedPerSec: 1, relayedPerSec: 0 },
};
const second = { type: "load-second", second: 1, due: 1, sent: 1, acknowledged: 1, committed: 1 };

test.each([
  ["a second", line(second)],
  ["a second with latencies", line({ ...second, p50Ms: 1.5, failed: 0 })],
  ["a step of routines", line(step)],
  ["a step of routines with all that peers tell", line({ ...step, connections: 2, deliveredPerSec: 0.5 })],
  ["a type of a later version", line({ type: "moon-phase", phase: 3 })],
  [
    "figures",
    line({
      type: "run-finished",
      benchmarkNumber: 1,
      status: "valid",
      figures: { p50Ms: { value: 1, atLeast: true } },
    }),
  ],
])("%s is an event", (_, text) => {
  expect(readEvent(text)).toEqual(JSON.parse(text));
});

test.each([
  ["nothing", ""],
  ["no JSON", "{"],
  ["a number", "1"],
  ["a list", "[]"],
  ["no envelope", JSON.stringify(second)],
  ["no time", line({ ...second, t: "yesterday" })],
  ["a text for a number", line({ ...second, due: "<script>" })],
  ["a missing number", line({ ...second, due: undefined })],
  ["an object for a text", line({ type: "warning", message: { toString: 1 } })],
  ["a document for a text", line({ type: "warning", message: "x".repeat(20_000) })],
  ["a node that is none", line({ type: "machine-second", host: "h", second: 0, nodes: [null] })],
  ["a step of a text", line({ ...step, tickRateMeanPerSec: "60" })],
  ["a step without its rates", line({ ...step, sentPerSec: null })],
  ["an unknown phase", line({ type: "load-phase", phase: "__proto__" })],
  [
    "a figure that is none",
    line({ type: "run-finished", benchmarkNumber: 1, status: "valid", figures: { p50Ms: 1 } }),
  ],
])("%s is none", (_, text) => {
  expect(readEvent(text)).toBeUndefined();
});

import fc from "fast-check";
import { expect, test } from "vitest";
import type { PeerEvent } from "../../../../src/contracts/load/peer-events.ts";
import {
  formatEvent,
  parseEvent,
  parseRecordedEvent,
} from "../../../../src/results/analysis/messages/parse-event.ts";

const at = 1_700_000_000_000.25;
const events: readonly PeerEvent[] = [
  { type: "start", at },
  { type: "start", at, flavour: "debug" },
  { type: "write", at, id: "1", size: 10 },
  { type: "write", at, id: "1", due: at - 1, size: 10 },
  { type: "read", at, id: "1", from: "node0" },
  { type: "probe", at, op: "fresh", ok: false, ms: 0.5 },
  { type: "connect", at, peer: "node1" },
  { type: "disconnect", at, peer: "node1" },
  { type: "bytes", at, peer: "node1", sent: 1, received: 2 },
  { type: "state", at, bytes: 3 },
];

test.each(events)("$type is read, and read again from a bundle", (event) => {
  expect(parseEvent(JSON.stringify(event))).toEqual(event);
  expect(parseEvent(JSON.stringify({ ...event, more: "than that" }))).toEqual(event);
  expect(parseRecordedEvent(formatEvent("node7", event))).toEqual({ node: "node7", event });
});

test("other lines are passed over, and events with faults are malformed", () => {
  for (const line of ["", "node starts", '{"type":"other"}', '{"level":"info"}', "[1]"]) {
    expect(parseEvent(line)).toBeUndefined();
  }
  const [, , write] = events;
  const wrong = [
    { at: -1 },
    { at: "1" },
    { id: "" },
    { id: "x".repeat(65) },
    { id: "\n" },
    { size: 1.5 },
    { due: null },
  ];
  for (const part of wrong) expect(parseEvent(JSON.stringify({ ...write, ...part }))).toBe("malformed");
  expect(parseEvent('{"type":"write"')).toBe("malformed");
  expect(parseEvent(JSON.stringify({ ...write, pad: "x".repeat(2000) }))).toBe("malformed");
  expect(() => parseRecordedEvent("{}")).toThrow(/not an event of a peer/);
});

test("no line is anything but an event, malformed, or none", () => {
  const json = fc.json().filter((text) => text.startsWith("{"));
  fc.assert(
    fc.property(fc.oneof(fc.string(), json), (line) => {
      const found = parseEvent(line);
      expect(found === undefined || found === "malformed" || typeof found.at === "number").toBe(true);
    }),
  );
});

import { expect, test } from "vitest";
import type { FlowEvent } from "../../../../src/contracts/load/flow-events.ts";
import {
  formatFlowEvent,
  parseFlowEvent,
  parseRecordedFlowLine,
} from "../../../../src/results/analysis/flows/parse-event.ts";

const at = 1_700_000_000_000.25;
const events: readonly FlowEvent[] = [
  { type: "start", at },
  { type: "sent", at, flow: "f", first: 3, us: [0, 20_000.5], lateUs: [1, 2], size: 100, refused: [4] },
  { type: "received", at, flow: "f", way: "back", packets: [[3, 0, at - 5]], size: 100 },
  { type: "frame", at, flow: "f", frame: 1, outcome: "late" },
  { type: "program", at, flow: "f", secs: 1, bytes: 5, lost: 1, packets: 2, retransmits: 0, rttMs: 0.5 },
  {
    type: "view",
    at,
    routes: [{ to: "b", via: "c", metric: 96, installed: true }],
    links: [{ peer: "c", cost: 96, received: 0.9 }],
  },
  { type: "daemon", at, daemon: "babeld", state: "ended", why: "exit code 1" },
  { type: "daemon", at, daemon: "talk sender", flow: "talk", state: "started" },
  { type: "interfaces", at, counters: [["link1", 500, 5, 700, 7]] },
];

test.each(events)("$type is read as it was told, from a host and from a bundle", (event) => {
  expect(parseFlowEvent(JSON.stringify({ ...event, more: 1 }))).toEqual(event);
  expect(parseRecordedFlowLine(formatFlowEvent("a", event))).toEqual({ node: "a", event });
});

test.each([
  ["no JSON", "{"],
  ["no object", "3"],
  ["an unknown type", '{"type":"constructor","at":1}'],
  ["no time", '{"type":"start"}'],
  ["a time that is none", '{"type":"start","at":-1}'],
  ["no list", '{"type":"sent","at":1,"flow":"f","first":0,"us":1,"size":1}'],
  ["a number that is none", '{"type":"sent","at":1,"flow":"f","first":0.5,"us":[],"size":1}'],
  ["too many packets", JSON.stringify({ ...events[1], us: Array(1001).fill(0) })],
  ["a share above 1", '{"type":"view","at":1,"routes":[],"links":[{"peer":"b","received":1.5}]}'],
  ["a long name", JSON.stringify({ ...events[3], flow: "f".repeat(257) })],
  ["a long line", JSON.stringify({ type: "start", at: 1, more: "x".repeat(65_536) })],
])("%s is malformed", (_, line) => {
  expect(parseFlowEvent(line)).toBe("malformed");
  expect(() => parseRecordedFlowLine(line)).toThrow(/it is not an event of a host/);
});

test("a bundle's lines also say what was emulated", () => {
  const links = { type: "links", secs: 1.5, changes: [["a", "b", 5, 0.25]] };
  expect(parseRecordedFlowLine(JSON.stringify(links))).toEqual(links);
  const wrong = JSON.stringify({ ...links, changes: [["a", "b", 5, 2]] });
  expect(() => parseRecordedFlowLine(wrong)).toThrow(/it is not an event of a host/);
});

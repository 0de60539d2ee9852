import fc from "fast-check";
import { expect, test } from "vitest";
import type { PeerEvent } from "../../../../src/contracts/load/peer-events.ts";
import type { MessageUse } from "../../../../src/results/analysis/messages/figures.ts";
import { MessageRecord } from "../../../../src/results/analysis/messages/record.ts";
import { figuresOf, read, startMs, write } from "./told.ts";

const pairOf = ({ messages }: ReturnType<typeof figuresOf>, from: string, to: string) => {
  const pair = messages.pairs.find((one) => one.from === from && one.to === to);
  if (pair === undefined) throw new Error(`no pair ${from} ${to}`);
  return pair;
};

test("a latency is from the scheduled write to the read, each by its own clock", () => {
  const found = figuresOf(
    { a: [write(1080, "1", 1070)], b: [read(1030, "a", "1")], c: [read(1200, "a", "1")] },
    { clocks: new Map([["a", { offsetMs: 80, errorMs: 2 }]]) },
  );
  expect(pairOf(found, "a", "b")).toMatchObject({ delivered: 1, p50: { ms: 40, atLeast: false }, maxMs: 40 });
  expect(pairOf(found, "a", "c")).toMatchObject({ meanMs: 210 });
  expect(found.messages.peers[0]).toMatchObject({ written: 1, lateP99Ms: 10, clockOffsetMs: 80 });
  expect(found.messages.latency).toMatchObject({ count: 2, meanMs: 125, minMs: 40, maxMs: 210 });
});

test("what was due before the window or after it does not count", () => {
  const ids = ["1", "2", "3"];
  const found = figuresOf({
    a: [write(-1, "1"), write(9_999, "2"), write(10_000, "3")],
    b: ids.map((id) => read(10_500, "a", id)),
  });
  expect(found.messages).toMatchObject({ written: 1, deliveries: { expected: 1, delivered: 1 } });
});

test("a missing delivery is censored at its age, and of a peer that is down nothing is expected", () => {
  const told = { a: [write(2_000, "1")], b: [], c: [] };
  const found = figuresOf(told, { down: new Set(["c"]) });
  expect(found.messages.deliveries).toEqual({ expected: 2, delivered: 0, missing: 1, peerDown: 1 });
  expect(pairOf(found, "a", "b")).toMatchObject({ missing: 1, p50: { ms: 10_000, atLeast: true } });
  expect(found.messages.latency).toMatchObject({ count: 0, censored: 1 });
  expect(found.everywhere[2]).toBe(0);
  expect(figuresOf({ ...told, b: [read(2_010, "a", "1")] }, { down: new Set(["c"]) }).everywhere[2]).toBe(1);
});

test("reads of nobody's messages, doubled ones, overtaken ones and those before their write are counted", () => {
  const { messages } = figuresOf(
    {
      a: [write(1_000, "1"), write(2_000, "2")],
      b: [
        read(2_100, "a", "2"),
        read(2_200, "a", "1"),
        read(2_300, "a", "1"),
        read(1_900, "a", "none"),
        read(2_400, "a", "not told yet"),
        read(2_500, "stranger", "1"),
      ],
      c: [read(990, "a", "1"), read(1_998, "a", "2")],
    },
    { clocks: new Map([["c", { offsetMs: 0, errorMs: 5 }]]) },
  );
  expect(messages).toMatchObject({ doubled: 1, outOfOrder: 1, unknown: 2, beforeWritten: 1 });
  expect(messages.deliveries).toMatchObject({ delivered: 4 });
  expect(messages.latency.minMs).toBe(0); // within the clocks' errors
});

test("drops, delays, doubles and a clock ahead are found, all exactly", () => {
  const chance = fc.integer({ min: 0, max: 99 });
  const message = fc.record({
    delayMs: fc.integer({ min: 1, max: 400 }),
    drop: chance,
    late: chance,
    double: chance,
  });
  fc.assert(
    fc.property(
      fc.array(message, { minLength: 1, maxLength: 150 }),
      fc.integer({ min: -500, max: 500 }),
      (all, offsetMs) => {
        const is = (share: number, chosen: number) => chosen < share;
        const delay = ({ delayMs, late }: (typeof all)[number]) => delayMs + (is(2, late) ? 2_500 : 0);
        const dueMs = (index: number) => index * 40;
        const { messages } = figuresOf(
          {
            a: all.map((_, index) => write(dueMs(index) + offsetMs, String(index))),
            b: all.flatMap((one, index) => {
              if (is(3, one.drop)) return [];
              const event = read(dueMs(index) + delay(one), "a", String(index));
              return is(1, one.double) ? [event, event] : [event];
            }),
          },
          { clocks: new Map([["a", { offsetMs, errorMs: 1 }]]) },
        );
        const kept = all.filter(({ drop }) => !is(3, drop));
        expect(messages.deliveries).toEqual({
          expected: all.length,
          delivered: kept.length,
          missing: all.length - kept.length,
          peerDown: 0,
        });
        expect(messages.stale).toBe(kept.filter(({ late }) => is(2, late)).length);
        expect(messages.doubled).toBe(kept.filter(({ double }) => is(1, double)).length);
        const sumMs = kept.reduce((sum, one) => sum + delay(one), 0);
        expect(messages.latency.meanMs ?? 0).toBeCloseTo(kept.length === 0 ? 0 : sumMs / kept.length, 6);
      },
    ),
    { numRuns: 200 },
  );
});

test("every delivery due is in one cell, whatever the peers tell", () => {
  const names = ["a", "b", "c"];
  const id = fc.integer({ min: 0, max: 5 }).map(String);
  const at = fc.integer({ min: -2_000, max: 13_000 });
  const event: fc.Arbitrary<PeerEvent> = fc.oneof(
    fc.tuple(at, id).map(([ms, one]) => write(ms, one)),
    fc.tuple(at, fc.constantFrom(...names, "z"), id).map(([ms, from, one]) => read(ms, from, one)),
    fc
      .tuple(at, fc.constantFrom("connect", "disconnect"), fc.constantFrom(...names))
      .map(([ms, type, peer]) => ({ type: type as "connect", at: ms, peer })),
    fc
      .tuple(at, fc.constantFrom(...names), fc.nat(1e6), fc.nat(1e6))
      .map(([ms, peer, sent, received]) => ({ type: "bytes" as const, at: ms, peer, sent, received })),
    at.map((ms) => ({ type: "state" as const, at: ms, bytes: 1000 })),
    at.map((ms) => ({ type: "start" as const, at: ms })),
  );
  const events = fc.array(event, { maxLength: 40 });
  fc.assert(
    fc.property(events, events, events, fc.subarray(names), (a, b, c, down) => {
      const { messages, everywhere } = figuresOf({ a, b, c }, { down: new Set(down) });
      const { expected, delivered, missing, peerDown } = messages.deliveries;
      expect(delivered + missing + peerDown).toBe(expected);
      expect(expected).toBe(messages.written * 2);
      for (const pair of messages.pairs) {
        expect(pair.delivered + pair.missing + pair.peerDown).toBe(pair.expected);
      }
      expect(messages.latency.count + messages.latency.censored + peerDown + messages.beforeWritten).toBe(
        expected,
      );
      expect(everywhere.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(messages.written);
    }),
  );
});

test("after a disturbance: when the first message came, and when all of those before were there", () => {
  const disturbances = [{ cause: "links" as const, fromSecs: 2, toSecs: 4 }];
  const told = {
    a: [write(1_000, "1"), write(3_000, "2"), write(3_500, "3"), write(4_500, "4")],
    b: [read(1_010, "a", "1"), read(4_200, "a", "2"), read(4_900, "a", "3"), read(4_600, "a", "4")],
  };
  const { messages } = figuresOf(told, { disturbances });
  expect(messages.resyncs).toEqual([
    { node: "b", cause: "links", fromSecs: 2, toSecs: 4, behind: 2, firstMs: 200, resyncMs: 900 },
  ]);
  const lacking = figuresOf({ ...told, b: told.b.slice(0, 2) }, { disturbances });
  expect(lacking.messages.resyncs[0]).toMatchObject({ behind: 2, firstMs: 200, resyncMsAtLeast: 8_000 });
});

test("a lost connection is a disturbance of its own; those of the timeline that overlap are one", () => {
  const connection = (type: "connect" | "disconnect", at: number): PeerEvent => ({ type, at, peer: "a" });
  const { messages } = figuresOf(
    {
      a: [write(3_500, "1"), write(7_100, "2")],
      b: [
        connection("connect", -500),
        connection("disconnect", 3_000),
        connection("connect", 4_700),
        read(4_800, "a", "1"),
        connection("disconnect", 7_000),
        connection("connect", 7_500),
        read(7_600, "a", "2"),
      ],
    },
    {
      disturbances: [
        { cause: "links", fromSecs: 2, toSecs: 3.9 },
        { cause: "links", fromSecs: 3, toSecs: 4 },
        { cause: "pause", nodes: ["a"], fromSecs: 8, toSecs: 9 },
      ],
    },
  );
  expect(messages.resyncs).toMatchObject([
    { cause: "links", fromSecs: 2, toSecs: 4, behind: 1, resyncMs: 800 },
    { cause: "connection", fromSecs: 7, toSecs: 7.5, behind: 1, resyncMs: 100 },
    { node: "a", cause: "pause", behind: 0, resyncMs: 0 },
  ]);
});

test("bytes of resynchronization are held against the whole state, by either end's counters", () => {
  const bytes = (at: number, peer: string, sent: number, received: number): PeerEvent => ({
    ...{ type: "bytes", at, peer, sent, received },
  });
  const { messages } = figuresOf(
    {
      a: [
        write(3_000, "1"),
        bytes(0, "b", 0, 0),
        bytes(4_000, "b", 0, 0),
        bytes(5_000, "b", 1_000, 0),
        bytes(9_000, "b", 1_000, 0),
      ],
      b: [
        read(4_500, "a", "1"),
        { type: "state", at: 5_000, bytes: 4_000 },
        bytes(0, "a", 0, 0),
        bytes(4_000, "a", 0, 0),
        bytes(5_000, "a", 0, 900),
        bytes(9_000, "a", 0, 900),
      ],
    },
    { disturbances: [{ cause: "links", fromSecs: 2, toSecs: 4 }] },
  );
  expect(messages.savings).toMatchObject({
    ...{ resyncs: 1, stateBytes: 4_000, sentBytes: 1_000, receivedBytes: 900 },
    ...{ bySentRatio: 0.75, byReceivedRatio: 0.775 },
  });
  expect(pairOf({ messages, everywhere: [] }, "a", "b")).toMatchObject({ sentBytes: 1_000, peakMbps: 0.008 });
});

const sentToB = (at: number, sent: number): PeerEvent => ({
  type: "bytes",
  at,
  peer: "b",
  sent,
  received: 0,
});

test("counters that begin anew go on where they were, and a link's use is of what it could carry", () => {
  const { messages } = figuresOf(
    {
      a: [sentToB(0, 0), sentToB(5_000, 50_000), { type: "start", at: 5_500 }, sentToB(10_000, 25_000)],
      b: [],
    },
    {
      capacities: (from) =>
        from === "a"
          ? [
              { fromSecs: 0, mbps: 0.1 },
              { fromSecs: 5, mbps: 0.05 },
            ]
          : [],
    },
  );
  expect(messages.pairs[0]).toMatchObject({ from: "a", sentBytes: 75_000 });
  expect(messages.pairs[0]?.utilizationRatio).toBeCloseTo(0.8, 9);
  expect(messages.pairs[0]?.uses).toHaveLength(10);
  expect(messages.pairs[0]?.uses[2]?.utilizationRatio).toBeCloseTo(0.8, 9);
  expect(messages.pairs[1]?.uses).toEqual([]);
});

test("the use of a link is of the time in which its rate was limited", () => {
  const told = {
    a: [sentToB(0, 0), sentToB(4_000, 1e6), sentToB(8_000, 1e6 + 100_000), sentToB(10_000, 2e6)],
    b: [],
  };
  const use = (capacities: MessageUse["capacities"]) => figuresOf(told, { capacities }).messages.pairs[0];
  const rates = [{ fromSecs: 0 }, { fromSecs: 4, mbps: 0.4 }, { fromSecs: 8 }];
  // 0.8 Mbit in 4 s, of the 1.6 that it could carry.
  expect(use(() => rates)?.utilizationRatio).toBeCloseTo(0.5, 9);
  expect(use(() => rates)?.uses.map(({ second }) => second)).toEqual([4, 5, 6, 7]);
  expect(use(() => [{ fromSecs: 0 }])?.utilizationRatio).toBeUndefined();
});

test("availability is by operation, with the longest outage and its peer", () => {
  const probes = (op: "write" | "fresh", failing: (ms: number) => boolean): PeerEvent[] =>
    Array.from({ length: 100 }, (_, index) => ({
      ...{ type: "probe", at: index * 100, op, ok: !failing(index * 100), ms: 1 },
    }));
  const { messages } = figuresOf({
    a: [...probes("write", () => false), ...probes("fresh", (ms) => ms >= 2_000 && ms < 4_000)],
    b: probes("fresh", (ms) => ms >= 9_500),
  });
  expect(messages.availability).toEqual([
    { op: "write", probes: 100, ok: 100, availabilityRatio: 1, longestOutageSecs: 0, outageNode: undefined },
    { op: "fresh", probes: 200, ok: 175, availabilityRatio: 0.875, longestOutageSecs: 2, outageNode: "a" },
  ]);
  expect(messages.seconds[2]).toMatchObject({ writeRatio: 1, freshRatio: 0.5 });
});

test("more messages than are followed are said, and counted no further", () => {
  const record = new MessageRecord(["a", "b"], 3);
  for (let id = 0; id < 5; id++) record.add("a", write(startMs + id, String(id)));
  expect([record.messages, record.isCut]).toEqual([3, true]);
});

test("a peer that joins late is behind by what was written before, and is not lacking later", () => {
  const early: PeerEvent[] = [
    { type: "start", at: -5_000 },
    write(1_000, "1"),
    write(3_000, "2"),
    write(6_000, "3"),
  ];
  const late: PeerEvent[] = [
    { type: "start", at: 4_000 },
    read(4_200, "a", "1"),
    read(4_500, "a", "2"),
    read(6_010, "a", "3"),
  ];
  const { messages } = figuresOf({ a: early, b: late });
  expect(messages.peers.map(({ joinedSecs }) => joinedSecs)).toEqual([undefined, 4]);
  expect(messages.resyncs).toEqual([
    { node: "b", cause: "join", fromSecs: 0, toSecs: 4, behind: 2, firstMs: 200, resyncMs: 500 },
  ]);
});

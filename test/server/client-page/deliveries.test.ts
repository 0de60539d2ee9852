import fc from "fast-check";
import { expect, test } from "vitest";
import { Deliveries } from "../../../src/server/client-page/browser/deliveries.ts";

/** What a recorder has counted after these arrivals. */
function record(
  arrivals: readonly { from?: string; kind?: string; sequence?: number; latencyMs?: number }[],
  deliveries = new Deliveries(),
) {
  for (const arrival of arrivals) {
    deliveries.add({ from: "a", kind: "chat", sequence: 0, latencyMs: 1, ...arrival });
  }
  return deliveries;
}

const numbers = (...sequences: readonly number[]) =>
  record(sequences.map((sequence) => ({ sequence }))).total;

test("a message counts once as delivered, its copies as repeated, by kind and in total", () => {
  const { total, kinds } = record([
    { sequence: 0, kind: "position" },
    { sequence: 1, kind: "chat" },
    { sequence: 0, kind: "position" },
    { sequence: 0, kind: "position" },
    { sequence: 0, kind: "position", from: "b" },
  ]);
  expect(total).toEqual({ delivered: 3, repeated: 2 });
  expect([...kinds]).toEqual([
    ["position", { delivered: 2, repeated: 2 }],
    ["chat", { delivered: 1, repeated: 0 }],
  ]);
});

test("the last 65,536 numbers are told apart, in any order; older ones count as repeated", () => {
  expect(numbers(65_535, 0, 0, 1)).toEqual({ delivered: 3, repeated: 1 });
  expect(numbers(65_536, 1, 0)).toEqual({ delivered: 2, repeated: 1 });
  // A leap over all that is remembered leaves nothing behind.
  expect(numbers(0, 1, 2, 200_001, 200_000, 200_002, 134_467, 134_466)).toEqual({
    delivered: 7,
    repeated: 1,
  });
});

test("numbers that begin again after 2^32 are newer, not older", () => {
  const last = 2 ** 32 - 1;
  expect(numbers(last - 1, last, 0, 1, last, 0)).toEqual({ delivered: 4, repeated: 2 });
});

test("whatever order they come in, each of some near numbers is delivered once", () => {
  const sequences = fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 200 });
  fc.assert(
    fc.property(sequences, fc.integer({ min: 0, max: 2 ** 32 - 1 }), (offsets, from) => {
      const delivered = new Set(offsets).size;
      const total = numbers(...offsets.map((offset) => (from + offset) % 2 ** 32));
      expect(total).toEqual({ delivered, repeated: offsets.length - delivered });
    }),
  );
});

test("messages of more than a thousand senders count as repeated from the next one on", () => {
  const senders = Array.from({ length: 1_000 }, (_, at) => ({ from: `peer${at}` }));
  const deliveries = record([...senders, { from: "late" }, { from: "late", sequence: 1 }]);
  expect(deliveries.total).toEqual({ delivered: 1_000, repeated: 2 });
  expect(deliveries.latency.measured.count).toBe(1_000);
  record([{ from: "peer7", sequence: 1 }], deliveries);
  expect(deliveries.total.delivered).toBe(1_001);
});

test("kinds beyond 64 are part of the total only", () => {
  const deliveries = record(Array.from({ length: 100 }, (_, at) => ({ kind: `k${at}`, sequence: at })));
  expect([deliveries.kinds.size, deliveries.total.delivered]).toEqual([64, 100]);
});

test("the latency is that of first arrivals, in whole microseconds; one before its sending is early", () => {
  const { latency, early, total } = record([
    { sequence: 0, latencyMs: 1.2344 },
    { sequence: 0, latencyMs: 50 },
    { sequence: 1, latencyMs: 0.0006 },
    { sequence: 2, latencyMs: -0.5 },
    { sequence: 2, latencyMs: 3 },
  ]);
  expect(total).toEqual({ delivered: 3, repeated: 2 });
  expect(early).toBe(1);
  const { count, minUs, maxUs } = latency.measured;
  expect([count, minUs, maxUs, latency.sumUs]).toEqual([2, 1, 1_234, 1_235n]);
});

test("a window has the arrivals since the one before, and none where there were none", () => {
  const deliveries = record([
    { sequence: 0, latencyMs: 2 },
    { sequence: 1, latencyMs: 4 },
    { sequence: 1, latencyMs: 100 },
    { sequence: 2, latencyMs: -1 },
  ]);
  expect(deliveries.takeWindow()).toEqual({ meanMs: 3, maxMs: 4 });
  expect(deliveries.takeWindow()).toBeUndefined();
  record([{ sequence: 3, latencyMs: 1 }], deliveries);
  expect(deliveries.takeWindow()).toEqual({ meanMs: 1, maxMs: 1 });
  expect(deliveries.latency.measured.count).toBe(3);
});

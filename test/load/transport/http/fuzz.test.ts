import fc from "fast-check";
import { expect, test } from "vitest";
import { counts, drive } from "./driving.ts";
import { type Deed, type forms, startScripted } from "./scripted-server.ts";

const cuts = fc.array(fc.nat(400), { maxLength: 3 });
const answer = (form: (typeof forms)[number] | 301 | 404 | 500 | 503) =>
  cuts.map((places): Deed => ({ kind: "answer", form, cuts: places }));
/** Proper replies on a connection that goes on. */
const proper: fc.Arbitrary<Deed> = fc.oneof(
  answer("plain"),
  ...(["plain", "chunked", "interim", "padded", "huge-head"] as const).map(answer),
  fc.constant<Deed>({ kind: "hold" }),
);
const improper: fc.Arbitrary<Deed> = fc.oneof(
  ...(["closing", "then-close", 301, 404, 500, 503] as const).map(answer),
  fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes): Deed => ({ kind: "garbage", bytes })),
  fc.nat(400).map((at): Deed => ({ kind: "truncate", at })),
  ...(["silence", "wrong-id", "reset", "twice", "close"] as const).map((kind) => fc.constant<Deed>({ kind })),
);
const shape = fc.record({
  connections: fc.integer({ min: 1, max: 4 }),
  inFlightPerConnection: fc.constantFrom(1, 2, 7),
  unprepared: fc.boolean(),
  atOnce: fc.boolean(),
});
const count = 40;

/** The n-th request gets the n-th deed, round and round. */
const round =
  (deeds: readonly Deed[]) =>
  (_: number, nth: number): Deed =>
    deeds[nth % deeds.length] as Deed;

test("whatever the form and the cuts of proper replies, all is acknowledged", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(proper, { minLength: 1, maxLength: 12 }), shape, async (deeds, options) => {
      await using server = await startScripted(round(deeds));
      const { endings } = await drive({ rpc: { host: "127.0.0.1", port: server.port }, count, ...options });
      expect(counts(endings)).toEqual({ acknowledged: count });
      expect(server.received.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
    }),
    { numRuns: 60 },
  );
});

test("whatever a server does, each transaction ends once, is sent once, and is acknowledged only if it was", async () => {
  const deeds = fc.array(fc.oneof({ weight: 2, arbitrary: proper }, improper), {
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(deeds, shape, async (all, options) => {
      await using server = await startScripted(round(all));
      const rpc = { host: "127.0.0.1", port: server.port };
      const { endings } = await drive({ rpc, count, requestTimeoutMs: 60, ...options });
      expect(Object.keys(endings)).toHaveLength(count);
      expect(new Set(server.received).size).toBe(server.received.length);
      for (const [sequence, ending] of endings.entries()) {
        if (ending === "acknowledged") expect(server.accepted).toContain(sequence);
      }
    }),
    { numRuns: 60 },
  );
});

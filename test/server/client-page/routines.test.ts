import fc from "fast-check";
import { expect, test } from "vitest";
import { envelopeBytes } from "../../../src/server/client-page/browser/envelope.ts";
import { decodePosition } from "../../../src/server/client-page/browser/payloads.ts";
import { createRoutine as createComms } from "../../../src/server/client-page/browser/routines/comms.ts";
import { createRoutine as createListen } from "../../../src/server/client-page/browser/routines/listen.ts";
import { periodic } from "../../../src/server/client-page/browser/routines/periodic.ts";
import type {
  CreateRoutine,
  Position,
  RoutineOptions,
} from "../../../src/server/client-page/browser/routines/routine.ts";
import { createRoutine as createWalk } from "../../../src/server/client-page/browser/routines/walk.ts";

const tickMs = 1000 / 60;

interface SentMessage {
  readonly kind: string;
  readonly atMs: number;
  readonly payload: Uint8Array;
}

/** What a peer sends when its routine is called every so many milliseconds. */
function run(
  create: CreateRoutine,
  { id = "peer", durationMs = 60_000, everyMs = tickMs } = {},
  options: RoutineOptions = {},
) {
  let atMs = 0;
  const sent: SentMessage[] = [];
  const peer = {
    id,
    position: [1, 2, 3] as Position,
    send: (kind: { name: string }, payload: Uint8Array) => sent.push({ kind: kind.name, atMs, payload }),
  };
  const routine = create(peer, options);
  for (atMs = everyMs; atMs < durationMs; atMs += everyMs) routine(atMs, everyMs, peer);
  return { sent, peer, count: (kind: string) => sent.filter((one) => one.kind === kind).length };
}

test.each([tickMs, 7.3, 33.4, 250])(
  "called every %d ms for a minute, the usual routine sends 600 positions, 60 profiles and 6 chat messages",
  (everyMs) => {
    const { count } = run(createComms, { everyMs });
    // The last due time may fall behind the last call.
    expect(count("position")).toBeGreaterThanOrEqual(600 - Math.ceil(everyMs / 100));
    expect(count("position")).toBeLessThanOrEqual(600);
    expect(count("profile")).toBeGreaterThanOrEqual(59);
    expect(count("profile")).toBeLessThanOrEqual(60);
    expect(count("chat")).toBe(6);
  },
);

/** A minute whose last call is at its very end. */
function countMinute(create: CreateRoutine, id: string, options: RoutineOptions) {
  const { count } = run(create, { id, everyMs: 60_000 / 4_001, durationMs: 60_000 }, options);
  return ["position", "profile", "chat"].map(count);
}

test.each([
  ["comms", createComms],
  ["walk", createWalk],
])("%s keeps the rate that is asked for, with kinds in the usual proportion", (_name, create) => {
  for (const id of ["a", "b", "c"]) {
    expect(countMinute(create, id, {})).toEqual([600, 60, 6]);
    expect(countMinute(create, id, { messagesPerSec: 11.1 })).toEqual([600, 60, 6]);
    expect(countMinute(create, id, { messagesPerSec: 22.2 })).toEqual([1_200, 120, 12]);
    expect(countMinute(create, id, { messagesPerSec: 1.85 })).toEqual([100, 10, 1]);
  }
});

test("a listening peer sends nothing at any rate", () => {
  expect(countMinute(createListen, "a", { messagesPerSec: 100 })).toEqual([0, 0, 0]);
});

test("no message drifts: each comes with the first call after its due time", () => {
  const { sent } = run(createComms);
  const positions = sent.filter(({ kind }) => kind === "position");
  const firstMs = positions[0]?.atMs ?? 0;
  for (const [index, { atMs }] of positions.entries()) {
    expect(Math.abs(atMs - (firstMs + 100 * index))).toBeLessThan(tickMs + 0.01);
  }
});

test("any calls, however they fall, act once for each due time that has passed", () => {
  const deltas = fc.array(fc.double({ min: 0.1, max: 2_000, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(
      deltas,
      fc.integer({ min: 10, max: 1000 }),
      fc.integer({ min: 0, max: 999 }),
      (steps, everyMs, firstMs) => {
        let count = 0;
        const routine = periodic({ everyMs, firstMs }, () => count++);
        let elapsed = 0;
        for (const delta of steps) {
          elapsed += delta;
          routine(elapsed, delta, {} as never);
          const due = elapsed < firstMs ? 0 : Math.floor((elapsed - firstMs) / everyMs) + 1;
          expect(Math.abs(count - due)).toBeLessThanOrEqual(elapsed % everyMs === firstMs % everyMs ? 1 : 0);
        }
      },
    ),
  );
});

test("two peers do not send together", () => {
  const first = (id: string) =>
    run(createComms, { id, everyMs: 1 }).sent.find(({ kind }) => kind === "position")?.atMs;
  expect(new Set(["a", "b", "c", "d"].map(first)).size).toBe(4);
});

test("a position can be read again, and other messages are none", () => {
  const { sent } = run(createComms);
  const payload = (kind: string) => sent.find((one) => one.kind === kind)?.payload ?? new Uint8Array();
  expect(decodePosition(payload("position"))).toEqual([1, 2, 3]);
  const sizes = ["position", "profile", "chat"].map((kind) => envelopeBytes + payload(kind).length);
  expect(sizes).toEqual([46, 58, 91]);
  for (const kind of ["profile", "chat"]) expect(decodePosition(payload(kind))).toBeUndefined();
});

test("a walking peer moves, near where it began; a listening one sends nothing", () => {
  const { peer, count } = run(createWalk);
  expect(peer.position).not.toEqual([1, 2, 3]);
  expect(Math.hypot(peer.position[0] - 1, peer.position[2] - 3)).toBeLessThanOrEqual(40);
  expect(count("chat")).toBe(6);
  expect(run(createListen).sent).toEqual([]);
});

import { expect, onTestFinished, test } from "vitest";
import type { CommitListener } from "../../../src/contracts/load/commits.ts";
import { openObserver } from "../../../src/load/observe/observer.ts";
import { summarizeAges } from "../../../src/metrics/stats/signed-record.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";
import { planFor } from "./observing-chains.ts";

const startMs = 1_700_000_000_000;

/** What an observer tells of one node's blocks, in a window from 1000 to 2000 ms of a clock that is set by hand. */
async function openAges() {
  let nowMs = 0;
  const listeners: CommitListener[] = [];
  const targets = [{ node: "node0", rpc: { host: "127.0.0.1", port: 1 } }];
  const protocol = {
    transactions: mysticeti.transactions,
    observeCommits: async (_rpc: unknown, listener: CommitListener) => {
      listeners.push(listener);
      const none = { height: () => 0, unreportedSinceMs: () => undefined };
      return { ...none, [Symbol.asyncDispose]: async () => {} };
    },
  };
  const observer = await openObserver(planFor(targets, { windowMs: 1000 }), protocol, {
    clock: { wallMs: () => startMs + nowMs, monotonicMs: () => nowMs },
    signal: new AbortController().signal,
    ...{ emit: () => {}, onCommits: () => {}, onWatermark: () => {} },
  });
  onTestFinished(() => observer[Symbol.asyncDispose]());
  observer.begin(1000);
  const show = (height: number, timeMs: number | undefined, readMs: number) => {
    const block = {
      height,
      timeMs,
      fingerprint: "",
      transactions: 0,
      heads: new Uint8Array(),
      messageBytes: 0,
    };
    listeners[0]?.block(block, { missed: false, readMs });
  };
  /** A block of that age that is seen then, on the monotonic clock. */
  const see = (height: number, seenMs: number, ageMs: number) => {
    nowMs = seenMs;
    show(height, startMs + nowMs - ageMs, seenMs);
  };
  return { show, see, ages: () => summarizeAges(observer.finish().blockAges) };
}

test("a block counts when the first node shows it, and within the window alone", async () => {
  const { ages, see } = await openAges();
  see(1, 999, 50);
  see(2, 1000, 60);
  see(2, 1010, 70);
  see(1, 1020, 90);
  see(3, 1999, 80);
  see(4, 2000, 100);
  expect(ages()).toEqual({
    ...{ count: 2, negative: 0, minMs: 60, p50Ms: expect.closeTo(60, 1), p99Ms: 80, maxMs: 80, meanMs: 70 },
  });
});

test("one that is seen before its own time is negative, and stays so", async () => {
  const { ages, see } = await openAges();
  see(1, 1100, -5);
  see(2, 1200, -20);
  see(3, 1300, 10);
  expect(ages()).toEqual({
    ...{ count: 3, negative: 2, minMs: -20, p50Ms: expect.closeTo(-5, 1), p99Ms: 10, maxMs: 10, meanMs: -5 },
  });
});

test("blocks without a time, or with one that is no time, have no age", async () => {
  const { ages, show } = await openAges();
  show(1, undefined, 1100);
  show(2, Date.parse("0001-01-01T00:00:00Z"), 1200);
  show(3, Number.NaN, 1300);
  expect(ages()).toEqual({ count: 0, negative: 0 });
});

import { onTestFinished } from "vitest";
import type { CommitListener } from "../../src/contracts/load/commits.ts";
import { until } from "../../src/core/async.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { ObserverTiming } from "../../src/protocol/commits/chain-place.ts";
import { observeCommits } from "../../src/protocol/commits/observer.ts";
import type { MemoryChain } from "../validator/rpc/memory-chain.ts";

/** Quick to try again, slow to give up, so that a busy machine does not change what is seen. */
export const timing: ObserverTiming = {
  openTimeoutMs: 10_000,
  pingPeriodMs: 10_000,
  requestTimeoutMs: 10_000,
  firstRetryMs: 5,
  longestRetryMs: 50,
  pollPeriodMs: 5,
};

/** Length of every transaction here. */
const headBytes = 8;

export const observing = { clock: systemClock, headBytes, timing };

/** The only transaction of the block at this height. */
export const textOf = (height: number) => `tx ${String(height).padStart(5, "0")}`;

/** Writes down everything that an observer tells. */
export function openRecord() {
  const heights: number[] = [];
  const missed: number[] = [];
  const texts: string[] = [];
  const fingerprints: string[] = [];
  const lost: string[] = [];
  const polling: number[] = [];
  const restored: number[] = [];
  const failed: string[] = [];
  const listener: CommitListener = {
    block: (block, seen) => {
      heights.push(block.height);
      fingerprints.push(block.fingerprint);
      const heads = Buffer.from(block.heads).toString();
      for (let at = 0; at < heads.length; at += headBytes) texts.push(heads.slice(at, at + headBytes));
      if (seen.missed) missed.push(block.height);
    },
    lost: (reason) => lost.push(reason),
    polling: (everyMs) => polling.push(everyMs),
    restored: (count) => restored.push(count),
    failed: (reason) => failed.push(reason),
  };
  return { heights, missed, texts, fingerprints, lost, polling, restored, failed, listener };
}

export async function observe(port: number, changed: Partial<ObserverTiming> = {}) {
  const record = openRecord();
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const rpc = { host: "127.0.0.1", port };
  const options = { ...observing, signal: ending.signal, timing: { ...timing, ...changed } };
  const observer = await observeCommits(rpc, record.listener, options);
  return { ...record, observer, ending };
}

export function becomes(condition: () => boolean, what: string): Promise<true> {
  return until(() => (condition() ? true : undefined), {
    timeoutMs: 10_000,
    everyMs: 2,
    describe: () => `never: ${what}`,
  });
}

export function commitMany(chain: MemoryChain, count: number): void {
  for (let i = 0; i < count; i++) chain.commit(textOf(chain.height() + 1));
}

export const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

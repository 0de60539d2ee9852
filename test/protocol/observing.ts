import { onTestFinished } from "vitest";
import type { CommitListener } from "../../src/contracts/protocol.ts";
import { until } from "../../src/core/async.ts";
import { type ObserverTiming, observeCommits } from "../../src/protocol/commit-observer.ts";
import type { MemoryChain } from "../validator/rpc/memory-chain.ts";

/** Quick to try again, slow to give up, so that a busy machine does not change what is seen. */
export const timing: ObserverTiming = {
  openTimeoutMs: 10_000,
  pingPeriodMs: 10_000,
  requestTimeoutMs: 10_000,
  firstRetryMs: 5,
  longestRetryMs: 50,
};

/** Writes down everything that an observer tells. */
export function openRecord() {
  const heights: number[] = [];
  const missed: number[] = [];
  const texts: string[] = [];
  const fingerprints: string[] = [];
  const lost: string[] = [];
  const restored: number[] = [];
  const failed: string[] = [];
  const listener: CommitListener = {
    block: (block, seen) => {
      heights.push(block.height);
      fingerprints.push(block.fingerprint);
      texts.push(...block.transactions.map((transaction) => Buffer.from(transaction).toString()));
      if (seen.missed) missed.push(block.height);
    },
    lost: (reason) => lost.push(reason),
    restored: (count) => restored.push(count),
    failed: (reason) => failed.push(reason),
  };
  return { heights, missed, texts, fingerprints, lost, restored, failed, listener };
}

export async function observe(port: number, changed: Partial<ObserverTiming> = {}) {
  const record = openRecord();
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const rpc = { host: "127.0.0.1", port };
  const observer = await observeCommits(rpc, record.listener, ending.signal, { ...timing, ...changed });
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
  for (let i = 0; i < count; i++) chain.commit(`tx ${chain.height() + 1}`);
}

export const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

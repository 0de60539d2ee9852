import { onTestFinished } from "vitest";
import type { CommitListener } from "../../../../src/contracts/load/commits.ts";
import { until } from "../../../../src/core/async.ts";
import { systemClock } from "../../../../src/core/clock.ts";
import { buildObserve } from "../../../../src/protocol/custom/client-side.ts";
import type { CommitsEntry } from "../../../../src/protocol/custom/schema/schema.ts";
import { buildFormat } from "../../../../src/protocol/custom/submission/format.ts";
import { keyBytes } from "../../../../src/protocol/transactions/hex-key.ts";
import { timing } from "../../observing.ts";
import { described } from "./described.ts";

const format = buildFormat(described("${transaction}"));

/** The text of a transaction with this number. */
export const textOf = (sequence: number) =>
  Buffer.from(format.encode({ run: 1, client: 0, sequence }, 64, 1)).toString();

/** Writes down everything that an observer of a described system tells. */
export async function watch(commits: CommitsEntry, port: number, changed: Partial<typeof timing> = {}) {
  const heights: number[] = [];
  const sequences: number[] = [];
  const fingerprints: string[] = [];
  const missed: number[] = [];
  const lost: string[] = [];
  const polling: number[] = [];
  const restored: number[] = [];
  const failed: string[] = [];
  const listener: CommitListener = {
    block: (block, seen) => {
      heights.push(block.height);
      fingerprints.push(block.fingerprint);
      if (seen.missed) missed.push(block.height);
      const into = { run: 0, client: 0, sequence: 0 };
      for (let offset = 0; offset < block.heads.length; offset += keyBytes) {
        if (format.identifyHead(block.heads, offset, into)) sequences.push(into.sequence);
      }
    },
    lost: (reason) => lost.push(reason),
    polling: (everyMs) => polling.push(everyMs),
    restored: (count) => restored.push(count),
    failed: (reason) => failed.push(reason),
  };
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const options = { clock: systemClock, headBytes: format.headBytes, signal: ending.signal };
  const observe = buildObserve(commits, { ...timing, ...changed });
  const observer = await observe?.({ host: "127.0.0.1", port }, listener, options);
  if (observer === undefined) throw new TypeError("its commits cannot be observed");
  return { heights, sequences, fingerprints, missed, lost, polling, restored, failed, observer };
}

export function becomes(condition: () => boolean, what: string): Promise<true> {
  return until(() => (condition() ? true : undefined), {
    timeoutMs: 10_000,
    everyMs: 2,
    describe: () => `never: ${what}`,
  });
}

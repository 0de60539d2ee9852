import { onTestFinished } from "vitest";
import type { EventBody } from "../../../src/contracts/events.ts";
import { until } from "../../../src/core/async.ts";
import { systemClock } from "../../../src/core/clock.ts";
import type { CommitBatch } from "../../../src/load/observe/commit-sorter.ts";
import { openObserver } from "../../../src/load/observe/observer.ts";
import type { ObserverPlan } from "../../../src/load/observe/observer-plan.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";
import { type MemoryChain, openMemoryChain } from "../../validator/rpc/memory-chain.ts";
import { serve } from "../../validator/rpc/running.ts";

export const run = 7;

/** What an observer told, in the order of its telling. */
export interface Reported {
  readonly batches: (CommitBatch & { readonly client: number; readonly atMs: number })[];
  readonly watermarks: { readonly upToMs: number; readonly atMs: number; readonly batchesBefore: number }[];
  readonly events: EventBody[];
}

/** Nodes without consensus: they show what a test commits. */
export async function serveChains(count: number) {
  const chains = Array.from({ length: count }, () => openMemoryChain({ mempoolLimit: 100_000 }));
  const servers = await Promise.all(chains.map((chain) => serve(chain)));
  const targets = servers.map(({ port }, index) => ({
    node: `node${index}`,
    rpc: { host: "127.0.0.1", port },
  }));
  return { chains, targets };
}

export function planFor(targets: ObserverPlan["targets"], changes: Partial<ObserverPlan> = {}): ObserverPlan {
  const places = targets.map((_, index) => index);
  const clients = [0, 1].map((client) => ({ client, places }));
  return { run, windowMs: 60_000, targets, clients, keepsHeights: true, ...changes };
}

export async function observe(plan: ObserverPlan, onBatch = (_client: number, _batch: CommitBatch) => {}) {
  const reported: Reported = { batches: [], watermarks: [], events: [] };
  const observer = await openObserver(plan, mysticeti, {
    clock: systemClock,
    signal: new AbortController().signal,
    emit: (body) => reported.events.push(body),
    onCommits: (client, batch) => {
      reported.batches.push({ ...batch, client, atMs: systemClock.monotonicMs() });
      onBatch(client, batch);
    },
    onWatermark: (upToMs) => {
      const batchesBefore = reported.batches.length;
      reported.watermarks.push({ upToMs, atMs: systemClock.monotonicMs(), batchesBefore });
    },
  });
  onTestFinished(() => observer[Symbol.asyncDispose]());
  return { observer, reported };
}

/** One block with these transactions, of 64 bytes if not said otherwise. */
export function commitBlock(
  chain: MemoryChain,
  identities: readonly { readonly client: number; readonly sequence: number; readonly run?: number }[],
  sizeBytes = 64,
): void {
  for (const identity of identities) {
    chain.submit(mysticeti.transactions.encode({ run, ...identity }, sizeBytes, 1));
  }
  chain.commit();
}

export function becomes(condition: () => boolean, what: string): Promise<true> {
  return until(() => (condition() ? true : undefined), {
    timeoutMs: 20_000,
    everyMs: 5,
    describe: () => `never: ${what}`,
  });
}

/** The sequence numbers of one client that a target showed. */
export function sequencesOf({ batches }: Reported, client: number, target: number): number[] {
  return batches
    .filter((batch) => batch.client === client && batch.target === target)
    .flatMap(({ sequences }) => [...sequences]);
}

/** What becomes of commits while the connection that shows them is cut again and again. */
import { expect, test } from "vitest";
import type { EventBody } from "../../src/contracts/events.ts";
import { delay } from "../../src/core/async.ts";
import { seededRandom } from "../../src/core/random.ts";
import { summarizeLatency } from "../../src/metrics/stats/latency-record.ts";
import { ledgerImbalance } from "../../src/metrics/stats/ledger.ts";
import type { Behaviour } from "../stand-in/config.ts";
import { planFor, run, startNodes } from "./setting.ts";
import { openSubscriptionRelay, type SubscriptionRelay } from "./subscription-relay.ts";

const quick: Behaviour = { replyDelayMs: 1, commit: { kind: "after", ms: 20 } };
const cuts = 3;
const goneMs = 150;

/** Cuts the subscription thrice, at moments and after bytes that follow from the seed. */
async function cutThrice(
  relay: SubscriptionRelay,
  seed: string,
  restored: () => Promise<void>,
): Promise<void> {
  const random = seededRandom(seed);
  for (let cut = 0; cut < cuts; cut++) {
    await delay(1000 * random.nextRatio());
    const back = restored();
    await relay.cutAfter(1 + Math.floor(1500 * random.nextRatio()));
    await delay(goneMs);
    relay.heal();
    await back;
  }
}

/** 25 tx/s at two nodes for twelve seconds, so that a busy machine has time for all; the subscription of the first one is cut in the window. */
async function runWithCuts(seed: string) {
  await using nodes = await startNodes([quick, quick]);
  const [first, second] = nodes.targets;
  if (first === undefined || second === undefined) throw new Error("there are two targets");
  await using relay = await openSubscriptionRelay(first.rpc.port);
  const targets = [{ node: first.node, rpc: { host: "127.0.0.1", port: relay.port } }, second];
  let onRestored = () => {};
  const restored = () =>
    new Promise<void>((resolve) => {
      onRestored = resolve;
    });
  const plan = planFor(targets, {
    rateTps: 25,
    windowTransactions: 300,
    windowMs: 12_000,
    drainMs: 15_000,
    requestTimeoutMs: 20_000,
  });
  return await run(plan, {
    onEvent: (event: EventBody) => {
      if (event.type === "observer-restored") onRestored();
      if (event.type === "load-phase" && event.phase === "window") void cutThrice(relay, seed, restored);
    },
  });
}

test("an observer whose connection drops three times in a run, within a frame, loses no commit", async () => {
  const { report, events } = await runWithCuts("observer cuts");
  expect(ledgerImbalance(report.ledger)).toBeUndefined();
  expect(report.ledger).toMatchObject({
    scheduled: 300,
    sent: { acknowledged: { committed: 300, notSeen: 0 } },
    duplicateCommits: 0,
    unknownCommits: 0,
  });
  expect(report.observerFailures).toEqual([]);
  const reported = events.filter(({ type }) => type === "observer-lost" || type === "observer-restored");
  expect(reported).toMatchObject(
    Array.from({ length: cuts }, () => [
      { type: "observer-lost", node: "node0" },
      { type: "observer-restored", node: "node0" },
    ]).flat(),
  );
  if (report.latency.commit === undefined) throw new Error("commit latency is missing");
  // What committed while nobody watched counts at the moment it was seen, not at the moment of its block.
  const { count, censored, maxMs = 0 } = summarizeLatency(report.latency.commit);
  expect([count, censored]).toEqual([300, 0]);
  expect(maxMs).toBeGreaterThan(goneMs);
});

/** Long segments of steady load: memory and disk stay flat, and nothing is lost. */
import { expect, test } from "vitest";
import { delay } from "../../src/core/async.ts";
import { LiveRun, notify } from "../live/live-run.ts";
import { UsageWatch } from "../live/usage.ts";
import { untilRejoined } from "../live/waiting.ts";
import { partMs, soakMinutes, soakTimeoutMs } from "./length.ts";

/** Below this, what is kept for a time has not filled when the middle third begins. */
const leastMinutes = 10;
/** What the last third's mean may be above the middle third's. */
const mostGrowth = 1.15;
const mebibyte = 1024 * 1024;

/** Small enough that everything that is kept for a while is full after a few minutes. */
const tuning = {
  consensus: { checkpointIntervalHeights: 500 },
  mempool: { mostTransactions: 10_000 },
  log: { retainHeights: 2_000 },
};

test(
  "four validators at 500 tx/s: memory and log stay flat",
  async () => {
    await using run = await LiveRun.open({ size: 4, rateTps: 500, transactionBytes: 512, tuning });
    const usage = new UsageWatch(run.committee.nodes, 10_000);
    await delay(partMs(1));
    await usage.stop();
    await conclude(run);
    const growths = (["memoryBytes", "logBytes"] as const).flatMap((what) =>
      run.committee.nodes.map((node) => {
        const thirds = usage.thirds(node, what);
        const figures = thirds.map((mean) => (mean / mebibyte).toFixed(1)).join(", ");
        notify(`node${node.authority} ${what}, MiB, mean of each third: ${figures}`);
        return { node: node.authority, what, growth: thirds[2] / thirds[1] };
      }),
    );
    if (soakMinutes < leastMinutes)
      notify(`${soakMinutes} min are too short to say whether these stay flat.`);
    else expect(growths.filter(({ growth }) => !(growth <= mostGrowth))).toEqual([]);
  },
  soakTimeoutMs(partMs(1)),
);

test(
  "ten validators at 500 tx/s lose nothing",
  async () => {
    await using run = await LiveRun.open({ size: 10, rateTps: 500, transactionBytes: 512, tuning });
    await run.committee.reach(5);
    await delay(partMs(1, 2));
    await conclude(run);
  },
  soakTimeoutMs(partMs(1, 2)),
);

test(
  "a validator that was away for a minute has caught up within ten seconds",
  async () => {
    await using run = await LiveRun.open({ size: 4, rateTps: 200 });
    const [, , , away] = run.committee.nodes;
    if (away === undefined) throw new Error("no node3");
    const others = run.committee.nodes.slice(0, 3);
    await run.committee.reach(20);
    await away.kill();
    await delay(partMs(1, 1));
    const height = await run.committee.height(others);
    const startedMs = performance.now();
    await away.start();
    await untilRejoined(away, others);
    const tookMs = performance.now() - startedMs;
    notify(
      `back from ${partMs(1, 1) / 1000} s away (at height ${height}) in ${(tookMs / 1000).toFixed(2)} s`,
    );
    expect(tookMs).toBeLessThan(10_000);
    await conclude(run);
  },
  soakTimeoutMs(partMs(1, 1)),
);

/** The load ends; what was acknowledged is committed, and all nodes tell one chain. */
async function conclude(run: LiveRun): Promise<void> {
  const offered = run.load.offered;
  await run.load.stop();
  await run.expectCommitted(10_000);
  const height = await run.expectOneChain();
  await run.expectNoTwins();
  const { acknowledgements, commits } = run.ledger;
  notify(
    `${run.committee.nodes.length} validators: ${offered} offered, ${acknowledgements} acknowledged, ` +
      `${commits} committed in ${height} heights`,
  );
}

/** Real validator processes beside one that signs two blocks in every round, while links break as well. */
import { expect } from "vitest";
import { until } from "../../src/core/async.ts";
import { startEquivocator } from "../live/equivocator.ts";
import { LiveRun, notify } from "../live/live-run.ts";
import type { LiveNode } from "../live/node.ts";
import { expectFrozen } from "../live/waiting.ts";
import { someOf } from "../support/some-of.ts";

someOf(
  [
    [4, 100, 50],
    [7, 70, 100],
  ],
  1,
)(
  "a committee of %i with an equivocator stays one chain, also where one of the others is left alone with it, and commits all it acknowledged",
  async (size, rateTps, minRoundDelayMs) => {
    const liar = size - 1;
    const tuning = { consensus: { minRoundDelayMs } };
    await using run = await LiveRun.open({ size, rateTps, tuning, absent: [liar] });
    const { committee } = run;
    const honest = run.nodes;
    using _equivocator = await startEquivocator(committee);
    const seesTwins = async () => {
      const counts = await run.twins();
      return counts.every((count) => count > 20) ? counts : undefined;
    };
    await until(seesTwins, { timeoutMs: 60_000, everyMs: 50, describe: () => "few twins were seen" });

    // Left with the equivocator, it has no quorum, whatever that one tells it.
    const [alone, ...others] = honest.toReversed() as [LiveNode];
    const authorities = others.map(({ authority }) => authority);
    committee.links.separate([alone.authority], authorities, "cut");
    await expectFrozen([alone]);
    committee.links.heal();
    await committee.grow(20, honest);

    await run.load.stop();
    await run.expectCommitted(10_000);
    const height = await run.expectOneChain(honest);
    const counts = await run.twins();
    notify(`${size} validators: one chain of ${height} heights; twins seen, by node: ${counts.join(", ")}`);
    expect(run.checker.comparisons).toBeGreaterThan(height);
  },
);

/** Real validator processes beside one that signs two blocks in every round, while links break as well. */
import { describe, expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { LiveRun, tell } from "../live/live-run.ts";
import type { LiveNode } from "../live/node.ts";
import { equivocationsOf } from "../live/rpc.ts";
import { expectFrozen } from "../live/waiting.ts";
import { startByzantine } from "../validator/byzantine.ts";
import type { HomeFiles } from "../validator/homes.ts";

const committees = [
  { size: 4, rateTps: 100, minRoundDelayMs: 50 },
  { size: 7, rateTps: 70, minRoundDelayMs: 100 },
];

describe.each(committees)(
  "a committee of $size with an equivocator",
  ({ size, rateTps, minRoundDelayMs }) => {
    test("stays one chain, also where one of the others is left alone with it, and commits all it acknowledged", async () => {
      const liar = size - 1;
      const tuning = { consensus: { minRoundDelayMs } };
      await using run = await LiveRun.open({ size, rateTps, tuning, absent: [liar] });
      const { committee } = run;
      const honest = committee.nodes.slice(0, liar);
      using _equivocator = await startByzantine(
        committee.nodes[liar]?.home as HomeFiles,
        (proposal, { build, send }) => {
          const twins = ["one", "other"].map((text) =>
            build({ ...proposal, transactions: [Buffer.from(`${text} of ${proposal.round}`)] }),
          );
          for (const { authority } of honest) {
            const twin = twins[authority % 2];
            if (twin !== undefined) send(authority, twin);
          }
        },
      );
      const seesTwins = async () => {
        const counts = await Promise.all(honest.map(({ home }) => equivocationsOf(home)));
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
      const counts = await Promise.all(honest.map(({ home }) => equivocationsOf(home)));
      tell(`${size} validators: one chain of ${height} heights; twins seen, by node: ${counts.join(", ")}`);
      expect(run.checker.comparisons).toBeGreaterThan(height);
    });
  },
);

import { expect, test } from "vitest";
import { ledgerImbalance } from "../../../../src/metrics/stats/ledger.ts";
import { fatesOf } from "../../../../src/results/charts/data/fates.ts";
import { sampleRuns } from "../../sample-results.ts";

const balanced = Object.entries(sampleRuns).filter(([, { ledger }]) => ledgerImbalance(ledger) === undefined);

test.each(balanced)("the parts of a bar add up to what was scheduled: %s", (_, run) => {
  const parts = fatesOf(run.ledger, run.latencyKind === "commit");
  expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(run.ledger.scheduled);
  expect(parts.every(({ count }) => count > 0)).toBe(true);
  expect(new Set(parts.map(({ name }) => name)).size).toBe(parts.length);
});

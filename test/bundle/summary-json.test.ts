import fc from "fast-check";
import { expect, test } from "vitest";
import { formatJson } from "../../src/bundle/numbers.ts";
import { buildParametersJson } from "../../src/bundle/parameters-json.ts";
import { buildSummaryJson } from "../../src/bundle/summary-json.ts";
import { arbitraryRun } from "./arbitrary-results.ts";
import { sampleRuns, sweepParameters } from "./sample-results.ts";
import { openValidator } from "./schemas.ts";

const frame = {
  run: "3f9a2c1e7b",
  networkType: "local",
  runtime: "docker",
  startedAt: "2024-01-15T10:29:30.000Z",
  finishedAt: "2024-01-15T10:40:00.000Z",
  plannedRuns: 7,
} as const;

test("the summary looks as recorded and fits its schema", async () => {
  const document = buildSummaryJson({
    ...frame,
    runs: Object.values(sampleRuns),
    endedEarly: "interrupted by SIGINT",
  });
  expect((await openValidator("summary"))(document)).toEqual([]);
  await expect(formatJson(document)).toMatchFileSnapshot("summary-json.golden.json");
});

test("the summary fits its schema whatever the runs found, also none", async () => {
  const validate = await openValidator("summary");
  fc.assert(
    fc.property(fc.array(arbitraryRun, { maxLength: 3 }), (runs) => {
      expect(validate(buildSummaryJson({ ...frame, runs }))).toEqual([]);
    }),
  );
});

test("the parameters are published under names with units, absent ones left out", () => {
  const document = buildParametersJson(sweepParameters);
  expect(document).toMatchObject({
    nodes: 4,
    loads: [100, 200, 0.5],
    duration: 180,
    transaction_size: 512,
    protocol_options: {
      min_round_delay_ms: 50,
      leader_timeout_ms: 250,
      leaders_per_round: 2,
      block_size_bytes: 1_048_576,
      mempool_size_transactions: 100_000,
      log_sync: "none",
    },
  });
  expect(Object.keys(document)).not.toContain("num_transactions");
  for (const key of Object.keys(document)) expect(key).toMatch(/^[a-z_]+$/);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { formatJson } from "../../../src/core/documents/numbers.ts";
import { buildParametersJson } from "../../../src/results/schema/parameters.ts";
import { buildSummaryJson } from "../../../src/results/schema/summary.ts";
import { arbitraryRun } from "../arbitrary-results.ts";
import { censoredRun, sampleRuns, sweepParameters, validRun } from "../sample-results.ts";
import { searchReport, searchRuns } from "../sample-search.ts";
import { openValidator } from "../schemas.ts";

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
  await expect(formatJson(document)).toMatchFileSnapshot("goldens/summary-json.golden.json");
});

test("the summary fits its schema whatever the runs found, also none", async () => {
  const validate = await openValidator("summary");
  fc.assert(
    fc.property(fc.array(arbitraryRun, { maxLength: 3 }), (runs) => {
      expect(validate(buildSummaryJson({ ...frame, runs }))).toEqual([]);
    }),
  );
});

test("the summary of a search looks as recorded and fits its schema", async () => {
  const { plannedRuns: _, ...known } = frame;
  const document = buildSummaryJson({ ...known, runs: searchRuns, search: searchReport });
  expect((await openValidator("summary"))(document)).toEqual([]);
  await expect(formatJson(document)).toMatchFileSnapshot("goldens/summary-json.search.golden.json");
});

test("the summary of repeats has a mean and an interval for each load", async () => {
  const runs = [
    validRun,
    { ...validRun, benchmarkNumber: 2, repetition: 2, throughputTps: 97.2 },
    censoredRun,
  ];
  const document = buildSummaryJson({ ...frame, runs });
  expect((await openValidator("summary"))(document)).toEqual([]);
  expect(document.loads).toMatchObject([
    { load: 100, runs: 2, counted_runs: 2, throughput: { mean: 96.2, low: 83.494, high: 108.906 } },
    { load: 200, runs: 1, throughput: { mean: 152.35 }, p99_ms: { mean_at_least: 30_001 } },
  ]);
  expect(document.loads[1]?.throughput).not.toHaveProperty("low");
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

test("of remote hosts everything is published but users, keys and the ways there", () => {
  const host = {
    name: "eu",
    address: "10.0.1.10",
    port: 2222,
    user: "someone",
    keyFile: "/home/someone/.ssh/id",
    jump: "someone@bastion",
    privateAddress: "172.16.0.1",
    nodes: [0, 2],
  };
  const remote = {
    hosts: [host, { name: "us", address: "b.example", region: "us east", nodes: [1, 3] }],
    hostKeyPolicy: "strict",
    knownHostsFile: "/home/someone/.ssh/known",
    sshTimeoutSecs: 30,
    rpcVia: "ssh",
    clientPlacement: "dedicated",
    clientHosts: [{ ...host, name: "load", address: "10.0.1.20", privateAddress: undefined, nodes: [] }],
    pull: false,
    cpus: 1.5,
  } as const;
  const document = buildParametersJson({ ...sweepParameters, networkType: "remote", remote });
  expect(document).toMatchObject({
    network_type: "remote",
    hosts: [
      { name: "eu", address: "10.0.1.10", private_address: "172.16.0.1", nodes: [0, 2] },
      { name: "us", address: "b.example", region: "us east", nodes: [1, 3] },
    ],
    host_key_policy: "strict",
    rpc_via: "ssh",
    client_placement: "dedicated",
    client_hosts: [{ name: "load", address: "10.0.1.20" }],
    pull: false,
    node_cpus: 1.5,
  });
  expect(JSON.stringify(document)).not.toMatch(/someone|bastion|2222/);
  expect(Object.keys(document)).not.toContain("node_memory_mib");
});

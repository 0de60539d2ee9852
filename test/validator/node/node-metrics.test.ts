import { expect, test } from "vitest";
import type { Outcome } from "../../../src/validator/engine/consensus/consensus.ts";
import { type MetricsState, NodeMetrics } from "../../../src/validator/node/node-metrics.ts";
import { formatMetrics } from "../../../src/validator/rpc/metrics.ts";
import { parsePrometheus } from "../prometheus.ts";

const state: MetricsState = {
  validators: 4,
  height: 7,
  earliestHeight: 3,
  round: 12,
  mempool: { transactions: 5, bytes: 600 },
  connectedPeers: 1,
  peers: [
    { authority: 0, receivedBytes: 10, sentBytes: 20 },
    { authority: 2, receivedBytes: 30, sentBytes: 40 },
  ],
  log: { bytes: 1000, segments: 2, oldestHeight: 4 },
  gcRound: 9,
  blocks: { accepted: 1, suspended: 2, committed: 3 },
  wantedRefs: 8,
  syncRequests: 6,
  equivocations: 1,
};

/** What the metrics look at of a commit by validator 1's leader block, of these blocks as author/round. */
function commitOf(
  leader: readonly [number, number],
  ...others: readonly (readonly [number, number])[]
): Outcome {
  const block = ([author, round]: readonly [number, number]) => ({ ref: { author, round } });
  const led = block(leader);
  const commit = { leader: led, blocks: [...others.map(block), led], transactions: [Buffer.from("x")] };
  return { decision: { outcome: "commit", authority: leader[0] }, commit } as unknown as Outcome;
}

const read = (metrics: NodeMetrics, of = state) => {
  const families = parsePrometheus(formatMetrics(metrics.collect(of)));
  return {
    families,
    value: (name: string, labels: Record<string, string> = {}) =>
      [...families.values()]
        .flatMap(({ samples }) => samples)
        .find((sample) => sample.name === name && JSON.stringify(sample.labels) === JSON.stringify(labels))
        ?.value,
  };
};

test("tells what stands in the state", () => {
  const metrics = new NodeMetrics(1);
  const { value } = read(metrics);
  expect(value("cometbft_consensus_height")).toBe(7);
  expect(value("mysticeti_retained_heights")).toBe(5);
  expect(value("cometbft_mempool_size_bytes")).toBe(600);
  expect(value("cometbft_p2p_peers")).toBe(1);
  expect(value("mysticeti_peer_sent_bytes_total", { authority: "2" })).toBe(40);
  expect(value("mysticeti_gc_round")).toBe(9);
  expect(value("mysticeti_suspended_blocks")).toBe(2);
  expect(value("mysticeti_log_oldest_height")).toBe(4);
  expect(read(metrics, { ...state, height: 0, earliestHeight: 1 }).value("mysticeti_retained_heights")).toBe(
    0,
  );
  metrics.startedFromState();
  expect(read(metrics).value("mysticeti_state_syncs_total")).toBe(1);
});

test("measures own blocks from proposal to commit, once, and the leaders among them apart", () => {
  const metrics = new NodeMetrics(1);
  metrics.proposed({ round: 5, timedOut: false }, 1_000);
  metrics.proposed({ round: 6, timedOut: true }, 1_050);
  // Another's leader, with an own block and another's block of an own round.
  metrics.decided(commitOf([0, 7], [1, 5], [2, 6]), 1_200);
  expect(read(metrics).value("mysticeti_own_block_commit_seconds_sum")).toBeCloseTo(0.2);
  expect(read(metrics).value("mysticeti_leader_commit_seconds_count")).toBe(0);
  metrics.decided(commitOf([1, 6]), 1_300);
  metrics.decided(commitOf([1, 6]), 1_400);
  const { value } = read(metrics);
  expect(value("mysticeti_leader_commit_seconds_count")).toBe(1);
  expect(value("mysticeti_leader_commit_seconds_sum")).toBeCloseTo(0.25);
  expect(value("mysticeti_own_block_commit_seconds_count")).toBe(2);
  expect(value("cometbft_consensus_block_interval_seconds_count")).toBe(2);
  expect(value("cometbft_consensus_total_txs")).toBe(3);
  expect(value("leader_timeout_total")).toBe(1);
  expect(value("committed_leaders_total", { authority: "1", commit_type: "direct-commit" })).toBe(2);
});

test("forgets own blocks that are never committed", () => {
  const metrics = new NodeMetrics(1);
  for (let round = 1; round <= 5_000; round++) metrics.proposed({ round, timedOut: false }, round);
  metrics.decided(commitOf([1, 1]), 6_000);
  metrics.decided(commitOf([1, 5_000]), 6_000);
  expect(read(metrics).value("mysticeti_leader_commit_seconds_count")).toBe(1);
});

test("counts refusals by reason", () => {
  const metrics = new NodeMetrics(1);
  metrics.refusedTransaction("duplicate");
  metrics.refusedTransaction("duplicate");
  metrics.refusedTransaction("mempool-full");
  metrics.refusedConnections(3);
  const { value } = read(metrics);
  expect(value("mysticeti_mempool_refusals_total", { reason: "duplicate" })).toBe(2);
  expect(value("mysticeti_mempool_refusals_total", { reason: "mempool-full" })).toBe(1);
  expect(value("mysticeti_refused_connections_total")).toBe(3);
});

import { expect, test } from "vitest";
import type { Outcome } from "../../../src/validator/engine/consensus/consensus.ts";
import type { RecentChain } from "../../../src/validator/engine/recent-chain.ts";
import { formatMetrics } from "../../../src/validator/node/metric.ts";
import { type MetricsSources, NodeMetrics } from "../../../src/validator/node/node-metrics.ts";
import { parsePrometheus } from "../prometheus.ts";

const state = {
  membership: { validators: { length: 4 } },
  engine: () => ({
    consensus: {
      dag: {
        clock: 12,
        gcRound: 9,
        sizes: { accepted: 1, suspended: 2, committed: 3 },
        equivocations: 1,
      },
    },
    checkpoints: { oldestHeight: () => 4 },
  }),
  mempool: { count: 5, bytes: 600 },
  recent: { height: 7, earliestHeight: 3 },
  peers: {
    network: {
      links: { size: 1 },
      traffic: () => [
        [0, { receivedBytes: 10, sentBytes: 20 }],
        [2, { receivedBytes: 30, sentBytes: 40 }],
      ],
    },
    blocks: { fetcher: { wanted: 8, requests: 6 } },
  },
  log: { sizeBytes: 1000, starts: [0, 500] },
} as unknown as MetricsSources;

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
  const recent = { height: 0, earliestHeight: 1 } as RecentChain;
  expect(read(metrics, { ...state, recent }).value("mysticeti_retained_heights")).toBe(0);
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

import type { ChainMetric } from "../engine/chain.ts";
import type { Outcome } from "../engine/consensus/consensus.ts";
import type { Mempool, Refusal } from "../engine/mempool.ts";
import type { RecentChain } from "../engine/recent-chain.ts";
import type { BlockSync } from "../engine/sync/block-sync.ts";
import type { WriteAheadLog } from "../log/write-ahead-log.ts";
import type { PeerNetwork } from "../net/peer-network.ts";
import type { Engine, Proposal } from "./engine.ts";
import type { Membership } from "./membership.ts";
import { counter, gauge, growingBounds, MetricHistogram } from "./metric.ts";

/** The parts of a running node whose figures are read off when somebody asks. */
export interface MetricsSources {
  readonly membership: Membership;
  /** The engine of the moment: it is replaced where the node starts from a state that it was given. */
  readonly engine: () => Engine;
  readonly mempool: Mempool;
  readonly recent: RecentChain;
  readonly peers: { readonly network: PeerNetwork; readonly blocks: BlockSync };
  readonly log: WriteAheadLog;
}

const intervalBounds = [0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** A quantile read off between two of these bounds is within 5 percent. */
const commitBounds = growingBounds(0.01, 10, 1.1);
/** Own proposals whose commit is waited for. Those skipped for good fall out here. */
const mostProposals = 1_000;

/** Counts what the node does, and puts it under the names of CometBFT, where it has one, and of Mysticeti. */
export class NodeMetrics {
  readonly #authority: number;
  readonly #leaders = new Map<string, { authority: string; type: string; count: number }>();
  readonly #refusals = new Map<string, number>();
  readonly #intervals = new MetricHistogram(intervalBounds);
  readonly #leaderCommits = new MetricHistogram(commitBounds);
  readonly #blockCommits = new MetricHistogram(commitBounds);
  /** By round of the own block: when it was proposed. */
  readonly #proposals = new Map<number, number>();
  #lastCommitMs: number | undefined;
  #totalTransactions = 0;
  #lastTransactions = 0;
  #leaderTimeouts = 0;
  #refusedConnections = 0;
  #stateStarts = 0;

  constructor(authority: number) {
    this.#authority = authority;
  }

  /** @param nowMs monotonic, as in `decided` */
  proposed({ round, timedOut }: Proposal, nowMs: number): void {
    if (timedOut) this.#leaderTimeouts++;
    this.#proposals.set(round, nowMs);
    for (const oldest of this.#proposals.keys()) {
      if (this.#proposals.size <= mostProposals) break;
      this.#proposals.delete(oldest);
    }
  }

  /** @param nowMs monotonic; the intervals are between commits as this node makes them */
  decided({ decision, commit }: Outcome, nowMs: number): void {
    const type = `${decision.anchor === undefined ? "direct" : "indirect"}-${decision.outcome}`;
    const authority = String(decision.authority);
    const leaders = this.#leaders.get(`${authority}/${type}`) ?? { authority, type, count: 0 };
    leaders.count++;
    this.#leaders.set(`${authority}/${type}`, leaders);
    if (commit === undefined) return;
    this.#lastTransactions = commit.transactions.length;
    this.#totalTransactions += commit.transactions.length;
    if (this.#lastCommitMs !== undefined) this.#intervals.observe((nowMs - this.#lastCommitMs) / 1000);
    this.#lastCommitMs = nowMs;
    for (const block of commit.blocks) {
      const proposedMs = this.#proposals.get(block.ref.round);
      if (block.ref.author !== this.#authority || proposedMs === undefined) continue;
      this.#proposals.delete(block.ref.round);
      const seconds = (nowMs - proposedMs) / 1000;
      this.#blockCommits.observe(seconds);
      if (block === commit.leader) this.#leaderCommits.observe(seconds);
    }
  }

  /** Recovery finds many commits again at once: their intervals mean nothing. */
  forgetIntervals(): void {
    this.#intervals.clear();
    this.#lastCommitMs = undefined;
  }

  refusedTransaction(code: Refusal["code"]): void {
    this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1);
  }

  startedFromState(): void {
    this.#stateStarts++;
  }

  refusedConnections(count: number): void {
    this.#refusedConnections += count;
  }

  collect(from: MetricsSources): ChainMetric[] {
    return [...this.#cometbft(from), ...this.#decisions(from), ...bounds(from), ...this.#peers(from)];
  }

  #cometbft({ membership, recent, mempool, peers }: MetricsSources): ChainMetric[] {
    return [
      gauge("cometbft_consensus_height", "Latest committed height.", recent.height),
      gauge("cometbft_consensus_total_txs", "Transactions committed.", this.#totalTransactions),
      gauge("cometbft_consensus_num_txs", "Transactions in the latest block.", this.#lastTransactions),
      this.#intervals.metric(
        "cometbft_consensus_block_interval_seconds",
        "Time between a block and the one before it.",
      ),
      gauge("cometbft_consensus_validators", "Validators of the committee.", membership.validators.length),
      gauge("cometbft_mempool_size", "Transactions that wait for a block.", mempool.count),
      gauge("cometbft_mempool_size_bytes", "Bytes of the waiting transactions.", mempool.bytes),
      gauge("cometbft_p2p_peers", "Connected peers.", peers.network.links.size),
      counter(
        "mysticeti_mempool_refusals_total",
        "Rejected transactions, by reason.",
        [...this.#refusals].map(([reason, value]) => ({ labels: { reason }, value })),
      ),
    ];
  }

  #decisions({ engine }: MetricsSources): ChainMetric[] {
    const { clock, equivocations } = engine().consensus.dag;
    return [
      counter(
        "committed_leaders_total",
        "Decided leader slots, by leader and decision.",
        [...this.#leaders.values()].map(({ authority, type, count }) => ({
          labels: { authority, commit_type: type },
          value: count,
        })),
      ),
      this.#leaderCommits.metric(
        "mysticeti_leader_commit_seconds",
        "From the proposal of an own leader block to its commit.",
      ),
      this.#blockCommits.metric(
        "mysticeti_own_block_commit_seconds",
        "From the proposal of any own block to its commit.",
      ),
      gauge("mysticeti_round", "Threshold clock.", clock),
      counter("leader_timeout_total", "Proposals made because of a timeout.", this.#leaderTimeouts),
      counter("equivocations_total", "Blocks with another of their author and round.", equivocations),
    ];
  }

  #peers({ peers: { network, blocks } }: MetricsSources): ChainMetric[] {
    const perPeer = (of: "receivedBytes" | "sentBytes") =>
      [...network.traffic()].map(([authority, traffic]) => {
        return { labels: { authority: String(authority) }, value: traffic[of] };
      });
    return [
      counter(
        "mysticeti_peer_received_bytes_total",
        "Bytes received over all connections.",
        perPeer("receivedBytes"),
      ),
      counter("mysticeti_peer_sent_bytes_total", "Bytes sent over all connections.", perPeer("sentBytes")),
      counter("block_sync_requests_total", "Requests for missing blocks.", blocks.fetcher.requests),
      counter(
        "mysticeti_refused_connections_total",
        "Peer connections refused, or closed because the peer violated the protocol.",
        this.#refusedConnections,
      ),
      counter("mysticeti_state_syncs_total", "Starts from a peer's state.", this.#stateStarts),
    ];
  }
}

/** What must stay within bounds however long the node runs. */
function bounds({ recent, log, engine, peers }: MetricsSources): ChainMetric[] {
  const { consensus, checkpoints } = engine();
  const { accepted, suspended, committed } = consensus.dag.sizes;
  const served = Math.max(0, recent.height - recent.earliestHeight + 1);
  return [
    gauge("mysticeti_retained_heights", "Heights available over the RPC.", served),
    gauge("mysticeti_log_bytes", "Size of the log.", log.sizeBytes),
    gauge("mysticeti_log_segments", "Files of the log.", log.starts.length),
    gauge("mysticeti_log_oldest_height", "Height after which the log begins.", checkpoints.oldestHeight()),
    gauge("mysticeti_gc_round", "No block at or below it is committed any more.", consensus.dag.gcRound),
    gauge("mysticeti_accepted_blocks", "Accepted blocks in memory.", accepted),
    gauge("mysticeti_suspended_blocks", "Blocks that wait for others.", suspended),
    gauge("mysticeti_committed_entries", "Remembered committed blocks.", committed),
    gauge("mysticeti_wanted_refs", "Missing blocks that are being requested.", peers.blocks.fetcher.wanted),
  ];
}

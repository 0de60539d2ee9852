import type { ChainMetric } from "./chain.ts";
import type { Outcome } from "./consensus/consensus.ts";

/** What is read off the running node when somebody asks. */
export interface MetricsState {
  readonly validators: number;
  readonly height: number;
  readonly mempoolSize: number;
  readonly peers: number;
  readonly syncRequests: number;
  readonly equivocations: number;
}

/** Upper bounds of the block interval's buckets, seconds. */
const intervalBounds = [0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts what consensus does, and formats it for /metrics under the names of CometBFT and of Mysticeti. */
export class NodeMetrics {
  readonly #leaders = new Map<string, { authority: string; type: string; count: number }>();
  readonly #intervals = new Array<number>(intervalBounds.length).fill(0);
  #intervalSum = 0;
  #intervalCount = 0;
  #lastCommitMs: number | undefined;
  #totalTransactions = 0;
  #lastTransactions = 0;
  #leaderTimeouts = 0;

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
    if (this.#lastCommitMs !== undefined) this.#addInterval((nowMs - this.#lastCommitMs) / 1000);
    this.#lastCommitMs = nowMs;
  }

  /** Recovery finds many commits again at once: their intervals mean nothing. */
  forgetIntervals(): void {
    this.#intervals.fill(0);
    this.#intervalSum = 0;
    this.#intervalCount = 0;
    this.#lastCommitMs = undefined;
  }

  leaderTimedOut(): void {
    this.#leaderTimeouts++;
  }

  collect(state: MetricsState): ChainMetric[] {
    return [
      single("cometbft_consensus_height", "gauge", "Latest committed height.", state.height),
      single("cometbft_consensus_total_txs", "gauge", "Transactions committed.", this.#totalTransactions),
      single(
        "cometbft_consensus_num_txs",
        "gauge",
        "Transactions in the latest block.",
        this.#lastTransactions,
      ),
      this.#intervalMetric(),
      single("cometbft_consensus_validators", "gauge", "Validators of the committee.", state.validators),
      single("cometbft_mempool_size", "gauge", "Transactions that wait for a block.", state.mempoolSize),
      single("cometbft_p2p_peers", "gauge", "Connected peers.", state.peers),
      {
        name: "committed_leaders_total",
        type: "counter",
        help: "Leader slots decided, by leader and by how.",
        samples: [...this.#leaders.values()].map(({ authority, type, count }) => ({
          labels: { authority, commit_type: type },
          value: count,
        })),
      },
      single("leader_timeout_total", "counter", "Proposals made because of a timeout.", this.#leaderTimeouts),
      single("block_sync_requests_total", "counter", "Requests for missing blocks.", state.syncRequests),
      single(
        "equivocations_total",
        "counter",
        "Blocks beside another of their author and round.",
        state.equivocations,
      ),
    ];
  }

  #addInterval(seconds: number): void {
    this.#intervalSum += seconds;
    this.#intervalCount++;
    intervalBounds.forEach((bound, i) => {
      if (seconds <= bound) this.#intervals[i] = (this.#intervals[i] ?? 0) + 1;
    });
  }

  #intervalMetric(): ChainMetric {
    return {
      name: "cometbft_consensus_block_interval_seconds",
      type: "histogram",
      help: "Time between a block and the one before it.",
      samples: [
        ...intervalBounds.map((bound, i) => ({
          suffix: "_bucket",
          labels: { le: String(bound) },
          value: this.#intervals[i] ?? 0,
        })),
        { suffix: "_bucket", labels: { le: "+Inf" }, value: this.#intervalCount },
        { suffix: "_sum", labels: {}, value: this.#intervalSum },
        { suffix: "_count", labels: {}, value: this.#intervalCount },
      ],
    };
  }
}

function single(name: string, type: "counter" | "gauge", help: string, value: number): ChainMetric {
  return { name, type, help, samples: [{ labels: {}, value }] };
}

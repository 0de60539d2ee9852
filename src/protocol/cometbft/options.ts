/** How CometBFT's nodes can be told to work. Defaults are those that `cometbft init` of the 0.38 line writes. */
import type { ProtocolOption } from "../../contracts/protocol.ts";
import { checkedOptions, committeeDiagnostics } from "../../contracts/protocol-options.ts";
import { type AllowedValue, oneOf, range } from "../../core/allowed-value.ts";

/** All options, checked; the words of a choice as they are. */
export type CometBftOptions = {
  readonly [Name in keyof typeof table]: (typeof table)[Name][1] extends number ? number : string;
};

/** `load`: the default with `tuning` load. */
type Row = readonly [allowed: AllowedValue, usual: number | string, load: number | string, meaning: string];

/** Longest interval: the network must be seen to commit before it is called ready. */
const mostEmptyBlockIntervalMs = 10_000;
const count = range(1, 1_000_000);
const ms = range(0, 600_000);

const table = {
  tuning: [
    oneOf("default", "load"),
    "default",
    "default",
    "defaults of the other options: CometBFT's, or tuned for load",
  ],
  timeoutCommitMs: [ms, 1000, 50, "wait after a commit before the next height begins"],
  timeoutProposeMs: [range(1, 600_000), 3000, 3000, "longest wait for a proposal in a height's first round"],
  emptyBlockIntervalMs: [
    range(0, mostEmptyBlockIntervalMs),
    0,
    0,
    "wait for a transaction before an empty block is created; 0: none",
  ],
  flushThrottleMs: [ms, 100, 10, "longest wait to send messages to a peer together"],
  peerGossipSleepMs: [ms, 100, 10, "pause of a gossip routine that has nothing to send"],
  p2pRateBytesPerSecond: [
    range(1, 2 ** 40),
    5_120_000,
    512_000_000,
    "limit for sending to, and for receiving from, each peer",
  ],
  mempoolSizeTransactions: [count, 5000, 100_000, "transactions that may wait in a mempool"],
  mempoolCacheTransactions: [range(0, 100_000_000), 10_000, 200_000, "size of the transaction cache"],
  recheck: [oneOf("on", "off"), "on", "off", "whether waiting transactions are checked after each block"],
  indexer: [oneOf("kv", "null"), "kv", "null", "whether committed transactions are indexed for searches"],
  maxBatchRequests: [count, 10, 1000, "requests in one JSON-RPC batch"],
  maxOpenConnections: [count, 900, 10_000, "open connections to the RPC"],
  maxSubscriptionClients: [count, 100, 1000, "connections with subscriptions"],
  gogcPercent: [range(1, 100_000), 100, 400, "GOGC: growth of the heap between two garbage collections"],
  logLevel: [oneOf("debug", "info", "error", "none"), "info", "error", "lowest level of lines to log"],
} as const satisfies Readonly<Record<string, Row>>;

export const cometBftOptions: readonly ProtocolOption[] = Object.entries(table).map(
  ([name, [allowed, usual, load, meaning]]) => {
    const option = { name, meaning, allowed, default: usual };
    return load === usual ? option : { ...option, tuned: { load } };
  },
);

/** CometBFT's own bound on the votes of one commit. */
const largestCommittee = 10_000;

/** @throws ConfigurationError with all diagnostics */
export function readCometBftOptions(
  nodes: number,
  given: Readonly<Record<string, unknown>>,
): CometBftOptions {
  const ofCommittee = committeeDiagnostics(nodes, largestCommittee);
  // Each value passed the rule of its row.
  return checkedOptions("cometbft", cometBftOptions, given, ofCommittee) as unknown as CometBftOptions;
}

import { nodeIdOf } from "../wire/keys.ts";
import type { Chain, ChainPeer, Submitted } from "./chain.ts";
import { transactionKey } from "./consensus/ledger.ts";
import type { Engine } from "./engine.ts";
import type { Home } from "./home.ts";
import type { WriteAheadLog } from "./log/write-ahead-log.ts";
import type { Membership } from "./membership.ts";
import { defaultMempoolLimits, duplicate, type Mempool } from "./mempool.ts";
import type { BlockSync } from "./net/block-sync.ts";
import type { PeerNetwork } from "./net/peer-network.ts";
import type { MetricsState, NodeMetrics } from "./node-metrics.ts";
import type { RecentChain } from "./recent-chain.ts";

/** The parts of a running node that others are served from. */
export interface ServedParts {
  readonly home: Home;
  readonly membership: Membership;
  readonly engine: Engine;
  readonly mempool: Mempool;
  readonly recent: RecentChain;
  readonly sync: BlockSync;
  readonly network: PeerNetwork;
  readonly log: Pick<WriteAheadLog, "sizeBytes">;
  readonly metrics: NodeMetrics;
  /** Whether the own history is known and the others are not far ahead, so that this validator takes part. */
  readonly mayPropose: () => boolean;
}

/** What the RPC serves of a node. */
export function buildChain(parts: ServedParts): Chain {
  const { home, membership, mempool, recent, engine } = parts;
  const { dag } = engine.consensus;
  return {
    chainId: home.genesis.chainId,
    genesisTime: home.genesis.genesisTime,
    authority: membership.authority,
    nodeId: nodeIdAt(membership, membership.authority),
    moniker: home.config.moniker,
    validators: membership.validators,
    largestTransactionBytes: defaultMempoolLimits.largestTransactionBytes,
    height: () => recent.height,
    block: (height) => recent.block(height),
    earliestHeight: () => recent.earliestHeight,
    transaction: (hash) => recent.find(Buffer.from(hash).toString("latin1")),
    submit: (transaction) => submit(parts, transaction),
    whenLogged: (then) => then(),
    mempool: () => ({
      count: mempool.count,
      bytes: mempool.bytes,
      transactions: (limit) => mempool.peek(limit),
    }),
    peers: () => describePeers(parts),
    catchingUp: () => !parts.mayPropose(),
    onBlock: (listener) => recent.onBlock(listener),
    metrics: () => parts.metrics.collect(describeState(parts)),
  };
}

/** As CometBFT, which keeps what was committed in its cache, refuses also what came in through another validator. */
function submit({ mempool, recent, metrics }: ServedParts, transaction: Uint8Array): Submitted {
  const key = transactionKey(transaction);
  const refusal = recent.find(key) === undefined ? mempool.add(transaction, key) : duplicate;
  const hash = Buffer.from(key, "latin1");
  if (refusal === undefined) return { accepted: true, hash };
  metrics.refusedTransaction(refusal.code);
  return { accepted: false, hash, ...refusal };
}

function describeState({
  membership,
  engine,
  mempool,
  recent,
  sync,
  network,
  log,
}: ServedParts): MetricsState {
  const { dag } = engine.consensus;
  return {
    validators: membership.validators.length,
    height: recent.height,
    earliestHeight: recent.earliestHeight,
    round: dag.clock,
    mempool: { transactions: mempool.count, bytes: mempool.bytes },
    peers: [...network.links].map(([authority, link]) => ({ authority, ...link.traffic })),
    log: { bytes: log.sizeBytes },
    syncRequests: sync.fetcher.requests,
    equivocations: dag.equivocations,
  };
}

function describePeers({ network, membership }: ServedParts): ChainPeer[] {
  return [...network.links].map(([authority, link]) => ({
    authority,
    nodeId: nodeIdAt(membership, authority),
    remoteAddress: link.remoteAddress,
    outbound: link.outbound,
  }));
}

function nodeIdAt(membership: Membership, authority: number): string {
  const validator = membership.validators[authority];
  return validator === undefined ? "" : nodeIdOf(validator.publicKey);
}

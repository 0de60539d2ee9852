import type { Chain, ChainPeer, Submitted } from "../engine/chain.ts";
import { transactionKey } from "../engine/consensus/ledger.ts";
import { duplicate, type Mempool } from "../engine/mempool.ts";
import type { RecentChain } from "../engine/recent-chain.ts";
import type { WriteAheadLog } from "../log/write-ahead-log.ts";
import { nodeIdOf } from "../wire/keys.ts";
import type { Engine } from "./engine.ts";
import type { Home } from "./home.ts";
import type { Membership } from "./membership.ts";
import type { MetricsState, NodeMetrics } from "./node-metrics.ts";
import type { PeerExchange } from "./peer-exchange.ts";

/** The parts of a running node that others are served from. */
export interface ServedParts {
  readonly home: Home;
  readonly membership: Membership;
  /** The engine of the moment: it is replaced where the node starts from a state that it was given. */
  readonly engine: () => Engine;
  readonly mempool: Mempool;
  readonly recent: RecentChain;
  readonly peers: Pick<PeerExchange, "network" | "blocks">;
  readonly log: Pick<WriteAheadLog, "sizeBytes" | "starts">;
  readonly metrics: NodeMetrics;
  /** Whether the own history is known and the others are not far ahead, so that this validator takes part at their pace. */
  readonly isAbreast: () => boolean;
  readonly whenLogged: Chain["whenLogged"];
}

/** What the RPC serves of a node. */
export function buildChain(parts: ServedParts): Chain {
  const { home, membership, mempool, recent } = parts;
  return {
    chainId: home.genesis.chainId,
    genesisTime: home.genesis.genesisTime,
    authority: membership.authority,
    nodeId: nodeIdAt(membership, membership.authority),
    moniker: home.config.moniker,
    validators: membership.validators,
    height: () => recent.height,
    block: (height) => recent.block(height),
    earliestHeight: () => recent.earliestHeight,
    transaction: (hash) => recent.find(Buffer.from(hash).toString("latin1")),
    submit: (transaction) => submit(parts, transaction),
    whenLogged: parts.whenLogged,
    mempool: () => ({
      count: mempool.count,
      bytes: mempool.bytes,
      transactions: (limit) => mempool.peek(limit),
    }),
    peers: () => describePeers(parts),
    catchingUp: () => !parts.isAbreast(),
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

function describeState(parts: ServedParts): MetricsState {
  const { membership, mempool, recent, peers, log } = parts;
  const { consensus, checkpoints } = parts.engine();
  const { fetcher } = peers.blocks;
  return {
    validators: membership.validators.length,
    height: recent.height,
    earliestHeight: recent.earliestHeight,
    round: consensus.dag.clock,
    mempool: { transactions: mempool.count, bytes: mempool.bytes },
    connectedPeers: peers.network.links.size,
    peers: [...peers.network.traffic()].map(([authority, traffic]) => ({ authority, ...traffic })),
    log: { bytes: log.sizeBytes, segments: log.starts.length, oldestHeight: checkpoints.oldestHeight() },
    gcRound: consensus.dag.gcRound,
    blocks: consensus.dag.sizes,
    wantedRefs: fetcher.wanted,
    syncRequests: fetcher.requests,
    equivocations: consensus.dag.equivocations,
  };
}

function describePeers({ peers, membership }: ServedParts): ChainPeer[] {
  return [...peers.network.links].map(([authority, link]) => ({
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

import type { Chain, Submitted } from "../engine/chain.ts";
import { transactionKey } from "../engine/consensus/ledger.ts";
import { duplicate } from "../engine/mempool.ts";
import type { Home } from "./home.ts";
import type { MetricsSources, NodeMetrics } from "./node-metrics.ts";

/** The parts of a running node that others are served from. */
export interface ServedParts extends MetricsSources {
  readonly home: Home;
  readonly metrics: NodeMetrics;
  /** Whether the own history is known and the others are not far ahead, so that this validator takes part at their pace. */
  readonly isAbreast: () => boolean;
  readonly whenLogged: Chain["whenLogged"];
}

/** What the RPC serves of a node. */
export function buildChain(parts: ServedParts): Chain {
  const { home, membership, mempool, recent, peers } = parts;
  return {
    chainId: home.genesis.chainId,
    genesisTime: home.genesis.genesisTime,
    authority: membership.authority,
    moniker: home.config.moniker,
    validators: membership.validators,
    height: () => recent.height,
    block: (height) => recent.block(height),
    earliestHeight: () => recent.earliestHeight,
    transaction: (hash) => recent.find(Buffer.from(hash).toString("latin1")),
    submit: (transaction) => submit(parts, transaction),
    whenLogged: parts.whenLogged,
    mempool,
    peers: () =>
      [...peers.network.links].map(([authority, { remoteAddress, outbound }]) => {
        return { authority, remoteAddress, outbound };
      }),
    catchingUp: () => !parts.isAbreast(),
    onBlock: (listener) => recent.onBlock(listener),
    metrics: () => parts.metrics.collect(parts),
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

import { createHash } from "node:crypto";
import type { Chain, ChainMetric, ChainPeer } from "../../../src/validator/engine/chain.ts";
import type { ChainBlock } from "../../../src/validator/engine/consensus/ledger.ts";

/** A chain without consensus: blocks are made when the test says so. Everything in it follows from heights. */
export interface MemoryChain extends Chain {
  /** Commits all that waits, and the given transactions, as one block. */
  readonly commit: (...transactions: readonly string[]) => ChainBlock;
  /** Forgets the blocks below `height`. */
  readonly prune: (height: number) => void;
  /** Forgets the blocks above `height`, as a node would that lost its data. */
  readonly rewind: (height: number) => void;
  /** Tells nobody of new blocks any more. */
  readonly hush: () => void;
}

export function openMemoryChain(
  options: { mempoolLimit?: number; peers?: readonly ChainPeer[]; metrics?: readonly ChainMetric[] } = {},
): MemoryChain {
  const blocks: ChainBlock[] = [];
  const places = new Map<string, { height: number; index: number }>();
  const seen = new Set<string>();
  const listeners = new Set<(block: ChainBlock) => void>();
  let pending: Uint8Array[] = [];
  let earliest = 1;

  const validators = [0, 1, 2, 3].map((authority) => {
    const publicKey = digest(`public key ${authority}`);
    const address = createHash("sha256").update(publicKey).digest().subarray(0, 20);
    return { authority, address, publicKey, power: 1 };
  });

  return {
    chainId: "test-chain",
    genesisTime: "2026-01-01T00:00:00Z",
    authority: 1,
    moniker: "node1",
    validators,
    height: () => blocks.length,
    block: (height) => (height < earliest ? undefined : blocks[height - 1]),
    earliestHeight: () => earliest,
    transaction: (hash) => places.get(Buffer.from(hash).toString("hex")),
    whenLogged: (then) => then(),
    submit: (transaction) => {
      const hash = digest(transaction);
      const key = hash.toString("hex");
      const limit = options.mempoolLimit ?? 1000;
      if (seen.has(key)) {
        return { accepted: false, hash, code: "duplicate", message: "tx already exists in cache" };
      }
      if (pending.length >= limit) {
        const message = `mempool is full: number of txs ${limit} (max: ${limit})`;
        return { accepted: false, hash, code: "mempool-full", message };
      }
      seen.add(key);
      pending.push(transaction);
      return { accepted: true, hash };
    },
    mempool: {
      get count() {
        return pending.length;
      },
      get bytes() {
        return pending.reduce((sum, { length }) => sum + length, 0);
      },
      peek: (most) => pending.slice(0, most),
    },
    peers: () => options.peers ?? [],
    catchingUp: () => false,
    onBlock: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    metrics: () => options.metrics ?? [],

    commit: (...texts) => {
      const transactions = [...pending, ...texts.map((text) => Buffer.from(text))];
      pending = [];
      const height = blocks.length + 1;
      const previous = blocks.at(-1);
      const block: ChainBlock = {
        height,
        hash: digest(`leader ${height}`),
        previousHash: previous?.hash ?? new Uint8Array(32),
        proposer: height % 4,
        round: height,
        timeMs: Date.parse("2026-01-01T00:00:00Z") + height * 50,
        appHash: digest(`application ${height}`),
        previousAppHash: previous?.appHash ?? new Uint8Array(32),
        transactions,
        transactionKeys: transactions.map((each) => digest(each).toString("latin1")),
      };
      blocks.push(block);
      transactions.forEach((transaction, index) => {
        places.set(digest(transaction).toString("hex"), { height, index });
      });
      for (const listener of listeners) listener(block);
      return block;
    },
    prune: (height) => {
      earliest = height;
    },
    hush: () => listeners.clear(),
    rewind: (height) => {
      blocks.length = height;
    },
  };
}

function digest(data: string | Uint8Array): Buffer {
  return createHash("sha256").update(data).digest();
}

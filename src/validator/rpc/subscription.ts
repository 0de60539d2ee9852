/** What a WebSocket client can subscribe to, and the events it then gets. */
import type { Chain } from "../engine/chain.ts";
import type { ChainBlock } from "../engine/consensus/ledger.ts";
import { RpcError } from "./error.ts";
import type { SharedBytes } from "./scheduler.ts";
import {
  aroundTransactions,
  base64,
  blockId,
  executedJson,
  executedListJson,
  hex,
  transactionListBytes,
} from "./shapes.ts";

/** Longest query that is looked at, characters. */
const queryLimit = 512;

/** Blocks, all transactions, or one transaction by its upper-case hash. */
export interface Topic {
  readonly event: "NewBlock" | "Tx";
  readonly hash?: string | undefined;
}

/**
 * Parses the part of CometBFT's query language that this chain has events for: `tm.event='NewBlock'`,
 * `tm.event='Tx'`, and `tm.event='Tx' AND tx.hash='…'`, in any order and spacing.
 *
 * @throws RpcError -32603, as CometBFT
 */
export function parseTopic(query: string): Topic {
  if (query.length > queryLimit) throw new RpcError("internal", "maximum query length exceeded");
  const conditions = new Map<string, string>();
  for (const part of query.split(/\sAND\s/)) {
    const match = /^\s*(tm\.event|tx\.hash)\s*=\s*'([^']*)'\s*$/.exec(part);
    if (match?.[1] === undefined || match[2] === undefined || conditions.has(match[1])) throw unknown(part);
    conditions.set(match[1], match[2]);
  }
  const event = conditions.get("tm.event");
  const hash = conditions.get("tx.hash")?.toUpperCase();
  if (event === "NewBlock" && hash === undefined) return { event };
  if (event === "Tx") return { event, hash };
  throw unknown(query);
}

function unknown(part: string): RpcError {
  return new RpcError(
    "internal",
    `failed to parse query: cannot subscribe to ${JSON.stringify(part.trim())}; ` +
      "known are tm.event='NewBlock', tm.event='Tx' and tm.event='Tx' AND tx.hash='HEX'",
  );
}

/** Same for queries that mean the same. */
export function topicKey(topic: Topic): string {
  return `${topic.event} ${topic.hash ?? ""}`;
}

/** The events of a block after id and query, equal for every subscriber: each is encoded when it is first asked for. */
export class BlockEvents {
  readonly #chain: Chain;
  readonly #block: ChainBlock;
  readonly #encoded = new Map<string, { readonly tails: readonly Buffer[]; readonly shared: SharedBytes }>();
  #hashes: readonly string[] | undefined;

  constructor(chain: Chain, block: ChainBlock) {
    this.#chain = chain;
    this.#block = block;
  }

  of(topic: Topic) {
    const key = topicKey(topic);
    const known = this.#encoded.get(key);
    if (known !== undefined) return known;
    const tails = this.#encode(topic);
    const bytes = tails.reduce((sum, tail) => sum + tail.length, 0);
    const encoded = { tails, shared: { bytes, holders: 0 } };
    this.#encoded.set(key, encoded);
    return encoded;
  }

  #encode({ event, hash: wanted }: Topic): Buffer[] {
    if (event === "NewBlock") return [newBlockTail(this.#chain, this.#block)];
    this.#hashes ??= this.#block.transactionKeys.map((key) => hex(Buffer.from(key, "latin1")));
    return this.#hashes.flatMap((hash, index) =>
      wanted === undefined || wanted === hash ? transactionTail(this.#block, index, hash) : [],
    );
  }
}

function newBlockTail(chain: Chain, block: ChainBlock): Buffer {
  const finalized =
    `{"events":[],"tx_results":${executedListJson(block.transactions.length)},"validator_updates":[],` +
    `"consensus_param_updates":null,"app_hash":"${base64(block.appHash)}"}`;
  const { before, behind } = aroundTransactions(chain, block);
  return Buffer.concat([
    Buffer.from(`"data":{"type":"tendermint/event/NewBlock","value":{"block":${before}`),
    transactionListBytes(block.transactions),
    Buffer.from(
      `${behind},"block_id":${JSON.stringify(blockId(block))},"result_finalize_block":${finalized}}},` +
        `"events":{"tm.event":["NewBlock"]}}}`,
    ),
  ]);
}

/** The same for the transaction at `index`, whose upper-case hash is given too. */
function transactionTail(block: ChainBlock, index: number, hash: string): Buffer {
  const transaction = block.transactions[index] ?? new Uint8Array();
  // Go leaves a zero index out.
  const place = `"height":"${block.height}",${index === 0 ? "" : `"index":${index},`}`;
  return Buffer.from(
    `"data":{"type":"tendermint/event/Tx","value":{"TxResult":{${place}"tx":"${base64(transaction)}",` +
      `"result":${executedJson}}}},"events":{"tm.event":["Tx"],` +
      `"tx.hash":["${hash}"],"tx.height":["${block.height}"]}}}`,
  );
}

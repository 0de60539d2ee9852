/**
 * JSON of CometBFT 0.38, as text: 64-bit integers are strings, hashes upper-case hex, bytes base64.
 *
 * Where this chain has no such thing, a field holds CometBFT's empty value: the Merkle roots of a header
 * (data_hash, validators_hash, …) and the signatures of last_commit, since the commit is proven by the DAG.
 * A block is identified by the whole prefix: block_id.hash is the application hash *after* the block, and
 * block_id.parts.hash the digest of the committed leader block. As in CometBFT, header.app_hash is the
 * application hash after the block *before*.
 */
import type { Chain, ChainValidator } from "../engine/chain.ts";
import type { ChainBlock } from "../engine/consensus/ledger.ts";

/** Upper-case hex. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex").toUpperCase();
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** The last millisecond whose year has four digits: RFC 3339 has no more. */
const lastMs = Date.UTC(10_000, 0) - 1;

/** RFC 3339 UTC as Go prints it: trailing zeros of the fraction are left out. Never throws: 1970 to 9999 is told. */
export function rfc3339(timeMs: number): string {
  return new Date(timeMs > 0 ? Math.min(timeMs, lastMs) : 0).toISOString().replace(/\.?0+Z$/, "Z");
}

/** Result of a transaction that was executed. There is no application to fail it, so all are alike. */
export const executedJson =
  '{"code":0,"data":null,"log":"","info":"","gas_wanted":"0","gas_used":"0","events":[],"codespace":""}';

/** `count` equal results of executed transactions. */
export function executedListJson(count: number): string {
  return count === 0 ? "[]" : `[${`${executedJson},`.repeat(count - 1)}${executedJson}]`;
}

/**
 * Base64 strings; the alphabet needs no escaping. As bytes: for a block's worth of transactions, joining strings would
 * cost four times as much.
 */
export function transactionListBytes(transactions: readonly Uint8Array[]): Buffer {
  if (transactions.length === 0) return Buffer.from("[]");
  const encodedBytes = transactions.reduce((sum, { length }) => sum + 4 * Math.ceil(length / 3), 0);
  // Each stands in quotes behind a bracket or comma; the closing bracket comes last.
  const list = Buffer.allocUnsafe(encodedBytes + 3 * transactions.length + 1);
  let at = 0;
  for (const transaction of transactions) {
    at += list.write(at === 0 ? '["' : ',"', at, "latin1");
    at += list.write(base64(transaction), at, "latin1");
    at += list.write('"', at, "latin1");
  }
  list.write("]", at, "latin1");
  return list;
}

/** Name of a block: application hash after it, and digest of its leader block. */
export function blockId(block: Pick<ChainBlock, "appHash" | "hash">) {
  return { hash: hex(block.appHash), parts: { total: 1, hash: hex(block.hash) } };
}

type BlockId = ReturnType<typeof blockId>;

/** Before the first block. */
export const noBlockId: BlockId = { hash: "", parts: { total: 0, hash: "" } };

export function header(chain: Chain, block: ChainBlock) {
  return {
    version: { block: "11", app: "1" },
    chain_id: chain.chainId,
    height: String(block.height),
    time: rfc3339(block.timeMs),
    last_block_id: previousId(block),
    last_commit_hash: "",
    data_hash: "",
    validators_hash: "",
    next_validators_hash: "",
    consensus_hash: "",
    app_hash: hex(block.previousAppHash),
    last_results_hash: "",
    evidence_hash: "",
    proposer_address: addressOf(chain, block.proposer),
  };
}

export function blockJson(chain: Chain, block: ChainBlock): string {
  const { before, behind } = aroundTransactions(chain, block);
  return `${before}${transactionListBytes(block.transactions).toString("latin1")}${behind}`;
}

/** What stands before and behind the transactions in a block. */
export function aroundTransactions(chain: Chain, block: ChainBlock): { before: string; behind: string } {
  const lastCommit = {
    height: String(block.height - 1),
    round: 0,
    block_id: previousId(block),
    signatures: [],
  };
  return {
    before: `{"header":${JSON.stringify(header(chain, block))},"data":{"txs":`,
    behind: `},"evidence":{"evidence":[]},"last_commit":${JSON.stringify(lastCommit)}}`,
  };
}

/** Whom a validator is known by. */
export function validatorKey({ address, publicKey }: ChainValidator) {
  const value = base64(publicKey);
  return { address: hex(address), pub_key: { type: "tendermint/PubKeyEd25519", value } };
}

/** What a node tells about a node: itself, or a peer. */
export function nodeInfo(chain: Chain, node: { authority: number; moniker: string; rpcAddress: string }) {
  return {
    protocol_version: { p2p: "8", block: "11", app: "1" },
    id: addressOf(chain, node.authority).toLowerCase(),
    listen_addr: "",
    network: chain.chainId,
    version: "0.38.0-mysticeti",
    channels: "",
    moniker: node.moniker,
    other: { tx_index: "on", rpc_address: node.rpcAddress },
  };
}

function previousId(block: ChainBlock): BlockId {
  if (block.height === 1) return noBlockId;
  return blockId({ appHash: block.previousAppHash, hash: block.previousHash });
}

function addressOf(chain: Chain, authority: number): string {
  const validator = chain.validators.find((each) => each.authority === authority);
  return validator === undefined ? "" : hex(validator.address);
}

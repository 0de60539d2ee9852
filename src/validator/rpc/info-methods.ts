import type { Chain } from "../engine/chain.ts";
import type { ChainBlock } from "../engine/consensus/ledger.ts";
import { RpcError } from "./error.ts";
import { largeMethod, type Method, method } from "./method.ts";
import { bytes, flag, int64 } from "./parameters.ts";
import {
  base64,
  blockId,
  blockJson,
  executedJson,
  executedListJson,
  header,
  hex,
  noBlockId,
  nodeInfo,
  rfc3339,
  transactionListBytes,
  validatorKey,
} from "./shapes.ts";

/** Blocks in one reply of `blockchain`. */
const blockchainLimit = 20;
/** Entries of one page, unless asked otherwise, and at most. */
const pageSize = { usual: 30, largest: 100 };

/** Every method that only reads. */
export const infoMethods: Readonly<Record<string, Method>> = {
  health: method([], () => "{}"),

  status: method([], ({ chain, rpcAddress }) => {
    const self = chain.validators.find(({ authority }) => authority === chain.authority);
    return JSON.stringify({
      node_info: nodeInfo(chain, { ...chain, rpcAddress: rpcAddress() }),
      sync_info: {
        ...syncedBlock(chain, "latest", chain.height()),
        ...syncedBlock(chain, "earliest", chain.height() === 0 ? 0 : chain.earliestHeight()),
        catching_up: chain.catchingUp(),
      },
      validator_info: self && {
        ...validatorKey(self),
        voting_power: String(self.power),
      },
    });
  }),

  net_info: method([], ({ chain, rpcAddress }) => {
    const peers = chain.peers();
    return JSON.stringify({
      listening: true,
      listeners: [`Listener(@${rpcAddress().replace("tcp://", "")})`],
      n_peers: String(peers.length),
      peers: peers.map((peer) => ({
        node_info: nodeInfo(chain, {
          authority: peer.authority,
          moniker: `authority${peer.authority}`,
          rpcAddress: "",
        }),
        is_outbound: peer.outbound,
        connection_status: {},
        remote_ip: peer.remoteAddress,
      })),
    });
  }),

  block: largeMethod([int64("height")], ({ chain }, height) => {
    // CometBFT's answer before the first block.
    if (height === undefined && chain.height() === 0) {
      return `{"block_id":${JSON.stringify(noBlockId)},"block":null}`;
    }
    const block = blockAt(chain, height);
    return `{"block_id":${JSON.stringify(blockId(block))},"block":${blockJson(chain, block)}}`;
  }),

  block_results: largeMethod([int64("height")], ({ chain }, height) => {
    const block = blockAt(chain, height);
    return (
      `{"height":"${block.height}","txs_results":${executedListJson(block.transactions.length)},` +
      `"finalize_block_events":[],"validator_updates":[],"consensus_param_updates":null,` +
      `"app_hash":"${base64(block.appHash)}"}`
    );
  }),

  blockchain: largeMethod([int64("minHeight"), int64("maxHeight")], ({ chain }, lowest = 0, highest = 0) => {
    if (lowest < 0 || highest < 0) throw new RpcError("internal", "heights must be non-negative");
    const last = Math.min(highest === 0 ? chain.height() : highest, chain.height());
    const first = Math.max(lowest, 1, chain.earliestHeight(), last - blockchainLimit + 1);
    if (first > last) {
      throw new RpcError("internal", `min height ${first} can't be greater than max height ${last}`);
    }
    const metas = [];
    for (let height = last; height >= first; height--) metas.push(blockMeta(chain, blockAt(chain, height)));
    return JSON.stringify({ last_height: String(chain.height()), block_metas: metas });
  }),

  tx: largeMethod([bytes("hash"), flag("prove")], ({ chain }, hash, prove) => {
    if (prove) throw new RpcError("internal", "this chain has no transaction proofs; pass prove=false");
    const place = chain.transaction(hash);
    const transaction = place && chain.block(place.height)?.transactions[place.index];
    if (place === undefined || transaction === undefined) {
      throw new RpcError("internal", `tx (${hex(hash)}) not found`);
    }
    return (
      `{"hash":"${hex(hash)}","height":"${place.height}","index":${place.index},` +
      `"tx_result":${executedJson},"tx":"${base64(transaction)}"}`
    );
  }),

  genesis: method([], ({ chain }) =>
    JSON.stringify({
      genesis: {
        genesis_time: chain.genesisTime,
        chain_id: chain.chainId,
        initial_height: "1",
        validators: chain.validators.map((validator) => ({
          ...validatorKey(validator),
          power: String(validator.power),
          name: "",
        })),
        app_hash: "",
      },
    }),
  ),

  validators: method(
    [int64("height"), int64("page"), int64("per_page")],
    ({ chain }, height, page = 1, perPage = pageSize.usual) => {
      const total = chain.validators.length;
      const size = pageLength(perPage);
      const pages = Math.max(1, Math.ceil(total / size));
      if (page < 1 || page > pages) {
        throw new RpcError("internal", `page should be within [1, ${pages}] range, given ${page}`);
      }
      const shown = chain.validators.slice((page - 1) * size, page * size);
      return JSON.stringify({
        // Those of the next block are known already.
        block_height: String(existingHeight(chain, height, chain.height() + (chain.catchingUp() ? 0 : 1))),
        validators: shown.map((validator) => ({
          ...validatorKey(validator),
          voting_power: String(validator.power),
          proposer_priority: "0",
        })),
        count: String(shown.length),
        total: String(total),
      });
    },
  ),

  abci_info: method([], ({ chain }) => {
    const latest = chain.block(chain.height());
    return JSON.stringify({
      response: {
        data: "none",
        version: "0",
        app_version: "1",
        last_block_height: String(chain.height()),
        last_block_app_hash: latest === undefined ? "" : base64(latest.appHash),
      },
    });
  }),

  num_unconfirmed_txs: method([], ({ chain }) => {
    const { count, bytes: total } = chain.mempool;
    return `{"n_txs":"${count}","total":"${count}","total_bytes":"${total}","txs":null}`;
  }),

  unconfirmed_txs: largeMethod([int64("limit")], ({ chain }, limit = pageSize.usual) => {
    const { mempool } = chain;
    const shown = mempool.peek(pageLength(limit));
    return (
      `{"n_txs":"${shown.length}","total":"${mempool.count}","total_bytes":"${mempool.bytes}",` +
      `"txs":${transactionListBytes(shown).toString("latin1")}}`
    );
  }),
};

function pageLength(asked: number): number {
  return asked < 1 ? pageSize.usual : Math.min(asked, pageSize.largest);
}

/** The height asked for, or the latest; throws where there is no such block. */
function existingHeight(chain: Chain, height: number | undefined, latest = chain.height()): number {
  if (height === undefined) return latest;
  const fail = (reason: string) => new RpcError("internal", `height ${reason}`);
  if (height <= 0) throw fail(`must be greater than 0, but got ${height}`);
  if (height > latest) {
    throw fail(`${height} must be less than or equal to the current blockchain height ${latest}`);
  }
  const earliest = chain.earliestHeight();
  if (height < earliest) throw fail(`${height} is not available, lowest height is ${earliest}`);
  return height;
}

function blockAt(chain: Chain, asked: number | undefined): ChainBlock {
  const height = existingHeight(chain, asked);
  const block = chain.block(height);
  if (block === undefined) throw new RpcError("internal", `could not find results for height #${height}`);
  return block;
}

function blockMeta(chain: Chain, block: ChainBlock) {
  const size = block.transactions.reduce((sum, transaction) => sum + transaction.length, 0);
  return {
    block_id: blockId(block),
    block_size: String(size),
    header: header(chain, block),
    num_txs: String(block.transactions.length),
  };
}

function syncedBlock(chain: Chain, which: "latest" | "earliest", height: number) {
  const block = chain.block(height);
  return {
    [`${which}_block_hash`]: block === undefined ? "" : hex(block.appHash),
    [`${which}_app_hash`]: block === undefined ? "" : hex(block.previousAppHash),
    [`${which}_block_height`]: String(height),
    [`${which}_block_time`]: rfc3339(block?.timeMs ?? 0),
  };
}

import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { openMemoryChain } from "./memory-chain.ts";
import { serve } from "./running.ts";
import {
  blockIdShape,
  blockShape,
  executedShape,
  headerShape,
  nodeInfoShape,
  publicKeyShape,
  resultOf,
  shapeOf,
  upperHex,
} from "./shapes.ts";

describe("shapes as recorded from CometBFT 0.38", () => {
  test("broadcast_tx_async and broadcast_tx_sync", async () => {
    const { url } = await serve(openMemoryChain());
    for (const [method, tx] of [
      ["broadcast_tx_async", "one"],
      ["broadcast_tx_sync", "two"],
    ] as const) {
      const hash = createHash("sha256").update(tx).digest("hex").toUpperCase();
      const result = await resultOf(url, method, { tx: Buffer.from(tx).toString("base64") });
      expect(result).toEqual({ code: 0, data: "", log: "", codespace: "", hash });
    }
  });

  test("broadcast_tx_commit answers when the block came", async () => {
    const chain = openMemoryChain();
    const { url } = await serve(chain);
    const pending = resultOf(url, "broadcast_tx_commit", { tx: "b25l" });
    const poll = setInterval(() => {
      if (chain.mempool.count > 0) chain.commit("another");
    }, 2);
    const result = await pending.finally(() => clearInterval(poll));
    const hash = createHash("sha256").update("one").digest("hex").toUpperCase();
    expect(shapeOf(result)).toEqual({
      check_tx: executedShape,
      tx_result: executedShape,
      hash: "hash",
      height: "int64",
    });
    expect(result).toMatchObject({ hash, height: "1" });
  });

  test("status", async () => {
    const chain = openMemoryChain();
    const { url, port } = await serve(chain);
    expect(await resultOf(url, "status")).toMatchObject({
      sync_info: {
        latest_block_height: "0",
        latest_block_hash: "",
        latest_block_time: "1970-01-01T00:00:00Z",
        earliest_block_height: "0",
      },
    });
    chain.commit("one");
    const second = chain.commit("two");
    const status = await resultOf(url, "status");
    expect(shapeOf(status)).toEqual({
      node_info: nodeInfoShape,
      sync_info: {
        latest_block_hash: "hash",
        latest_app_hash: "hash",
        latest_block_height: "int64",
        latest_block_time: "time",
        earliest_block_hash: "hash",
        earliest_app_hash: "hash",
        earliest_block_height: "int64",
        earliest_block_time: "time",
        catching_up: "boolean",
      },
      validator_info: { address: "hash", pub_key: publicKeyShape, voting_power: "int64" },
    });
    expect(status).toMatchObject({
      node_info: { other: { rpc_address: `tcp://127.0.0.1:${port}` } },
      sync_info: {
        latest_block_height: "2",
        latest_block_hash: upperHex(second.appHash),
        latest_app_hash: upperHex(second.previousAppHash),
        latest_block_time: "2026-01-01T00:00:00.1Z",
      },
    });
  });

  test("net_info", async () => {
    const peer = { authority: 2, remoteAddress: "127.0.0.1", outbound: true };
    const { url } = await serve(openMemoryChain({ peers: [peer] }));
    const network = await resultOf(url, "net_info");
    expect(shapeOf(network)).toEqual({
      listening: "boolean",
      listeners: ["string"],
      n_peers: "int64",
      peers: [
        {
          node_info: { ...nodeInfoShape, other: { tx_index: "string", rpc_address: "hash" } },
          is_outbound: "boolean",
          connection_status: {},
          remote_ip: "string",
        },
      ],
    });
    expect(network).toMatchObject({ n_peers: "1", peers: [{ is_outbound: true, remote_ip: "127.0.0.1" }] });
  });

  test("block commits to the prefix by block_id, and to the state before it by header.app_hash", async () => {
    const chain = openMemoryChain();
    const { url } = await serve(chain);
    const first = chain.commit("one", "two");
    const second = chain.commit("three");
    const one = await resultOf(url, "block", { height: "1" });
    expect(shapeOf(one)).toEqual({ block_id: blockIdShape, block: blockShape });
    expect(one).toMatchObject({
      block_id: { hash: upperHex(first.appHash), parts: { total: 1, hash: upperHex(first.hash) } },
      block: {
        header: {
          height: "1",
          app_hash: "0".repeat(64),
          last_block_id: { hash: "", parts: { total: 0, hash: "" } },
          proposer_address: upperHex(chain.validators[1]?.address ?? new Uint8Array()),
        },
        data: { txs: ["b25l", "dHdv"] },
      },
    });
    const latest = await resultOf(url, "block");
    expect(latest).toEqual(await resultOf(url, "block", { height: "2" }));
    const firstId = { hash: upperHex(first.appHash), parts: { total: 1, hash: upperHex(first.hash) } };
    expect(latest).toMatchObject({
      block_id: { hash: upperHex(second.appHash) },
      block: {
        header: { app_hash: upperHex(first.appHash), last_block_id: firstId },
        last_commit: { height: "1", block_id: firstId },
      },
    });
  });

  test("block_results, blockchain, tx", async () => {
    const chain = openMemoryChain();
    const { url } = await serve(chain);
    chain.commit();
    chain.commit("one", "two", "three");
    for (let i = 0; i < 30; i++) chain.commit();

    const results = await resultOf(url, "block_results", { height: "2" });
    expect(shapeOf(results)).toEqual({
      height: "int64",
      txs_results: [executedShape],
      finalize_block_events: [],
      validator_updates: [],
      consensus_param_updates: "null",
      app_hash: "string",
    });
    expect((results as { txs_results: unknown[] }).txs_results).toHaveLength(3);

    const headers = await resultOf(url, "blockchain", { minHeight: "1", maxHeight: "25" });
    expect(shapeOf(headers)).toEqual({
      last_height: "int64",
      block_metas: [{ block_id: blockIdShape, block_size: "int64", header: headerShape, num_txs: "int64" }],
    });
    const metas = (headers as { block_metas: { header: { height: string } }[] }).block_metas;
    expect(metas.map(({ header }) => Number(header.height))).toEqual(
      Array.from({ length: 20 }, (_, index) => 25 - index),
    );

    const hash = createHash("sha256").update("two").digest();
    const found = await resultOf(url, "tx", { hash: hash.toString("base64"), prove: false });
    expect(found).toEqual({
      hash: upperHex(hash),
      height: "2",
      index: 1,
      tx_result: expect.objectContaining({ code: 0, gas_used: "0" }),
      tx: "dHdv",
    });
  });

  test("genesis, validators, abci_info, health, mempool", async () => {
    const chain = openMemoryChain();
    const { url } = await serve(chain);
    chain.commit();
    await resultOf(url, "broadcast_tx_async", { tx: "b25l" });
    expect(shapeOf(await resultOf(url, "genesis"))).toEqual({
      genesis: {
        genesis_time: "time",
        chain_id: "string",
        initial_height: "int64",
        validators: [{ address: "hash", pub_key: publicKeyShape, power: "int64", name: "hash" }],
        app_hash: "hash",
      },
    });
    const validators = await resultOf(url, "validators", { page: "2", per_page: "3" });
    expect(shapeOf(validators)).toEqual({
      block_height: "int64",
      validators: [
        { address: "hash", pub_key: publicKeyShape, voting_power: "int64", proposer_priority: "int64" },
      ],
      count: "int64",
      total: "int64",
    });
    expect(validators).toMatchObject({ count: "1", total: "4" });
    expect(shapeOf(await resultOf(url, "abci_info"))).toEqual({
      response: {
        data: "string",
        version: "int64",
        app_version: "int64",
        last_block_height: "int64",
        last_block_app_hash: "string",
      },
    });
    expect(await resultOf(url, "health")).toEqual({});
    const counted = { n_txs: "1", total: "1", total_bytes: "3" };
    expect(await resultOf(url, "num_unconfirmed_txs")).toEqual({ ...counted, txs: null });
    expect(await resultOf(url, "unconfirmed_txs", { limit: "5" })).toEqual({ ...counted, txs: ["b25l"] });
  });
});

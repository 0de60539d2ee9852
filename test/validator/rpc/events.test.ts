import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { openMemoryChain } from "./memory-chain.ts";
import { connect, get, serve } from "./running.ts";
import { blockIdShape, blockShape, executedShape, shapeOf, upperHex } from "./shapes.ts";

test("events of blocks and transactions", async () => {
  const chain = openMemoryChain();
  const { url } = await serve(chain);
  const client = await connect(url);
  client.send({ jsonrpc: "2.0", id: "b", method: "subscribe", params: { query: "tm.event='NewBlock'" } });
  client.send({ jsonrpc: "2.0", id: 7, method: "subscribe", params: ["tm.event = 'Tx'"] });
  expect(await client.next()).toEqual({ jsonrpc: "2.0", id: "b", result: {} });
  expect(await client.next()).toEqual({ jsonrpc: "2.0", id: 7, result: {} });
  const block = chain.commit("one", "two");
  const event = await client.next();
  expect(shapeOf(event)).toEqual({
    jsonrpc: "string",
    id: "string",
    result: {
      query: "string",
      data: {
        type: "string",
        value: {
          block: blockShape,
          block_id: blockIdShape,
          result_finalize_block: {
            events: [],
            tx_results: [executedShape],
            validator_updates: [],
            consensus_param_updates: "null",
            app_hash: "string",
          },
        },
      },
      events: { "tm.event": ["string"] },
    },
  });
  expect(event).toMatchObject({
    id: "b",
    result: {
      query: "tm.event='NewBlock'",
      data: {
        type: "tendermint/event/NewBlock",
        value: {
          block_id: { hash: upperHex(block.appHash) },
          block: { header: { height: "1" }, data: { txs: ["b25l", "dHdv"] } },
          result_finalize_block: { tx_results: [{ code: 0 }, { code: 0 }] },
        },
      },
      events: { "tm.event": ["NewBlock"] },
    },
  });
  expect((await get(`${url}/block?height=1`)).reply).toMatchObject({
    result: {
      block: (event as { result: { data: { value: { block: object } } } }).result.data.value.block,
    },
  });
  for (const [tx, place] of [
    ["one", { height: "1" }],
    ["two", { height: "1", index: 1 }],
  ] as const) {
    expect(await client.next()).toEqual({
      jsonrpc: "2.0",
      id: 7,
      result: {
        query: "tm.event = 'Tx'",
        data: {
          type: "tendermint/event/Tx",
          value: {
            TxResult: {
              ...place,
              tx: Buffer.from(tx).toString("base64"),
              result: expect.objectContaining({ code: 0 }),
            },
          },
        },
        events: {
          "tm.event": ["Tx"],
          "tx.hash": [createHash("sha256").update(tx).digest("hex").toUpperCase()],
          "tx.height": ["1"],
        },
      },
    });
  }
});

import { describe, expect, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import { openMemoryChain } from "./memory-chain.ts";
import { post, serve } from "./running.ts";

describe("a batch", () => {
  test("is answered in order, its faults one by one; a single answer stands alone", async () => {
    const { url } = await serve(openMemoryChain());
    const { reply } = await post(url, [
      { id: 1, method: "health" },
      { method: "health" },
      { id: "two", method: "nonsense" },
      { id: 3, method: "broadcast_tx_sync", params: { tx: "b25l" } },
    ]);
    expect(reply).toMatchObject([
      { id: 1, result: {} },
      { id: "two", error: { code: -32601 } },
      { id: 3, result: { code: 0 } },
    ]);
    expect((await post(url, [{ id: 1, method: "health" }])).reply).toEqual({
      jsonrpc: "2.0",
      id: 1,
      result: {},
    });
  });

  test("is carried out in order where some of it takes time", async () => {
    const chain = openMemoryChain();
    const { url } = await serve(chain);
    const commit = (id: number, text: string) => {
      return { id, method: "broadcast_tx_commit", params: [Buffer.from(text).toString("base64")] };
    };
    const replied = post(url, [commit(1, "one"), { id: 2, method: "status" }, commit(3, "two")]);
    for (const waiting of ["one", "two"]) {
      await until(() => (chain.mempool.count === 1 ? true : undefined), {
        timeoutMs: 5_000,
        everyMs: 2,
        describe: () => `${waiting} did not arrive`,
      });
      chain.commit();
    }
    expect((await replied).reply).toMatchObject([
      { id: 1, result: { height: "1" } },
      { id: 2, result: { sync_info: { latest_block_height: "1" } } },
      { id: 3, result: { height: "2" } },
    ]);
  });

  test("has as many requests as may be; a longer one is refused whole", async () => {
    const chain = openMemoryChain();
    const { url } = await serve(chain);
    const batch = (length: number) =>
      Array.from({ length }, (_, id) => {
        return {
          id,
          method: "broadcast_tx_async",
          params: [Buffer.from(`${length}/${id}`).toString("base64")],
        };
      });
    expect((await post(url, batch(10))).reply).toHaveLength(10);
    expect(await post(url, batch(11))).toMatchObject({
      status: 200,
      reply: {
        jsonrpc: "2.0",
        error: {
          code: -32600,
          message: "Invalid Request",
          data: "batch request exceeds maximum (10) allowed number of requests",
        },
      },
    });
    expect(chain.mempool.count).toBe(10);
    const roomy = await serve(chain, { limits: { mostBatchRequests: 11 } });
    expect((await post(roomy.url, batch(11))).reply).toHaveLength(11);
  });

  test("is stopped where its replies grow without bound", async () => {
    const chain = openMemoryChain();
    chain.commit("x".repeat(16_000_000));
    const { url } = await serve(chain);
    const batch = Array.from({ length: 10 }, (_, id) => ({ id, method: "block" }));
    const replies = (await post(url, batch)).reply as object[];
    expect(replies.length).toBeLessThan(6);
    expect(replies.at(-1)).toMatchObject({ error: { code: -32603 } });
  });
});

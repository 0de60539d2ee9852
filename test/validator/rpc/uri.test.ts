import { describe, expect, test } from "vitest";
import { openMemoryChain } from "./memory-chain.ts";
import { get, serve } from "./running.ts";

const error = (code: number, message: string, data: unknown = expect.any(String)) => ({
  code,
  message,
  data,
});
const failure = (id: unknown, reported: object) => ({ jsonrpc: "2.0", id, error: reported });

describe("GET", () => {
  test("reads arguments as CometBFT does", async () => {
    const chain = openMemoryChain();
    chain.commit("one", "two");
    const { url } = await serve(chain);
    const hash = "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3"; // SHA-256 of "two"
    for (const [path, reported] of [
      ["/health", {}],
      ["/block?height=1", { block_id: {} }],
      ['/block?height="1"', { block_id: {} }],
      ["/block?height=", { block_id: {} }],
      ["/blockchain?minHeight=1&maxHeight=1", { last_height: "1" }],
      [`/tx?hash=0x${hash}&prove=false`, { index: 1, tx: "dHdv" }],
      [`/tx?hash=0X${hash.toUpperCase()}`, { index: 1 }],
      ['/broadcast_tx_async?tx="a=b"', { hash: expect.stringMatching(/^[0-9A-F]{64}$/) }],
      ["/broadcast_tx_sync?tx=0x613d63", { code: 0 }],
      ["/unconfirmed_txs?limit=1", { total: "2", txs: [Buffer.from("a=b").toString("base64")] }],
    ] as const) {
      const { status, reply } = await get(url + path);
      expect([path, status, reply]).toMatchObject([path, 200, { jsonrpc: "2.0", id: -1, result: reported }]);
    }
  });

  test.each([
    ["/block?height=x", 500, error(-32602, "Invalid params")],
    [
      "/block?height=0x10",
      500,
      error(
        -32602,
        "Invalid params",
        "error converting http params to arguments: got a hex string arg, but expected 'int64'",
      ),
    ],
    ["/broadcast_tx_async?tx=abc", 500, error(-32602, "Invalid params")],
    ["/broadcast_tx_async?tx=0xabc", 500, error(-32602, "Invalid params")],
    ["/broadcast_tx_async", 500, error(-32602, "Invalid params")],
    ["/tx?hash=0x00&prove=1", 500, error(-32602, "Invalid params")],
    ["/block?height=7", 500, error(-32603, "Internal error")],
    ["/subscribe?query=%22tm.event='Tx'%22", 404, { code: -32601, message: "Method not found" }],
  ])("refuses %s", async (path, status, reported) => {
    const { url } = await serve(openMemoryChain());
    expect(await get(url + path)).toMatchObject({ status, reply: failure(-1, reported) });
  });

  test.each(["PUT", "DELETE", "PATCH", "OPTIONS"])("refuses %s everywhere", async (verb) => {
    const { url } = await serve(openMemoryChain());
    for (const path of ["/", "/health", "/nonsense"]) {
      const response = await fetch(url + path, { method: verb });
      expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD, POST"]);
    }
  });

  test("reads the arguments of a form, after those of the URI", async () => {
    const chain = openMemoryChain();
    chain.commit("one");
    const { url } = await serve(chain);
    const call = async (path: string, form: Record<string, string>) => {
      const response = await fetch(url + path, { method: "POST", body: new URLSearchParams(form) });
      return response.json();
    };
    expect(await call("/block", { height: "1" })).toMatchObject({ id: -1, result: { block: {} } });
    expect(await call("/block?height=1", { height: "9" })).toMatchObject({ id: -1, result: { block: {} } });
    expect(await call("/block", { height: "9" })).toMatchObject({ id: -1, error: { code: -32603 } });
    expect(await call("/broadcast_tx_sync", { tx: '"two"' })).toMatchObject({ result: { code: 0 } });
  });

  test("lists the endpoints at /, and knows no others", async () => {
    const { url } = await serve(openMemoryChain());
    expect(await get(url)).toMatchObject({
      status: 200,
      text: expect.stringContaining("/blockchain?minHeight=_&amp;maxHeight=_"),
    });
    expect((await get(`${url}/nonsense`)).status).toBe(404);
    expect((await get(`${url}/constructor`)).status).toBe(404);
    expect((await fetch(url, { method: "DELETE" })).status).toBe(405);
    expect((await get(`${url}/websocket`)).status).toBe(400);
    expect((await fetch(`${url}/nonsense`, { method: "POST" })).status).toBe(404);
    expect((await fetch(`${url}/health`, { method: "HEAD" })).status).toBe(200);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openMemoryChain } from "./memory-chain.ts";
import { post, serve } from "./running.ts";

const error = (code: number, message: string, data: unknown = expect.any(String)) => ({
  code,
  message,
  data,
});
const failure = (id: unknown, reported: object) => ({ jsonrpc: "2.0", id, error: reported });

describe("POST", () => {
  test.each([
    ["text that is no JSON", "{"],
    ["a number", "3"],
    ["text", '"health"'],
    ["an id that is a list", '{"id":[],"method":"health"}'],
    ["a boolean id", '{"id":true,"method":"health"}'],
    ["an id that no 64 bits hold", '{"id":1e19,"method":"health"}'],
    ["a method that is a number", '{"id":1,"method":5}'],
    ["a version that is a number", '{"id":1,"method":"health","jsonrpc":2}'],
    ["a batch with one that is no request", '[{"id":1,"method":"health"},7]'],
  ])("takes %s for no request at all, as CometBFT does", async (_, body) => {
    const { url } = await serve(openMemoryChain());
    const { status, reply } = await post(url, body);
    expect(status).toBe(500);
    const reported = error(
      -32700,
      "Parse error. Invalid JSON",
      expect.stringMatching(/^error unmarshaling request: ./),
    );
    expect(reply).toEqual({ jsonrpc: "2.0", error: reported });
  });

  test.each([
    ["abc", "abc"],
    ["", ""],
    [-7, -7],
    [1.9, 1],
    [9007199254740992, 9007199254740992],
  ])("echoes the id %j as %j", async (id, echoed) => {
    const { url } = await serve(openMemoryChain());
    expect((await post(url, { id, method: "health" })).reply).toEqual({
      jsonrpc: "2.0",
      id: echoed,
      result: {},
    });
  });

  test.each([
    ["an unknown method", { method: "nonsense" }, { code: -32601, message: "Method not found" }],
    ["a subscription", { method: "subscribe", params: ["x"] }, { code: -32601, message: "Method not found" }],
    ["a method inherited by objects", { method: "toString" }, { code: -32601, message: "Method not found" }],
    ["no method", {}, { code: -32601, message: "Method not found" }],
    [
      "params that are text",
      { method: "block", params: "1" },
      error(
        -32602,
        "Invalid params",
        "error converting json params to arguments: unknown type for JSON params. Expected map or array",
      ),
    ],
    [
      "too many params",
      { method: "health", params: [1] },
      error(
        -32602,
        "Invalid params",
        "error converting json params to arguments: expected 0 parameters ([]), got 1",
      ),
    ],
    ["too few params", { method: "block", params: [] }, error(-32602, "Invalid params")],
    [
      "a height that is no string",
      { method: "block", params: { height: 1 } },
      error(
        -32602,
        "Invalid params",
        'error converting json params to arguments: invalid 64-bit integer encoding "1", expected string',
      ),
    ],
    ["a height that is text", { method: "block", params: ["x"] }, error(-32602, "Invalid params")],
    ["a height past 2^53", { method: "block", params: ["9".repeat(30)] }, error(-32602, "Invalid params")],
    [
      "tx that is no base64",
      { method: "broadcast_tx_async", params: { tx: "a=b" } },
      error(-32602, "Invalid params"),
    ],
    [
      "tx in the URL alphabet",
      { method: "broadcast_tx_async", params: { tx: "__8=" } },
      error(-32602, "Invalid params"),
    ],
    ["tx that is a number", { method: "broadcast_tx_sync", params: [5] }, error(-32602, "Invalid params")],
    ["no tx", { method: "broadcast_tx_commit" }, error(-32602, "Invalid params")],
    [
      "prove that is text",
      { method: "tx", params: { hash: "", prove: "yes" } },
      error(-32602, "Invalid params"),
    ],
    [
      "height 0",
      { method: "block", params: ["0"] },
      error(-32603, "Internal error", "height must be greater than 0, but got 0"),
    ],
    [
      "a height to come",
      { method: "block", params: ["9"] },
      error(
        -32603,
        "Internal error",
        "height 9 must be less than or equal to the current blockchain height 3",
      ),
    ],
    [
      "a pruned height",
      { method: "block_results", params: { height: "1" } },
      error(-32603, "Internal error", "height 1 is not available, lowest height is 2"),
    ],
    [
      "an unknown transaction",
      { method: "tx", params: { hash: "qg==" } },
      error(-32603, "Internal error", "tx (AA) not found"),
    ],
    [
      "a proof",
      { method: "tx", params: ["qg==", true] },
      error(-32603, "Internal error", expect.stringContaining("proofs")),
    ],
    [
      "a page that is not there",
      { method: "validators", params: { page: "2" } },
      error(-32603, "Internal error", "page should be within [1, 1] range, given 2"),
    ],
  ])("answers %s under the request's id", async (_, request, reported) => {
    const chain = openMemoryChain();
    for (let i = 0; i < 3; i++) chain.commit();
    chain.prune(2);
    const { url } = await serve(chain);
    const { status, reply } = await post(url, { jsonrpc: "2.0", id: "abc", ...request });
    expect(status).toBe(200);
    expect(reply).toEqual(failure("abc", reported));
  });

  test.each([
    ["broadcast_tx_async", ""],
    ["broadcast_tx_commit", "error on broadcastTxCommit: "],
  ])("%s tells why a transaction was not taken", async (method, prefix) => {
    const { url } = await serve(openMemoryChain({ mempoolLimit: 1 }));
    const submit = (name: string, tx: string) => post(url, { id: 1, method: name, params: [tx] });
    expect((await submit("broadcast_tx_sync", "b25l")).reply).toMatchObject({ id: 1, result: { code: 0 } });
    const refusal = (reason: string) => failure(1, error(-32603, "Internal error", `${prefix}${reason}`));
    expect((await submit(method, "b25l")).reply).toEqual(refusal("tx already exists in cache"));
    expect((await submit(method, "dHdv")).reply).toEqual(
      refusal("mempool is full: number of txs 1 (max: 1)"),
    );
  });

  test("ignores params that the method does not have", async () => {
    const { url } = await serve(openMemoryChain());
    const reply = await post(url, { id: 1, method: "health", params: { verbose: true } });
    expect(reply.reply).toEqual({ jsonrpc: "2.0", id: 1, result: {} });
  });

  test("leaves notifications alone, single and in a batch", async () => {
    const chain = openMemoryChain();
    const { url } = await serve(chain);
    expect(await post(url, { method: "broadcast_tx_async", params: ["b25l"] })).toMatchObject({
      status: 200,
      text: "",
    });
    expect(await post(url, { id: null, method: "health" })).toMatchObject({ status: 200, text: "" });
    expect(await post(url, [{ method: "health" }, { method: "health" }])).toMatchObject({ text: "" });
    expect(await post(url, [])).toMatchObject({ status: 200, text: "" });
    expect(await post(url, "null")).toMatchObject({ status: 200, text: "" });
    expect(await post(url, "[null]")).toMatchObject({ status: 200, text: "" });
    expect(chain.mempool.count).toBe(0);
  });

  test("takes a body of 1,000,000 bytes and refuses a longer one", async () => {
    const { url } = await serve(openMemoryChain());
    const body = (length: number) => {
      const frame = '{"id":1,"method":"health","params":{"x":""}}';
      return frame.replace('""', `"${"x".repeat(length - frame.length)}"`);
    };
    expect(await post(url, body(1_000_000))).toMatchObject({ status: 200, reply: { id: 1, result: {} } });
    for (const length of [1_000_001, 5_000_000]) {
      const { status, reply } = await post(url, body(length));
      expect(status).toBe(400);
      expect(reply).toEqual({
        jsonrpc: "2.0",
        error: error(-32600, "Invalid Request", "error reading request body: http: request body too large"),
      });
    }
    expect(await post(url, { id: 2, method: "health" })).toMatchObject({ status: 200 });
  });

  test("survives any JSON", async () => {
    const chain = openMemoryChain();
    const { url } = await serve(chain);
    const names = ["health", "block", "tx", "validators", "broadcast_tx_async", "blockchain", "__proto__"];
    const request = fc.record(
      {
        id: fc.oneof(fc.jsonValue(), fc.nat(), fc.string()),
        method: fc.oneof(fc.constantFrom(...names), fc.jsonValue()),
        params: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(request, fc.array(request), fc.jsonValue()), async (body) => {
        const { status, text } = await post(url, JSON.stringify(body));
        expect([200, 500]).toContain(status);
        if (text !== "") JSON.parse(text);
      }),
      { numRuns: 200 },
    );
    expect((await post(url, { id: 1, method: "health" })).reply).toMatchObject({ result: {} });
  });
});

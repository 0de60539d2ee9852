import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { broadcastTxAsync, largestSubmittedBytes } from "../../../src/protocol/rpc/json-rpc.ts";
import { buildTransactionFormat } from "../../../src/protocol/transactions/transaction.ts";
import { openMemoryChain } from "../../validator/rpc/memory-chain.ts";
import { serve } from "../../validator/rpc/running.ts";

const { body, classify, headers, path } = broadcastTxAsync;
/** The id that stands in the request with sequence number 5. */
const id5 = 100_000_000_000_005;
const hash = "AB".repeat(32);
const good = (id: unknown) =>
  `{"jsonrpc":"2.0","id":${id},"result":{"code":0,"data":"","log":"","codespace":"","hash":"${hash}"}}`;

const usualHashAt = good(id5).indexOf(hash);

async function submit(url: string, transaction: Uint8Array, id: number) {
  const response = await fetch(url + path, { method: "POST", headers, body: body(transaction, id) });
  return { status: response.status, text: await response.text() };
}

test("golden body", () => {
  expect(body(Buffer.from("a=b"), 12)).toBe(
    '{"jsonrpc":"2.0","id":100000000000012,"method":"broadcast_tx_async","params":{"tx":"YT1i"}}',
  );
});

test("the template makes the very bodies, whatever stood in the copy before", () => {
  const format = buildTransactionFormat(largestSubmittedBytes);
  // Near ones share all but their last digits with those before.
  const near = fc.nat({ max: 5000 });
  const sequences = fc.array(fc.oneof(near, near, fc.nat({ max: 2 ** 48 - 1 })), { minLength: 1 });
  fc.assert(
    fc.property(fc.integer({ min: 18, max: 600 }), sequences, fc.nat(50), (sizeBytes, all, offset) => {
      const of = (sequence: number) => format.encode({ run: 7, client: 3, sequence }, sizeBytes, 1);
      const template = broadcastTxAsync.template?.(of(0));
      if (template === undefined) throw new Error("there is a template");
      const copy = Buffer.alloc(template.bytes.length + 100, ".");
      copy.set(template.bytes, offset);
      for (const sequence of all) {
        template.patch(copy, offset, sequence);
        const text = `${".".repeat(offset)}${body(of(sequence), sequence)}`;
        expect(copy.toString("latin1")).toBe(text.padEnd(copy.length, "."));
      }
    }),
  );
});

test("the body carries exactly the transaction, also from the middle of a buffer", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), (bytes, id) => {
      const padded = new Uint8Array(bytes.length + 7);
      padded.set(bytes, 7);
      const request = JSON.parse(body(padded.subarray(7), id)) as { id: number; params: { tx: string } };
      expect(request.id).toBe(1e14 + id);
      expect(new Uint8Array(Buffer.from(request.params.tx, "base64"))).toEqual(bytes);
    }),
  );
});

test("the largest transaction's body keeps below 1,000,000 bytes with the longest id", () => {
  const text = body(new Uint8Array(largestSubmittedBytes), Number.MAX_SAFE_INTEGER);
  expect(text.length).toBeLessThanOrEqual(1_000_000);
  expect(text.length).toBeGreaterThan(999_900);
});

describe("classification", () => {
  test.each([
    ["the usual reply", good(id5)],
    ["one with spaces", JSON.stringify(JSON.parse(good(id5)), null, 2)],
    ["one with other fields", `{"result":{"hash":"","code":0},"id":${id5},"jsonrpc":"2.0"}`],
    ["one with null as error", `{"id":${id5},"error":null,"result":{"code":0}}`],
  ])("accepts %s", (_, text) => {
    expect(classify(200, text, 5)).toEqual({ accepted: true });
  });

  test.each([
    [200, good(id5 + 1), `reply has id ${id5 + 1} instead of ${id5}`],
    [200, good(`"${id5}"`), `reply has id "${id5}" instead of ${id5}`],
    [200, good(5), `reply has id 5 instead of ${id5}`],
    [200, good(id5).replace('"code":0', '"code":7'), "code 7: "],
    [200, good(id5).replace('"code":0', '"code":7').replace('"log":""', '"log":"no"'), "code 7: no"],
    [200, good(id5).replace('"code":0', '"code":"0"'), 'code "0": '],
    [200, good(id5).replace(hash, `AB","code":9,"x":"${"A".repeat(64 - 19)}`), "code 9: "],
    [200, good(id5).slice(0, -1), expect.stringMatching(/^reply is not JSON: /)],
    [200, `${good(id5)}x`, expect.stringMatching(/^reply is not JSON: /)],
    [200, "", "reply is not JSON: "],
    [200, "7", "reply is not an object: 7"],
    [200, `{"id":${id5}}`, `reply has neither result nor error: {"id":${id5}}`],
    [
      200,
      '{"id":5,"error":{"code":-32603,"message":"Internal error","data":"tx already exists in cache"}}',
      "error -32603: tx already exists in cache",
    ],
    [200, '{"id":5,"error":{"code":-32601,"message":"Method not found"}}', "error -32601: Method not found"],
    [500, good(id5), expect.stringMatching(/^HTTP 500: \{/)],
    [429, "slow down\n", "HTTP 429: slow down"],
    [502, "x".repeat(5000), expect.stringMatching(/^HTTP 502: x{190}$/)],
  ])("rejects HTTP %i %s", (status, text, reason) => {
    expect(classify(status, text, 5)).toEqual({ accepted: false, reason });
  });

  test("a reply that is recognized by its bytes is one that would be accepted", () => {
    const { isUsualAcceptance } = broadcastTxAsync;
    const recognized = (text: string, sequence: number) => {
      const bytes = Buffer.from(`..${text}..`, "latin1");
      return isUsualAcceptance?.(bytes, { start: 2, end: bytes.length - 2 }, sequence);
    };
    expect(recognized(good(id5), 5)).toBe(true);
    expect(recognized(good(id5), 6)).toBe(false);
    const sequences = fc.oneof(fc.nat(), fc.nat({ max: 2 ** 48 - 1 }));
    fc.assert(fc.property(sequences, (sequence) => recognized(good(1e14 + sequence), sequence) === true));
    const [from, to] = [usualHashAt, usualHashAt + 64];
    const place = fc.nat({ max: good(id5).length - 1 }).filter((at) => at < from || at >= to);
    fc.assert(
      fc.property(place, fc.string({ maxLength: 2, unit: "binary-ascii" }), (at, letters) => {
        const changed = good(id5).slice(0, at) + letters + good(id5).slice(at + 1);
        expect(recognized(changed, 5)).toBe(changed === good(id5));
      }),
      { numRuns: 1000 },
    );
  });

  test("no change of one character turns a rejection into an acceptance, or the other way round", () => {
    const usual = good(id5);
    fc.assert(
      fc.property(
        fc.nat({ max: usual.length - 1 }),
        fc.string({ minLength: 1, maxLength: 1 }),
        (at, letter) => {
          const changed = usual.slice(0, at) + letter + usual.slice(at + 1);
          let accepted = false;
          try {
            const reply = JSON.parse(changed) as {
              id?: unknown;
              error?: unknown;
              result?: { code?: unknown };
            };
            accepted = reply.id === id5 && reply.result?.code === 0;
          } catch {}
          expect(classify(200, changed, 5).accepted).toBe(accepted);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

test("a node's real replies are understood", async () => {
  const chain = openMemoryChain({ mempoolLimit: 2 });
  const { url } = await serve(chain);
  const outcome = async (text: string, id: number) => {
    const reply = await submit(url, Buffer.from(text), id);
    return classify(reply.status, reply.text, id);
  };
  expect(await outcome("one", 1)).toEqual({ accepted: true });
  expect(await outcome("one", 2)).toEqual({
    accepted: false,
    reason: "error -32603: tx already exists in cache",
  });
  expect(await outcome("two", 3)).toEqual({ accepted: true });
  expect(await outcome("three", 4)).toMatchObject({
    reason: expect.stringContaining("mempool is full: number of txs 2"),
  });
});

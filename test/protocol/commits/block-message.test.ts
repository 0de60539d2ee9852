import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blockPlaces, openBlockMessage } from "../../../src/protocol/commits/block-message.ts";
import { cutTransactions } from "../../../src/protocol/commits/cut-transactions.ts";
import { RpcReplyError } from "../../../src/protocol/rpc/reply.ts";

const rpc = { host: "127.0.0.1", port: 26657 };

/** What reading the whole message as JSON yields, written down independently of how messages are read. */
function readWhole(text: string, place: readonly string[], headBytes: number) {
  const value = place.reduce((inner, name) => inner[name], JSON.parse(text));
  const transactions = ((value.block.data?.txs ?? []) as string[]).map((tx) => Buffer.from(tx, "base64"));
  const long = transactions.filter(({ length }) => length >= headBytes);
  return {
    height: Number(value.block.header.height),
    fingerprint: value.block_id.hash,
    transactions: transactions.length,
    heads: Buffer.concat(long.map((transaction) => transaction.subarray(0, headBytes))).toString("hex"),
    messageBytes: Buffer.byteLength(text),
    timeMs: Date.parse(value.block.header.time),
  };
}

function read(text: string, place: readonly string[], headBytes: number) {
  const block = openBlockMessage(rpc, Buffer.from(text), { place, headBytes }).block();
  return block && { ...block, heads: Buffer.from(block.heads).toString("hex") };
}

const transactionText = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString("base64")),
  },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString("base64url")),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
  { weight: 1, arbitrary: fc.constantFrom("", "=", '"txs":["AAAA"]', "\\", '"', "]", "é€", "AA AA\n") },
);

/** Any order of keys, with more of them than are needed. */
function shuffled(entries: Record<string, unknown>): fc.Arbitrary<Record<string, unknown>> {
  const keys = Object.keys(entries);
  return fc
    .shuffledSubarray(keys, { minLength: keys.length })
    .map((order) => Object.fromEntries(order.map((key) => [key, entries[key]])));
}

const noise = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>({ txs: ["QUFB"] }, { txs: null }, '\\"txs":["', { 'a"txs': ["x"] }, { txs: {} }),
);

const blockValue = fc
  .record({
    txs: fc.oneof({ weight: 8, arbitrary: fc.array(transactionText, { maxLength: 12 }) }, fc.constant(null)),
    height: fc.integer({ min: 1, max: 1e9 }),
    hash: fc.string({ minLength: 1, maxLength: 20, unit: "binary" }),
    others: fc.tuple(noise, noise, noise),
  })
  .chain(({ txs, height, hash, others }) =>
    fc
      .tuple(
        shuffled({ txs, more: others[0] }),
        shuffled({ height: String(height), time: "2026-01-02T03:04:05.678Z", app: others[1] }),
      )
      .chain(([data, header]) => shuffled({ header, data, last_commit: others[2] }))
      .chain((block) => shuffled({ block, block_id: { hash }, events: others[0] })),
  );

const message = fc.record({
  value: blockValue,
  place: fc.constantFrom(blockPlaces.reply, blockPlaces.event),
  spaces: fc.constantFrom(undefined, undefined, 1, "\t"),
  /** Escapes that JSON allows and its writers rarely make. */
  slashes: fc.boolean(),
});

type Message = typeof message extends fc.Arbitrary<infer T> ? T : never;

function textOf({ value, place, spaces, slashes }: Message): string {
  const reply = [...place].reverse().reduce<unknown>((inner, name) => ({ [name]: inner }), value);
  const text = JSON.stringify({ jsonrpc: "2.0", id: 1, ...(reply as object) }, null, spaces);
  return slashes ? text.replaceAll("/", "\\/") : text;
}

describe("a message with a block", () => {
  test("is read as JSON.parse reads it, whatever its form", () => {
    fc.assert(
      fc.property(message, fc.constantFrom(0, 1, 17, 18, 31), (made, headBytes) => {
        const text = textOf(made);
        expect(read(text, made.place, headBytes)).toEqual(readWhole(text, made.place, headBytes));
      }),
      { numRuns: 2000 },
    );
  });

  test("as nodes write it, is read without its transactions being parsed", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 300 }), (transactions) => {
        const txs = transactions.map((bytes) => Buffer.from(bytes).toString("base64"));
        const text = JSON.stringify({ result: { block: { header: { height: "7" }, data: { txs } } } });
        const cut = cutTransactions(Buffer.from(text), 18);
        expect(cut?.count).toBe(txs.length);
        expect(cut?.rest.length).toBeLessThan(150);
      }),
    );
  });

  test("with ten thousand transactions has the heads of all of them, in order", () => {
    const transactions = Array.from({ length: 10_000 }, (_, index) => {
      const bytes = Buffer.alloc(512, index);
      bytes.writeUInt32BE(index, 4);
      return bytes;
    });
    const txs = transactions.map((bytes) => bytes.toString("base64"));
    const value = { block: { header: { height: "7" }, data: { txs } }, block_id: { hash: "AB" } };
    const bytes = Buffer.from(JSON.stringify({ result: value }));
    const block = openBlockMessage(rpc, bytes, { place: blockPlaces.reply, headBytes: 18 }).block();
    expect(block?.transactions).toBe(10_000);
    const heads = Buffer.concat(transactions.map((transaction) => transaction.subarray(0, 18)));
    expect(heads.equals(block?.heads ?? new Uint8Array())).toBe(true);
    // The message itself can be let go.
    expect(block?.heads.buffer.byteLength).toBe(heads.length);
  });

  test("that is damaged is read or refused, and nothing else", () => {
    const damage = fc.array(
      fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) }),
      {
        maxLength: 6,
      },
    );
    const ends = fc.double({ min: 0, max: 1, noNaN: true });
    let refused = 0;
    fc.assert(
      fc.property(message, damage, fc.option(ends), (made, changes, end) => {
        const bytes = Buffer.from(textOf(made));
        for (const { at, byte } of changes) bytes[Math.floor(at * (bytes.length - 1))] = byte;
        const kept = end === null ? bytes : bytes.subarray(0, Math.floor(end * bytes.length));
        try {
          openBlockMessage(rpc, kept, { place: made.place, headBytes: 18 }).block();
        } catch (error) {
          expect(error).toBeInstanceOf(RpcReplyError);
          refused++;
        }
      }),
      { numRuns: 3000 },
    );
    expect(refused).toBeGreaterThan(0);
  });
});

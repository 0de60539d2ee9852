/**
 * What reading a block's message costs, for each of its transactions: `node benchmarks/suite/block-decoding.ts --help`.
 * Both ways read the same bytes, in turn. Prints Markdown.
 */

import { blockPlaces, openBlockMessage } from "../../src/protocol/commits/block-message.ts";
import { largestSubmittedBytes } from "../../src/protocol/rpc/json-rpc.ts";
import { buildTransactionFormat } from "../../src/protocol/transactions/transaction.ts";
import { number, readCommandLine } from "./command-line.ts";
import { formatTable } from "./markdown.ts";

const rpc = { host: "127.0.0.1", port: 26657 };
const format = buildTransactionFormat(largestSubmittedBytes);

const values = readCommandLine("Compares two ways to read a block's message.", {
  transactions: number("transactions in the block", 10_000, 1),
  size: number("bytes of a transaction", 512, format.smallestBytes),
  rounds: number("how often each way reads it", 30, 3),
});

/** The way that makes a string and a buffer of each transaction, and an object of its identity. */
function readAsJson(bytes: Buffer): number {
  const { block } = JSON.parse(bytes.toString()).result.data.value;
  const identities = block.data.txs.map((text: string) => format.identify(Buffer.from(text, "base64")));
  return identities.reduce((sum: number, { sequence }: { sequence: number }) => sum + sequence, 0);
}

/** The observer's way. */
function readHeads(bytes: Buffer): number {
  const { headBytes, identifyHead } = format;
  const heads = openBlockMessage(rpc, bytes, { place: blockPlaces.event, headBytes }).block()?.heads;
  const identity = { run: 0, client: 0, sequence: 0 };
  let sum = 0;
  for (let at = 0; heads !== undefined && at < heads.length; at += headBytes) {
    if (identifyHead(heads, at, identity)) sum += identity.sequence;
  }
  return sum;
}

function buildMessage(): Buffer {
  const txs = Array.from({ length: values.transactions }, (_, sequence) =>
    Buffer.from(format.encode({ run: 1, client: sequence % 4, sequence }, values.size, 1)).toString("base64"),
  );
  const header = { height: "1", time: "2026-01-01T00:00:00Z" };
  const value = { block: { header, data: { txs } }, block_id: { hash: "AB" } };
  return Buffer.from(JSON.stringify({ result: { data: { value } } }));
}

const message = buildMessage();
const ways = [
  { name: "JSON.parse, all of each transaction", read: readAsJson, tookUs: [] as number[] },
  { name: "heads alone, cut out of the bytes", read: readHeads, tookUs: [] as number[] },
];
const expected = ((values.transactions - 1) * values.transactions) / 2;
for (let round = 0; round < values.rounds; round++) {
  for (const { name, read, tookUs } of ways) {
    const beganMs = performance.now();
    const sum = read(message);
    tookUs.push(((performance.now() - beganMs) * 1000) / values.transactions);
    if (sum !== expected) throw new Error(`${name} read other transactions than the block has`);
  }
}
const rows = ways.map(({ name, tookUs }) => {
  const sorted = tookUs.sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return [name, median.toFixed(3), (sorted[0] ?? Number.NaN).toFixed(3)];
});
console.log(formatTable(["way", "median, µs per transaction", "least"], rows));

/** A node that shows blocks of a given size at a given pace, from bytes made beforehand: so cheap that it is no limit. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { WebSocketServer } from "ws";
import { largestSubmittedBytes } from "../../src/protocol/rpc/json-rpc.ts";
import { buildTransactionFormat } from "../../src/protocol/transactions/transaction.ts";

export interface BlockServerData {
  readonly transactions: number;
  readonly sizeBytes: number;
  readonly everyMs: number;
}

/** Heights begin here: all of one length, so that a new one is written over the last. */
const firstHeight = 100_000_000;
const { transactions, sizeBytes, everyMs } = workerData as BlockServerData;
const format = buildTransactionFormat(largestSubmittedBytes);
const message = buildMessage();
const heightAt = message.indexOf(String(firstHeight));
let height = firstHeight;

const server = createServer((_request, response) => {
  const sync = { earliest_block_height: "1", latest_block_height: String(height), catching_up: false };
  response.end(JSON.stringify({ result: { sync_info: sync } }));
});
const sockets = new WebSocketServer({ server, path: "/websocket", perMessageDeflate: false });
sockets.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.on("message", () => socket.send('{"jsonrpc":"2.0","id":1,"result":{}}'));
});
server.listen(0, "127.0.0.1", () => parentPort?.postMessage((server.address() as AddressInfo).port));
setInterval(() => {
  // All blocks are in one buffer: while one is under way, nothing may be written into it.
  if ([...sockets.clients].some(({ bufferedAmount }) => bufferedAmount > 0)) return;
  message.write(String(++height), heightAt);
  for (const socket of sockets.clients) socket.send(message, { binary: false });
}, everyMs);

/** The same transactions in every block: what reading them costs does not depend on it. */
function buildMessage(): Buffer {
  const txs = Array.from({ length: transactions }, (_, sequence) =>
    Buffer.from(format.encode({ run: 1, client: sequence % 4, sequence }, sizeBytes, 1)).toString("base64"),
  );
  const header = { height: String(firstHeight), time: "2026-01-01T00:00:00Z" };
  const value = { block: { header, data: { txs } }, block_id: { hash: "AB" } };
  return Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: 1, result: { data: { value } } }));
}

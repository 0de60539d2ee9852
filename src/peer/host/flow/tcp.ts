/** Messages of our own over TCP, each with its number and time. */
import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";
import { delay } from "../../../core/async.ts";
import { preciseNow } from "../../journal.ts";
import { headBytes } from "../config.ts";
import { readHead, writeHead } from "./packet.ts";
import { followRate } from "./schedule.ts";
import type { FlowSetting } from "./udp.ts";

/** Until it connects again. */
const retryMs = 200;
/** Messages beyond it are refused: the network does not take them. */
const mostWaitingBytes = 4 * 1024 * 1024;
const connectMs = 5000;

/** Calls `take` with each whole message, of which only the head is kept together. */
function readMessages(socket: Socket, sizeBytes: number, take: (message: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (; rest.length - at >= sizeBytes; at += sizeBytes) take(rest.subarray(at, at + sizeBytes));
    rest = rest.subarray(at);
  });
}

/** Resolves when the signal aborts. */
export async function sendMessages(setting: FlowSetting): Promise<void> {
  const { flow, address, teller, onFirst, log, signal } = setting;
  const { name, to, sizeBytes, reflects, perSec } = flow;
  const bytes = Math.max(headBytes, sizeBytes);
  const sent = teller.sentOf(name, bytes);
  const back = teller.receivedOf(name, "back", bytes);
  let open: Socket | undefined;
  let sequence = 0;
  const send = (_: number, lateMs?: number) => {
    const own = sequence++;
    sent.add(own, lateMs);
    if (open === undefined || open.writableLength > mostWaitingBytes) {
      sent.refuse(own);
      return;
    }
    const message = Buffer.alloc(bytes);
    writeHead(message, { sequence: own, sentAtMs: preciseNow(), frame: 0, parts: 1 });
    open.write(message);
  };
  const connect = async () => {
    while (!signal.aborted) {
      const socket = createConnection({ ...to, localAddress: address, noDelay: true });
      socket.setTimeout(connectMs, () => socket.connecting && socket.destroy(new Error("no answer")));
      socket.on("error", (error) => log(`flow ${name}: ${error.message}`));
      const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      socket.once("connect", () => {
        open = socket;
        if (!reflects) onFirst();
        if (perSec === undefined) flood(socket, send, signal);
      });
      readMessages(socket, bytes, (message) => {
        const head = readHead(message);
        if (head !== undefined) back.add(head.sequence, head.sentAtMs);
        onFirst();
      });
      const end = () => socket.destroy();
      signal.addEventListener("abort", end, { once: true });
      await closed;
      signal.removeEventListener("abort", end);
      open = undefined;
      await delay(retryMs, signal).catch(() => {}); // the loop looks at it
    }
  };
  await Promise.all([connect(), ...(perSec === undefined ? [] : [followRate(perSec, send, signal)])]);
}

/** As much as goes through. */
function flood(socket: Socket, send: (number: number) => void, signal: AbortSignal): void {
  const more = () => {
    while (!signal.aborted && !socket.destroyed && !socket.writableNeedDrain) send(0);
  };
  socket.on("drain", more);
  more();
}

/** Resolves when the signal aborts. */
export async function receiveMessages(setting: FlowSetting): Promise<void> {
  const { flow, address, teller, onFirst, signal } = setting;
  const { name, to, sizeBytes, reflects } = flow;
  const bytes = Math.max(headBytes, sizeBytes);
  const received = teller.receivedOf(name, "forth", bytes);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
    readMessages(socket, bytes, (message) => {
      const head = readHead(message);
      if (head === undefined) return;
      received.add(head.sequence, head.sentAtMs);
      onFirst();
      // A copy: the rest of what came with it would be kept as long.
      if (reflects && socket.writableLength < mostWaitingBytes) socket.write(Buffer.from(message));
    });
  });
  server.maxConnections = 16;
  server.listen(to.port, address);
  await once(server, "listening", { signal });
  try {
    if (!signal.aborted) await once(signal, "abort");
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

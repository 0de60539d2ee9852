/**
 * Senders and receivers for tests of the shaper; each is started in a network namespace. Moments are on the machine's
 * monotonic clock, so that a delay is measured one way, in user space.
 *
 *   receive PORT               UDP until standard input ends, then {"seqs": […], "delaysMs": […]}
 *   send HOST PORT COUNT PER_SECOND BYTES
 *   accept PORT                TCP until the sender ends, then {"bytes": …, "seconds": …} from the first byte to the last
 *   stream HOST PORT SECONDS   TCP
 */
import { createSocket } from "node:dgram";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../src/core/clock.ts";

const now = systemClock.monotonicMs;
const tell = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

function receive(port: number): void {
  const seqs: number[] = [];
  const delaysMs: number[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (packet) => {
    const atMs = now();
    seqs.push(packet.readUInt32LE(8));
    delaysMs.push(atMs - packet.readDoubleLE(0));
  });
  socket.bind(port, () => {
    socket.setRecvBufferSize(4 * 1024 * 1024);
    tell("ready");
  });
  process.stdin.resume().once("end", () => {
    tell({ seqs, delaysMs });
    socket.close();
  });
}

async function send(host: string, [port, count, perSecond, bytes]: readonly number[]): Promise<void> {
  const socket = createSocket("udp4");
  const packet = Buffer.alloc(bytes ?? 64);
  const beginMs = now();
  for (let seq = 0; seq < (count ?? 0); seq++) {
    const waitMs = beginMs + (seq * 1000) / (perSecond ?? 1) - now();
    if (waitMs >= 1) await sleep(waitMs);
    packet.writeDoubleLE(now(), 0);
    packet.writeUInt32LE(seq, 8);
    await new Promise((resolve) => socket.send(packet, port, host, resolve));
  }
  socket.close();
}

function accept(port: number): void {
  const server = createServer((socket) => {
    let [bytes, firstMs, lastMs] = [0, 0, 0];
    socket.on("data", (chunk) => {
      lastMs = now();
      firstMs ||= lastMs;
      bytes += chunk.length;
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      tell({ bytes, seconds: (lastMs - firstMs) / 1000 });
      server.close();
    });
  });
  server.listen(port, () => tell("ready"));
}

function stream(host: string, [port = 0, seconds = 0]: readonly number[]): void {
  const socket = connect(port, host);
  const chunk = Buffer.alloc(256 * 1024);
  const endMs = now() + seconds * 1000;
  const fill = () => {
    while (now() < endMs) if (!socket.write(chunk)) return;
    socket.resetAndDestroy();
  };
  socket.on("connect", fill).on("drain", fill);
  socket.on("error", () => {});
}

const [, , task, ...words] = process.argv;
const [host = "", ...numbers] = words;
if (task === "receive") receive(Number(host));
if (task === "send") await send(host, numbers.map(Number));
if (task === "accept") accept(Number(host));
if (task === "stream") stream(host, numbers.map(Number));

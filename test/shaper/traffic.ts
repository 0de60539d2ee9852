/**
 * Senders and receivers for tests of the shaper; each is started in a network namespace. Moments are on the machine's
 * monotonic clock, so that a delay is measured one way, in user space.
 *
 *   receive PORT               UDP until standard input ends and nothing comes, then {"delaysMs": […]}
 *   send HOST PORT COUNT PER_SECOND BYTES
 *   accept PORT                TCP until the one connection ends
 *   connect HOST PORT          TCP, then {"ms": …}
 */
import { createSocket } from "node:dgram";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../src/core/clock.ts";

const now = systemClock.monotonicMs;
const tell = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

/** Packets of shaped links come late. */
const quietMs = 300;

function receive(port: number): void {
  const delaysMs: number[] = [];
  const socket = createSocket("udp4");
  let quiet: NodeJS.Timeout | undefined;
  socket.on("message", (packet) => {
    delaysMs.push(now() - packet.readDoubleLE(0));
    quiet?.refresh();
  });
  socket.bind(port, () => {
    socket.setRecvBufferSize(4 * 1024 * 1024);
    tell("ready");
  });
  process.stdin.resume().once("end", () => {
    quiet = setTimeout(() => {
      // To the microsecond: a line of all digits would be too long.
      tell({ delaysMs: delaysMs.map((delayMs) => Math.round(delayMs * 1000) / 1000) });
      socket.close();
    }, quietMs);
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
    await new Promise((resolve) => socket.send(packet, port, host, resolve));
  }
  socket.close();
}

function accept(port: number): void {
  const server = createServer((socket) => {
    socket.resume().on("error", () => {});
    socket.on("close", () => server.close());
  });
  server.listen(port, () => tell("ready"));
}

function open(host: string, [port = 0]: readonly number[]): void {
  const beginMs = now();
  const socket = connect(port, host, () => {
    tell({ ms: now() - beginMs });
    socket.end();
  });
}

const [, , task, ...words] = process.argv;
const [host = "", ...numbers] = words;
if (task === "receive") receive(Number(host));
if (task === "send") await send(host, numbers.map(Number));
if (task === "accept") accept(Number(host));
if (task === "connect") open(host, numbers.map(Number));

/**
 * Goodput of one TCP connection. The sender first writes a header that says what to count; the receiver answers with
 * what it counted. Both may be on different machines.
 */
import type { Socket } from "node:net";
import { withinMs } from "../../core/async.ts";
import type { Clock } from "../../core/clock.ts";

const magic = 0x62616c74;
const headerBytes = 24;
const resultBytes = 12;
const chunk = Buffer.alloc(256 * 1024);
/** Longest measurement. */
const mostMs = 600_000;
/** For the connection and for the result, beyond what is measured. */
const graceMs = 10_000;

export interface GoodputPlan {
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** Sends all that the connection takes. @returns what the receiver counted, bytes; undefined where it did not say */
export async function sendGoodput(socket: Socket, plan: GoodputPlan): Promise<number | undefined> {
  const result = Promise.withResolvers<number | undefined>();
  let answer = Buffer.alloc(0);
  socket.on("data", (bytes) => {
    answer = Buffer.concat([answer, bytes]);
    if (answer.length >= resultBytes) result.resolve(readResult(answer));
  });
  socket.on("error", () => {});
  socket.on("close", () => result.resolve(undefined));
  const fill = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on("drain", fill);
  socket.write(headerOf(plan));
  fill();
  const bytes = await withinMs(plan.warmUpMs + plan.measureMs + graceMs, result.promise);
  socket.resetAndDestroy();
  return bytes;
}

/** Counts what one connection brings, and answers. */
export function receiveGoodput(socket: Socket, clock: Clock): void {
  let head = Buffer.alloc(0);
  let window: { readonly fromMs: number; readonly toMs: number } | undefined;
  let bytes = 0;
  let timer = setTimeout(() => socket.destroy(), graceMs);
  const begin = () => {
    const plan = readHeader(head);
    if (plan === undefined) return void socket.destroy();
    const fromMs = clock.monotonicMs() + plan.warmUpMs;
    window = { fromMs, toMs: fromMs + plan.measureMs };
    clearTimeout(timer);
    timer = setTimeout(finish, plan.warmUpMs + plan.measureMs);
  };
  const finish = () => {
    socket.write(resultOf(bytes));
    timer = setTimeout(() => socket.destroy(), graceMs);
  };
  socket.on("data", (data: Buffer) => {
    if (window === undefined) {
      head = Buffer.concat([head, data.subarray(0, headerBytes)]);
      if (head.length >= headerBytes) begin();
      return;
    }
    const nowMs = clock.monotonicMs();
    if (nowMs >= window.fromMs && nowMs < window.toMs) bytes += data.length;
  });
  socket.on("error", () => {});
  socket.on("close", () => clearTimeout(timer));
}

function headerOf({ warmUpMs, measureMs }: GoodputPlan): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(magic, 0);
  header.writeDoubleLE(warmUpMs, 8);
  header.writeDoubleLE(measureMs, 16);
  return header;
}

function readHeader(header: Buffer): GoodputPlan | undefined {
  const [warmUpMs, measureMs] = [header.readDoubleLE(8), header.readDoubleLE(16)];
  const isPlan = header.readUInt32LE(0) === magic && warmUpMs >= 0 && measureMs > 0;
  return isPlan && warmUpMs + measureMs <= mostMs ? { warmUpMs, measureMs } : undefined;
}

function resultOf(bytes: number): Buffer {
  const result = Buffer.alloc(resultBytes);
  result.writeUInt32LE(magic, 0);
  result.writeDoubleLE(bytes, 4);
  return result;
}

const readResult = (result: Buffer): number | undefined =>
  result.readUInt32LE(0) === magic ? result.readDoubleLE(4) : undefined;

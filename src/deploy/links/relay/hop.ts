/** TCP connections from one node to another, each byte of which arrives when its link lets it. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Alarm } from "../../../core/alarm.ts";
import { systemClock } from "../../../core/clock.ts";
import type { DelayLine } from "./delay-line.ts";

export const loopback = "127.0.0.1";
/** Of one connection, in one direction: more than any link of this kind carries within its delay. */
const mostHeldBytes = 64 * 1024 * 1024;

/** What is counted of the pieces that arrive. */
export interface Tally {
  readonly arrived: (bytes: number, lateMs: number) => void;
  readonly cut: () => void;
}

/** One direction of the way between two nodes. */
export interface Direction {
  readonly line: DelayLine;
  readonly tally: Tally;
}

export interface Hop {
  readonly port: number;
  /** Cuts all connections. */
  readonly cut: () => void;
  readonly close: () => void;
}

/** Listens for connections to `target`. @param there of what the caller sends @param back of what is answered */
export async function openHop(target: number, there: Direction, back: Direction): Promise<Hop> {
  const open = new Set<Socket>();
  const isDown = () => there.line.shape.down || back.line.shape.down;
  const server = createServer({ noDelay: true, allowHalfOpen: true, pauseOnConnect: true }, (near) => {
    near.on("error", () => near.destroy());
    if (isDown()) {
      there.tally.cut();
      near.resetAndDestroy();
      return;
    }
    open.add(near);
    near.once("close", () => open.delete(near));
    // The request to connect takes its time, too.
    const ring = () => {
      if (!near.destroyed) carry(near, target, there, back);
    };
    new Alarm(systemClock, ring).set(systemClock.monotonicMs() + there.line.delayMs());
  });
  server.listen(0, loopback);
  await once(server, "listening");
  const cut = () => {
    for (const near of open) {
      there.tally.cut();
      near.resetAndDestroy();
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    close: () => {
      server.close();
      for (const near of open) near.destroy();
    },
  };
}

function carry(near: Socket, target: number, there: Direction, back: Direction): void {
  const far = connect({ host: loopback, port: target, noDelay: true, allowHalfOpen: true });
  far.on("error", () => near.resetAndDestroy());
  far.once("close", () => near.destroy());
  near.once("close", () => far.destroy());
  far.once("connect", () => {
    pump(near, far, there);
    pump(far, near, back);
  });
}

interface Piece {
  readonly dueMs: number;
  /** undefined: the end. */
  readonly bytes: Buffer | undefined;
}

/** Hands on what `from` sends when it is due, in its order. */
function pump(from: Socket, to: Socket, { line, tally }: Direction): void {
  const held: Piece[] = [];
  let heldBytes = 0;
  let lastDueMs = 0;
  const isFull = () => heldBytes > mostHeldBytes || line.isFull(systemClock.monotonicMs());
  const take = (bytes: Buffer | undefined) => {
    lastDueMs = line.dueMs(systemClock.monotonicMs(), bytes?.length ?? 0, lastDueMs);
    held.push({ dueMs: lastDueMs, bytes });
    heldBytes += bytes?.length ?? 0;
    if (held.length === 1) alarm.set(lastDueMs);
  };
  const release = (): void => {
    const nowMs = systemClock.monotonicMs();
    let passed = 0;
    for (const { dueMs, bytes } of held) {
      if (dueMs > nowMs) break;
      passed++;
      heldBytes -= bytes?.length ?? 0;
      if (bytes === undefined) to.end();
      else {
        tally.arrived(bytes.length, nowMs - dueMs);
        to.write(bytes);
      }
    }
    held.splice(0, passed);
    if (held.length === 0 || !isFull()) from.resume();
    const [next] = held;
    if (next === undefined) return;
    // A receiver that does not read gets no more.
    if (to.writableNeedDrain) to.once("drain", release);
    else alarm.set(next.dueMs);
  };
  const alarm = new Alarm(systemClock, release);
  from.on("data", (chunk: Buffer) => {
    for (const piece of line.split(chunk)) take(piece);
    if (isFull()) from.pause();
  });
  from.once("end", () => take(undefined));
  to.once("close", () => alarm.clear());
  from.once("close", () => alarm.clear());
  from.resume();
}

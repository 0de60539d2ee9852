import type { Socket } from "node:net";
import { Alarm } from "../../src/core/alarm.ts";
import { systemClock } from "../../src/core/clock.ts";

/** Bytes on their way in one direction, beyond which the sender is read no further. */
const mostBytes = 4 * 1024 * 1024;
/** The last of the way, for which only turning the event loop over is exact enough. */
const spinMs = 1.5;

/**
 * Carries what one socket sends to another, each byte so much later, in order. It holds a bounded number of bytes, so
 * that a slow receiver slows the sender down, as a real line's window does.
 */
export class DelayLine {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #delayMs: number;
  /** An empty chunk is the sender's end. */
  readonly #onTheWay: { readonly dueMs: number; readonly chunk: Buffer }[] = [];
  readonly #alarm = new Alarm(systemClock, () => this.#release(), spinMs);
  #bytes = 0;

  constructor(from: Socket, to: Socket, delayMs: number) {
    this.#from = from;
    this.#to = to;
    this.#delayMs = delayMs;
    from.on("data", (chunk: Buffer) => this.#take(chunk));
    from.on("end", () => this.#take(Buffer.alloc(0)));
    to.on("drain", () => this.#release());
    for (const socket of [from, to]) socket.on("error", () => this.#close());
    // One that has been sent all may close while what it sent itself is still on its way the other way.
    to.on("close", () => {
      if (!to.writableFinished) this.#close();
    });
  }

  #take(chunk: Buffer): void {
    this.#onTheWay.push({ dueMs: performance.now() + this.#delayMs, chunk });
    this.#bytes += chunk.length;
    if (this.#bytes > mostBytes) this.#from.pause();
    if (this.#delayMs === 0) this.#release();
    else if (this.#onTheWay.length === 1) this.#schedule();
  }

  #schedule(): void {
    const [next] = this.#onTheWay;
    if (next !== undefined) this.#alarm.set(next.dueMs);
  }

  /** Hands on what is due, as long as the receiver takes it. */
  #release(): void {
    const nowMs = performance.now();
    while (!this.#to.writableNeedDrain) {
      const [next] = this.#onTheWay;
      if (next === undefined || next.dueMs > nowMs) break;
      this.#onTheWay.shift();
      this.#bytes -= next.chunk.length;
      if (next.chunk.length === 0) this.#to.end();
      else this.#to.write(next.chunk);
    }
    if (this.#bytes <= mostBytes / 2) this.#from.resume();
    if (!this.#to.writableNeedDrain) this.#schedule();
  }

  #close(): void {
    this.#alarm.clear();
    this.#onTheWay.length = 0;
    this.#from.destroy();
    this.#to.destroy();
  }
}

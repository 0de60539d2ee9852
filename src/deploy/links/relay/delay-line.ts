/** When what is sent over one link arrives. Pure, but for its random numbers. */
import { type LinkShape, queueMsOf } from "../../../contracts/links/shape.ts";
import { samplers } from "../../../core/numbers/jitter.ts";
import type { Random } from "../../../core/random.ts";

/** A piece takes so long at the rate of its link: what is sent in one go does not arrive in one. */
const pieceMs = 2;
const smallestPieceBytes = 1448;

/** One direction between two nodes; all their connections share its rate. */
export class DelayLine {
  shape: LinkShape;
  readonly #random: Random;
  /** When what was given to it will have been sent. */
  #busyUntilMs = 0;

  constructor(shape: LinkShape, random: Random) {
    this.shape = shape;
    this.#random = random;
  }

  /** @param afterMs not before this: a connection keeps its order @returns when the last byte arrives */
  dueMs(nowMs: number, bytes: number, afterMs: number): number {
    const { rateBps } = this.shape;
    const sentMs =
      rateBps === undefined ? nowMs : Math.max(nowMs, this.#busyUntilMs) + (bytes * 8000) / rateBps;
    this.#busyUntilMs = sentMs;
    return Math.max(afterMs, sentMs + this.delayMs());
  }

  delayMs(): number {
    const { delayMs, jitter } = this.shape;
    if (jitter === undefined) return delayMs;
    return Math.max(0, delayMs + jitter.deviationMs * samplers[jitter.distribution](this.#random));
  }

  /** Whether reading must stop until some of it has been sent. */
  isFull(nowMs: number): boolean {
    return this.shape.rateBps !== undefined && this.#busyUntilMs - nowMs > queueMsOf(this.shape);
  }

  /** Pieces of what was read. */
  split(bytes: Buffer): Buffer[] {
    const { rateBps } = this.shape;
    const size =
      rateBps === undefined
        ? bytes.length
        : Math.max(smallestPieceBytes, Math.floor((rateBps * pieceMs) / 8000));
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
    return pieces;
  }
}

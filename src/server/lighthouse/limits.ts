/** What a lighthouse takes from peers that nobody vouches for. */

export interface LighthouseLimits {
  /** Peers at once; a further one is refused. */
  readonly peers: number;
  /** Of one message. An offer of a data channel takes about 1 KiB. */
  readonly messageBytes: number;
  /** Messages of one peer in a second, on average. A peer that sends more is disconnected. */
  readonly messagesPerSec: number;
  /** Messages of one peer at once, on top of that: it offers connections to many others when it joins an island. */
  readonly messagesAtOnce: number;
  /** What may wait for a peer that does not read; one that lets more come up is disconnected. */
  readonly waitingBytes: number;
  /** Between connecting and validation. */
  readonly validationMs: number;
  /** A peer whose last heartbeat is older is disconnected. */
  readonly silenceMs: number;
  /** Peers that one heartbeat may name as connected. */
  readonly connectedPeers: number;
}

export const defaultLimits: LighthouseLimits = {
  peers: 1_000,
  messageBytes: 64 * 1024,
  messagesPerSec: 100,
  messagesAtOnce: 1_000,
  waitingBytes: 1024 * 1024,
  validationMs: 10_000,
  silenceMs: 60_000,
  connectedPeers: 1_000,
};

/** Lets `perSec` pass on average, and `atOnce` on top of that. */
export class RateLimit {
  readonly #perSec: number;
  readonly #atOnce: number;
  #left: number;
  #lastMs: number;

  constructor(perSec: number, atOnce: number, nowMs: number) {
    this.#perSec = perSec;
    this.#atOnce = atOnce;
    this.#left = atOnce;
    this.#lastMs = nowMs;
  }

  /** Whether one more may pass now. */
  take(nowMs: number): boolean {
    const gained = ((nowMs - this.#lastMs) / 1000) * this.#perSec;
    this.#left = Math.min(this.#atOnce, this.#left + gained);
    this.#lastMs = nowMs;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}

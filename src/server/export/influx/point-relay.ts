import type { RelayReport } from "../../../contracts/results/relay.ts";
import { delay } from "../../../core/async.ts";
import { InfluxClient } from "./client.ts";
import { formatPoint, type InfluxPoint } from "./line-protocol.ts";
import type { InfluxTarget } from "./target.ts";

/** Points that wait: some hours of a small committee, a quarter of an hour of 100 nodes. */
const mostWaiting = 100_000;
const mostAtOnce = 5_000;
/** Points come every second; they are written together. */
const everyMs = 1_000;
const longestBackoffMs = 8_000;
/** At the end, for what still waits. */
const flushMs = 5_000;

export interface RelayLimits {
  readonly mostWaiting?: number;
  readonly flushMs?: number;
}

/**
 * Writes points to a database while they come. It never holds up who makes them: what cannot be written waits, up to a
 * bound, then the oldest are dropped and counted. A write that failed is tried again with the same points, which replace
 * themselves if they had been taken.
 */
export class PointRelay {
  readonly #client: InfluxClient;
  readonly #limits: Required<RelayLimits>;
  readonly #waiting: string[] = [];
  /** Of those waiting, so many at the front are being written. */
  #underWay = 0;
  #written = 0;
  #dropped = 0;
  #trouble: string | undefined;
  #isEnding = false;
  #wake = new AbortController();
  readonly #over = new AbortController();
  readonly #working: Promise<void>;

  constructor(target: InfluxTarget, limits: RelayLimits = {}) {
    this.#client = new InfluxClient(target);
    this.#limits = { mostWaiting, flushMs, ...limits };
    this.#working = this.#work();
  }

  /** Never waits and never throws. */
  push(points: Iterable<InfluxPoint>): void {
    for (const point of points) {
      const line = formatPoint(point);
      if (line !== undefined) this.#waiting.push(line);
    }
    const over = this.#waiting.length - this.#limits.mostWaiting;
    if (over <= 0) return;
    // Those that are being written may have arrived.
    this.#dropped += this.#waiting.splice(this.#underWay, over).length;
    this.#trouble ??= "the database did not keep up";
  }

  get pointsWaiting(): number {
    return this.#waiting.length;
  }

  /** So far. */
  get report(): RelayReport {
    const { url } = this.#client.target;
    return { url, pointsWritten: this.#written, pointsDropped: this.#dropped, trouble: this.#trouble };
  }

  /** Writes what waits, for a bounded time; never rejects. */
  async finish(): Promise<RelayReport> {
    this.#isEnding = true;
    this.#wake.abort();
    const limit = setTimeout(() => this.#over.abort(), this.#limits.flushMs);
    await this.#working;
    clearTimeout(limit);
    await this.#client[Symbol.asyncDispose]();
    this.#dropped += this.#waiting.length;
    this.#waiting.length = 0;
    return this.report;
  }

  async #work(): Promise<void> {
    let backoffMs = everyMs / 2;
    while (!this.#over.signal.aborted && !(this.#isEnding && this.#waiting.length === 0)) {
      const isFailing = this.#waiting.length > 0 && !(await this.#writeSome());
      backoffMs = isFailing ? Math.min(2 * backoffMs, longestBackoffMs) : everyMs / 2;
      // What has piled up is written without a pause.
      const isBehind = !isFailing && this.#waiting.length >= (this.#isEnding ? 1 : mostAtOnce);
      if (!isBehind) await this.#pause(isFailing ? backoffMs : everyMs);
    }
  }

  /** @returns false where it has to be tried again */
  async #writeSome(): Promise<boolean> {
    const lines = this.#waiting.slice(0, mostAtOnce);
    this.#underWay = lines.length;
    const outcome = await this.#client.write(lines, this.#over.signal);
    this.#underWay = 0;
    if (outcome.state !== "written") this.#trouble ??= outcome.reason;
    if (outcome.state === "failed") return false;
    this.#waiting.splice(0, lines.length);
    const dropped = outcome.state === "refused" ? outcome.dropped : 0;
    this.#dropped += dropped;
    this.#written += lines.length - dropped;
    return true;
  }

  /** Shorter at the end, and none where nothing failed. */
  async #pause(ms: number): Promise<void> {
    if (this.#isEnding && this.#waiting.length === 0) return;
    const signal = AbortSignal.any([
      this.#isEnding ? this.#over.signal : this.#wake.signal,
      this.#over.signal,
    ]);
    await delay(this.#isEnding ? everyMs / 4 : ms, signal).catch(() => {});
  }
}

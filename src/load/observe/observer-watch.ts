import type { BlockSighting, CommittedBlock } from "../../contracts/load/commits.ts";
import type { ObserverFigures } from "../../contracts/results/generator.ts";
import type { Clock } from "../../core/clock.ts";
import { largest } from "../../core/numbers/quantile.ts";
import { Histogram } from "../../metrics/stats/histogram.ts";
import { openCpuShare, threadCpuMs } from "../generator/generator-probe.ts";

const cpuPeriodMs = 1000;

/** What an observer sees of itself in the window: what it read, how late it came to it, and its thread's CPU time. */
export class ObserverWatch {
  readonly #clock: Clock;
  readonly #cpuTimeMs: () => number;
  readonly #windowMs: number;
  /** Microseconds. */
  readonly #delays = new Histogram();
  #fromMs = Number.POSITIVE_INFINITY;
  #blocks = 0;
  #transactions = 0;
  #bytes = 0;
  #lagMaxMs: number | undefined;
  #tickMs: number;
  #share: (() => number | undefined) | undefined;
  #shareAtMs = 0;
  #cpuStartMs = 0;
  #cpuMs: number | undefined;
  #cpuMaxRatio: number | undefined;

  constructor(windowMs: number, clock: Clock, cpuTimeMs = threadCpuMs) {
    this.#windowMs = windowMs;
    this.#clock = clock;
    this.#cpuTimeMs = cpuTimeMs;
    this.#tickMs = clock.monotonicMs();
  }

  /** Says when the window begins, on the monotonic clock. */
  begin(windowStartMs: number): void {
    this.#fromMs = windowStartMs;
  }

  /** Whether a time of the monotonic clock is in it; none is before that is said. */
  isInWindow(ms: number): boolean {
    return ms >= this.#fromMs && ms < this.#fromMs + this.#windowMs;
  }

  /** A block's commits have been told. */
  reported(block: CommittedBlock, { readMs }: BlockSighting): void {
    if (!this.isInWindow(readMs)) return;
    this.#blocks++;
    this.#transactions += block.transactions;
    this.#bytes += block.messageBytes;
    this.#lagMaxMs = largest([this.#lagMaxMs, this.#clock.monotonicMs() - readMs]);
  }

  /**
   * The event loop comes back, `periodMs` or more after it did last. Whatever comes while it is blocked waits for the
   * rest of that time, so a long delay counts once for each period in it.
   */
  tick(nowMs: number, periodMs: number): void {
    const lateMs = nowMs - this.#tickMs - periodMs;
    this.#tickMs = nowMs;
    if (this.isInWindow(nowMs)) {
      for (let ms = Math.max(0, lateMs); ms >= 0; ms -= periodMs) this.#delays.record(Math.round(ms * 1000));
    }
    this.#lookAtCpu(nowMs);
  }

  figures(polled: ObserverFigures["polled"]): ObserverFigures {
    this.#closeCpu();
    const hasDelays = this.#delays.count > 0;
    return {
      blocks: this.#blocks,
      transactions: this.#transactions,
      bytes: this.#bytes,
      cpuMs: this.#cpuMs,
      cpuMaxRatio: this.#cpuMaxRatio,
      loopDelayP99Ms: hasDelays ? this.#delays.quantile(0.99) / 1000 : undefined,
      loopDelayMaxMs: hasDelays ? (this.#delays.maxUs ?? 0) / 1000 : undefined,
      lagMaxMs: this.#lagMaxMs,
      polled,
    };
  }

  #lookAtCpu(nowMs: number): void {
    if (nowMs < this.#fromMs || this.#cpuMs !== undefined) return;
    if (this.#share === undefined) {
      this.#share = openCpuShare(this.#cpuTimeMs, this.#clock.monotonicMs);
      this.#cpuStartMs = this.#cpuTimeMs();
      this.#shareAtMs = nowMs;
    } else if (nowMs >= this.#fromMs + this.#windowMs) this.#closeCpu();
    else if (nowMs - this.#shareAtMs >= cpuPeriodMs) this.#takeShare(nowMs);
  }

  #takeShare(nowMs: number): void {
    this.#cpuMaxRatio = largest([this.#cpuMaxRatio, this.#share?.()]);
    this.#shareAtMs = nowMs;
  }

  /** Less than half a second is a share of its own only where there is no other: in a short time a block is a lot. */
  #closeCpu(): void {
    if (this.#share === undefined || this.#cpuMs !== undefined) return;
    const nowMs = this.#clock.monotonicMs();
    const isLong = nowMs - this.#shareAtMs >= cpuPeriodMs / 2;
    if (isLong || this.#cpuMaxRatio === undefined) this.#takeShare(nowMs);
    this.#cpuMs = this.#cpuTimeMs() - this.#cpuStartMs;
  }
}

import type { Emit } from "../../../contracts/events.ts";
import { lastPointsForm } from "../../../contracts/peer-tests/api.ts";
import { delay } from "../../../core/async.ts";
import type { Clock } from "../../../core/clock.ts";
import { readForm } from "../../../core/documents/check-form.ts";
import { rounded } from "../../../core/documents/numbers.ts";
import { sendHttp } from "../../../core/http.ts";
import { StepMeter } from "./step-meter.ts";

export interface StepWatchOptions {
  /** Of the results server. */
  readonly origin: string;
  readonly testId: string;
  /** Between two data points of a peer. */
  readonly stepMs: number;
  readonly windowSecs: number;
  readonly emit: Emit;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Whoever watches has no use for more. */
const leastStepMs = 1_000;

/**
 * Looks at what the peers said last, once for each step of a window that begins now, and emits what they did. A look comes
 * half a step behind the step's end: the peers learn of their start, and report, at moments of their own. One that fails
 * is left out, and nothing else comes of it.
 */
export class StepWatch implements AsyncDisposable {
  readonly #options: StepWatchOptions;
  readonly #stepMs: number;
  readonly #meter = new StepMeter();
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  readonly #looking: Promise<void>;

  constructor(options: StepWatchOptions) {
    this.#options = options;
    this.#stepMs = Math.max(leastStepMs, options.stepMs);
    this.#signal = AbortSignal.any([options.signal, this.#closing.signal]);
    this.#looking = this.#look().catch(() => {}); // ends early by its signal alone
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { clock, windowSecs, emit } = this.#options;
    const startMs = clock.monotonicMs();
    const sinceMs = () => clock.monotonicMs() - startMs;
    for (let step = 0; ; step = Math.max(step + 1, Math.ceil(sinceMs() / this.#stepMs - 1.5))) {
      const dueMs = (step + 1.5) * this.#stepMs;
      if (dueMs >= windowSecs * 1000) return;
      await delay(Math.max(0, dueMs - sinceMs()), this.#signal);
      const figures = await this.#figures().catch(() => undefined);
      this.#signal.throwIfAborted();
      if (figures === undefined) continue;
      const lengthSecs = this.#stepMs / 1000;
      emit({ type: "routine-step", second: rounded(step * lengthSecs), lengthSecs, ...figures });
    }
  }

  /** @returns undefined where no peer has said anything @throws Error where there is no reply, or another one */
  async #figures() {
    const { origin, testId } = this.#options;
    const path = `/test/${encodeURIComponent(testId)}/peers`;
    const { status, body } = await sendHttp(origin, {
      ...{ method: "GET", path, timeoutMs: this.#stepMs, signal: this.#signal },
    });
    if (status !== 200) throw new TypeError(`status ${status}`);
    return this.#meter.take(readForm(lastPointsForm, JSON.parse(body)));
  }
}

import type { SecondRows } from "./seconds.ts";

export interface FlowRequest {
  /** On the monotonic clock. */
  readonly windowStartMs: number;
  readonly windowMs: number;
  readonly commitsObservable: boolean;
  readonly seconds: SecondRows;
}

/** Counts what happens by when it happens, whichever transaction it befalls: per second, and inside the window. */
export class Flow {
  committedInWindow = 0;
  acknowledgedInWindow = 0;
  readonly #request: FlowRequest;

  constructor(request: FlowRequest) {
    this.#request = request;
  }

  /** @param dueMs from the start of the window, unlike the times below */
  due(dueMs: number): void {
    this.#request.seconds.count("due", dueMs);
  }

  sent(nowMs: number): void {
    const { seconds, windowStartMs } = this.#request;
    seconds.count("sent", nowMs - windowStartMs);
  }

  acknowledged(responseUs: number, nowMs: number): void {
    const { seconds, windowStartMs, commitsObservable } = this.#request;
    if (this.#duringWindow(nowMs)) this.acknowledgedInWindow++;
    seconds.count("acknowledged", nowMs - windowStartMs);
    if (!commitsObservable) seconds.latency(responseUs, nowMs - windowStartMs);
  }

  committed(commitUs: number, nowMs: number): void {
    const { seconds, windowStartMs } = this.#request;
    if (this.#duringWindow(nowMs)) this.committedInWindow++;
    seconds.count("committed", nowMs - windowStartMs);
    seconds.latency(commitUs, nowMs - windowStartMs);
  }

  #duringWindow(nowMs: number): boolean {
    const { windowStartMs, windowMs } = this.#request;
    return nowMs >= windowStartMs && nowMs < windowStartMs + windowMs;
  }
}

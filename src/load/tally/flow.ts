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
  due(dueMs: number, latenessUs: number): void {
    this.#request.seconds.due(dueMs, latenessUs);
  }

  sent(nowMs: number): void {
    const { seconds, windowStartMs } = this.#request;
    seconds.count("sent", nowMs - windowStartMs);
  }

  acknowledged(responseUs: number, nowMs: number): void {
    const { seconds, windowStartMs, commitsObservable } = this.#request;
    const atMs = nowMs - windowStartMs;
    if (this.#inWindow(atMs)) this.acknowledgedInWindow++;
    seconds.count("acknowledged", atMs);
    if (!commitsObservable) seconds.latency(responseUs, atMs);
  }

  committed(commitUs: number, nowMs: number): void {
    const { seconds, windowStartMs } = this.#request;
    const atMs = nowMs - windowStartMs;
    if (this.#inWindow(atMs)) this.committedInWindow++;
    seconds.count("committed", atMs);
    seconds.latency(commitUs, atMs);
  }

  /** By the same number as the rows of the seconds, so that they add up to it. */
  #inWindow(atMs: number): boolean {
    return atMs >= 0 && atMs < this.#request.windowMs;
  }
}

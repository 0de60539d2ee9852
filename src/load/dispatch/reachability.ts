import type { Miss } from "../transport/transport.ts";

/** A target that is down is tried again by one request, so long after the last one that tried. */
const retryAfterMs = 1000;

/** Whether a node can be reached, as far as is known from what became of the requests to it. */
export class Reachability {
  /** It could not be reached, and did not reply to anything since. */
  isDown = false;
  /** While it is down; Infinity while a request tries. */
  #retryAtMs = 0;

  /** It is down, and the next request should find out whether it still is. */
  isDueForRetry(nowMs: number): boolean {
    return this.isDown && nowMs >= this.#retryAtMs;
  }

  /** A request goes there. */
  trying(): void {
    if (this.isDown) this.#retryAtMs = Number.POSITIVE_INFINITY;
  }

  replied(): void {
    this.isDown = false;
  }

  /** A request got no reply. What takes a connection and gives none (a port forwarded to a dead node) is down as before. */
  failed(kind: Exclude<Miss["kind"], "rejected">, nowMs: number): void {
    if (kind === "unreachable") this.isDown = true;
    this.#retryAtMs = nowMs + retryAfterMs;
  }
}

import { RpcError } from "./error.ts";
import { subscriptionClientLimit } from "./limits.ts";

/** Counts those who wait for events: WebSocket clients with subscriptions, and each broadcast_tx_commit. */
export class Subscribers {
  #count = 0;

  /** @throws RpcError where there are as many as may be */
  check(): void {
    if (this.#count >= subscriptionClientLimit) {
      throw new RpcError("internal", `max_subscription_clients ${subscriptionClientLimit} reached`);
    }
  }

  enter(): void {
    this.#count++;
  }

  leave(): void {
    this.#count--;
  }
}

import type { Chain } from "../engine/chain.ts";
import type { ClientQueue } from "./client-queue.ts";
import { RpcError } from "./error.ts";
import { type RpcLimits, subscriptionClientLimit } from "./limits.ts";
import type { Parameter, Values } from "./parameters.ts";

export interface RpcContext {
  readonly chain: Chain;
  readonly limits: RpcLimits;
  readonly subscribers: Subscribers;
  /** "tcp://host:port", as the node tells it of itself. */
  readonly rpcAddress: () => string;
  /** Aborts when the server closes, so that nobody waits on. */
  readonly closing: AbortSignal;
}

/** What serves one connection. */
export interface ClientContext extends RpcContext {
  readonly queue: ClientQueue;
}

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

/** A method that HTTP and WebSocket serve alike. */
export interface Method {
  readonly parameters: readonly Parameter<unknown>[];
  /** Whether its results may be large: one is not made while too much waits to be read. */
  readonly isLarge: boolean;
  /** Takes the arguments in order, and yields the result as JSON text. Throws RpcError. */
  readonly call: (context: RpcContext, args: readonly unknown[]) => string | Promise<string>;
}

/** Binds a typed function to its parameters. */
export function method<const P extends readonly Parameter<unknown>[]>(
  parameters: P,
  call: (context: RpcContext, ...args: Values<P>) => string | Promise<string>,
): Method {
  return { parameters, isLarge: false, call: (context, args) => call(context, ...(args as Values<P>)) };
}

/** The same for one whose results may be large. */
export function largeMethod<const P extends readonly Parameter<unknown>[]>(
  parameters: P,
  call: (context: RpcContext, ...args: Values<P>) => string | Promise<string>,
): Method {
  return { ...method(parameters, call), isLarge: true };
}

import type { Chain } from "../engine/chain.ts";
import type { BlockFeed, Subscribers } from "./feed.ts";
import type { RpcLimits } from "./limits.ts";
import type { Parameter, Values } from "./parameters.ts";

/** What methods work on. */
export interface RpcContext {
  readonly chain: Chain;
  readonly feed: BlockFeed;
  readonly limits: RpcLimits;
  readonly subscribers: Subscribers;
  /** "tcp://host:port", as the node tells it of itself. */
  readonly rpcAddress: () => string;
  /** Aborts when the server closes, so that nobody waits on. */
  readonly closing: AbortSignal;
}

/** A method that HTTP and WebSocket serve alike. */
export interface Method {
  readonly parameters: readonly Parameter<unknown>[];
  /** Takes the arguments in order, and yields the result as JSON text. Throws RpcError. */
  readonly call: (context: RpcContext, args: readonly unknown[]) => string | Promise<string>;
}

/** Binds a typed function to its parameters. */
export function method<const P extends readonly Parameter<unknown>[]>(
  parameters: P,
  call: (context: RpcContext, ...args: Values<P>) => string | Promise<string>,
): Method {
  return { parameters, call: (context, args) => call(context, ...(args as Values<P>)) };
}

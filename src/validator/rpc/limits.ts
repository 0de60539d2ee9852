/** What keeps one client from using up a node. Numbers are CometBFT's where it has any. */
import { defaultValidatorTuning } from "../wire/node-files.ts";

/** What a server's owner chooses. */
export type RpcLimits = Readonly<typeof defaultRpcLimits>;

export const defaultRpcLimits = {
  ...defaultValidatorTuning.rpcLimits,
  /** A request must be there, whole, after this time. */
  requestTimeoutMs: 10_000,
  /** A connection on which nothing moves for this long in the middle of a request or reply is closed. */
  stallTimeoutMs: 30_000,
  /** A WebSocket client that neither sends nor answers a ping in a whole period is hung up on. */
  pingPeriodMs: 27_000,
  /**
   * Requests are served for so long in one turn of the event loop, on the clock and on a core: a busy machine lets this
   * process run only now and then. The others wait for the next turn.
   */
  turnMs: 2,
  /**
   * Replies, events and requests in memory, bytes. Beyond, large replies wait, and beyond twice as much the client that
   * has read nothing for the longest time is hung up on.
   */
  heldBytes: 64 * 2 ** 20,
  /** While replies wait for room, a client that reads nothing of its own for this long is hung up on. */
  patienceMs: 1_000,
};

/** One HTTP body, and one WebSocket message (max_body_bytes). */
export const bodyLimitBytes = 1_000_000;
/** Request line and headers (max_header_bytes): a transaction may stand in a URI. */
export const headLimitBytes = 2 ** 20;
/** After replies of this length together, a client's next request waits until they are with the kernel. */
export const windowBytes = 65_536;
/** What Node.js's objects of one exchange take, about, beside the reply. */
export const exchangeBytes = 2_048;
/** Longer replies are given to the kernel in pieces, so that it is known whether the client reads. */
export const pieceBytes = 262_144;
/** With so many requests waiting, or bytes of them, a client is not read from. */
export const pauseAtWaiting = 32;
export const pauseAtBytes = 262_144;
/** Of WebSocket messages, one read may hold more. With so many, the client is disconnected. */
export const mostWaiting = 5_000;
/** max_subscription_clients and max_subscriptions_per_client. */
export const subscriptionClientLimit = 100;
export const subscriptionLimit = 5;
/** timeout_broadcast_tx_commit. */
export const commitTimeoutMs = 10_000;
/** Longer than clients keep idle connections, so that the server does not hang up on a request under way. */
export const keepAliveMs = 75_000;
/** What is under way when a server closes has this long to end. */
export const closeGraceMs = 500;

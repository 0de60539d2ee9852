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
};

/** One HTTP body, and one WebSocket message (max_body_bytes). */
export const bodyLimitBytes = 1_000_000;
/** Request line and headers (max_header_bytes): a transaction may stand in a URI. */
export const headLimitBytes = 2 ** 20;
/** A client that leaves more than this unread is hung up on. */
export const unreadLimitBytes = 64 * 2 ** 20;
/** A WebSocket client that leaves more than this of its replies unread is not listened to until it has read them. */
export const replyBacklogBytes = 2 ** 20;
/** max_subscription_clients and max_subscriptions_per_client. */
export const subscriptionClientLimit = 100;
export const subscriptionLimit = 5;
/** timeout_broadcast_tx_commit. */
export const commitTimeoutMs = 10_000;
/** Longer than clients keep idle connections, so that the server does not hang up on a request under way. */
export const keepAliveMs = 75_000;
/** What is under way when a server closes has this long to end. */
export const closeGraceMs = 500;

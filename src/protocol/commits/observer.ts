import type { CommitListener, CommitObserver, ObserveOptions } from "../../contracts/load/commits.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import type { ChainSource, ObserverTiming, WatchRequest } from "./chain-place.ts";
import { Follower } from "./follower.ts";
import { readBlock, readExtent } from "./rpc-client.ts";
import { subscribeToBlocks } from "./subscription.ts";

const cometBftSource: ChainSource = { readExtent, readBlock, subscribe: subscribeToBlocks };

/** Limits and pauses of every observer, unless told otherwise. */
export const usualTiming: ObserverTiming = {
  openTimeoutMs: 5000,
  pingPeriodMs: 5000,
  requestTimeoutMs: 10_000,
  firstRetryMs: 50,
  longestRetryMs: 1000,
  pollPeriodMs: 20,
};

/** What follows one node's commits. */
interface CommitFollower {
  /** Takes its place. Rejects where the node cannot be observed. */
  readonly begin: () => Promise<void>;
  /** Tells commits until the signal of its request aborts; never rejects. */
  readonly follow: () => Promise<void>;
  /** Highest height told. */
  readonly reported: number;
  readonly unreportedSinceMs?: CommitObserver["unreportedSinceMs"];
  /** Never rejects. */
  readonly question?: (height: number) => Promise<void>;
}

/** Observes until it is disposed of, or the request's signal aborts. Rejects where the follower cannot begin. */
export async function startObserver(
  request: WatchRequest,
  buildFollower: (request: WatchRequest) => CommitFollower,
): Promise<CommitObserver> {
  const disposal = new AbortController();
  const signal = AbortSignal.any([request.signal, disposal.signal]);
  const follower = buildFollower({ ...request, signal });
  await follower.begin();
  const following = follower.follow();
  return {
    height: () => follower.reported,
    unreportedSinceMs: () => follower.unreportedSinceMs?.(),
    ...(follower.question && { question: (height) => void follower.question?.(height) }),
    [Symbol.asyncDispose]: async () => {
      disposal.abort();
      await following;
    },
  };
}

/**
 * Observes the commits of one node (by a CometBFT-shaped RPC, unless another source is given), from the first height
 * after the one that is current once the subscription stands.
 *
 * Tells every height once and in order: what a broken (or gapped) subscription missed is fetched over HTTP. Heights
 * that the node does not have any more are told as a failure and passed over.
 * Reconnects until it is disposed of or aborted, at most once in `longestRetryMs` while the node is away. A node that
 * comes back with less than it had shown (it recovers, or lags behind) is waited for.
 * One that is doubted, has more and sends nothing is subscribed to anew.
 * A node that answers over HTTP and gives no subscription is asked for new blocks every `pollPeriodMs` meanwhile.
 *
 * @throws SubscriptionError where the first subscription does not come about and the node does not answer over HTTP
 */
export function observeCommits(
  rpc: Endpoint,
  listener: CommitListener,
  {
    timing = usualTiming,
    source = cometBftSource,
    ...options
  }: ObserveOptions & { readonly timing?: ObserverTiming; readonly source?: ChainSource },
): Promise<CommitObserver> {
  const request = { ...options, rpc, listener, timing };
  return startObserver(request, (request) => new Follower({ ...request, source }));
}

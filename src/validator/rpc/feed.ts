import { createHash } from "node:crypto";
import type { Chain, ChainBlock } from "../engine/chain.ts";
import { RpcError } from "./error.ts";
import { subscriptionClientLimit } from "./limits.ts";
import { hex } from "./shapes.ts";

/** A committed block, and what is worth computing once for all who listen. */
export interface FeedBlock {
  readonly block: ChainBlock;
  /** Upper-case hex of SHA-256 of each transaction; computed when first asked for. */
  readonly transactionHashes: () => readonly string[];
}

/** The chain's new blocks, for any number of listeners. */
export interface BlockFeed {
  /** Returns the way to stop listening. */
  readonly listen: (listener: (news: FeedBlock) => void) => () => void;
  readonly close: () => void;
}

/** Opens the one listener that the RPC has on the chain. */
export function openBlockFeed(chain: Chain): BlockFeed {
  const listeners = new Set<(news: FeedBlock) => void>();
  const stop = chain.onBlock((block) => {
    let hashes: readonly string[] | undefined;
    const news = {
      block,
      transactionHashes: () => (hashes ??= block.transactions.map(transactionHash)),
    };
    for (const listener of listeners) listener(news);
  });
  return {
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      stop();
      listeners.clear();
    },
  };
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

/** CometBFT's name of a transaction: upper-case hex of its SHA-256. */
export function transactionHash(transaction: Uint8Array): string {
  return hex(createHash("sha256").update(transaction).digest());
}

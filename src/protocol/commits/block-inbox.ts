import type { CommittedBlock } from "../../contracts/load/commits.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import { formatAuthority } from "../../core/address.ts";
import { BaleenError } from "../../core/errors.ts";

/** No subscription stands, or it broke. */
export class SubscriptionError extends BaleenError {
  readonly endpoint: Endpoint;

  constructor(endpoint: Endpoint, reason: string, options?: { cause?: unknown }) {
    super(
      "subscription",
      `No subscription to the blocks of ${formatAuthority(endpoint)}: ${reason}`,
      options,
    );
    this.endpoint = endpoint;
  }
}

/** A block, and when its message had been read. */
export interface ArrivedBlock {
  readonly block: CommittedBlock;
  readonly readMs: number;
}

/** A standing subscription to a node's new blocks, and those that came and were not taken yet. */
export interface BlockSubscription {
  /** Highest height heard of. */
  readonly latest: () => number;
  /** Whether `take` would hand this block out. */
  readonly holds: (height: number) => boolean;
  /** Hands a block out, once. undefined: it did not come, or there was no room for it. */
  readonly take: (height: number) => ArrivedBlock | undefined;
  /** When the oldest block had been read that `take` would hand out. */
  readonly heldSinceMs: () => number | undefined;
  /** Lets go of the blocks below this height. */
  readonly dropBelow: (height: number) => void;
  /** Resolves when a block came since the last call; rejects once the connection has ended. */
  readonly news: () => Promise<void>;
  readonly close: (reason?: string) => void;
}

/** What comes over a subscription is put in, and taken out as its blocks. */
export interface BlockInbox {
  readonly blocks: Omit<BlockSubscription, "close">;
  /** Resolves when the node confirmed the subscription; rejects when that failed. */
  readonly confirmed: Promise<void>;
  readonly confirm: () => void;
  readonly put: (arrived: ArrivedBlock) => void;
  /** The subscription broke; what it holds may still be taken. */
  readonly fail: (reason: string) => void;
}

/** Blocks that came while earlier ones are fetched wait, up to this many bytes of heads; past it they are fetched too. */
const waitingLimitBytes = 64 * 2 ** 20;

export function openBlockInbox(rpc: Endpoint): BlockInbox {
  const waiting = new Map<number, ArrivedBlock>();
  let waitingBytes = 0;
  let latest = 0;
  let broken: SubscriptionError | undefined;
  let fresh = false;
  let wake = () => {};
  const { promise: confirmed, resolve: confirm, reject: refuse } = Promise.withResolvers<void>();
  // Refused before anybody waits for it: told by whoever awaits `confirmed`.
  confirmed.catch(() => {});

  const take = (height: number) => {
    const arrived = waiting.get(height);
    if (arrived !== undefined) {
      waiting.delete(height);
      waitingBytes -= sizeOf(arrived.block);
    }
    return arrived;
  };
  return {
    confirmed,
    confirm,
    fail: (reason) => {
      broken ??= new SubscriptionError(rpc, reason);
      refuse(broken);
      wake();
    },
    put: ({ block, readMs }) => {
      if (waitingBytes + sizeOf(block) <= waitingLimitBytes) {
        waiting.set(block.height, { block, readMs });
        waitingBytes += sizeOf(block);
      }
      latest = Math.max(latest, block.height);
      fresh = true;
      wake();
    },
    blocks: {
      latest: () => latest,
      holds: (height) => waiting.has(height),
      take,
      heldSinceMs: () => {
        if (waiting.size === 0) return undefined;
        return [...waiting.values()].reduce(
          (least, { readMs }) => Math.min(least, readMs),
          Number.POSITIVE_INFINITY,
        );
      },
      dropBelow: (height) => {
        for (const held of [...waiting.keys()]) if (held < height) take(held);
      },
      news: async () => {
        if (!fresh && broken === undefined) await new Promise<void>((resolve) => (wake = resolve));
        if (!fresh && broken !== undefined) throw broken;
        fresh = false;
      },
    },
  };
}

function sizeOf({ heads }: CommittedBlock): number {
  return heads.length;
}

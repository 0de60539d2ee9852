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
export type BlockSubscription = BlockInbox["blocks"] & { readonly close: (reason?: string) => void };

export type BlockInbox = ReturnType<typeof openBlockInbox>;

/** Blocks that came while earlier ones are fetched wait, up to this many bytes of heads; past it they are fetched too. */
const waitingLimitBytes = 64 * 2 ** 20;

/** What comes over a subscription is put in, and taken out as its blocks. */
export function openBlockInbox(rpc: Endpoint) {
  const waiting = new Map<number, ArrivedBlock>();
  let waitingBytes = 0;
  let latest = 0;
  let broken: SubscriptionError | undefined;
  let fresh = false;
  let wake = () => {};
  const { promise: confirmed, resolve: confirm, reject: refuse } = Promise.withResolvers<void>();
  // Refused before anybody waits for it: told by whoever awaits `confirmed`.
  confirmed.catch(() => {});

  /** Hands a block out, once. undefined: it did not come, or there was no room for it. */
  const take = (height: number): ArrivedBlock | undefined => {
    const arrived = waiting.get(height);
    if (arrived !== undefined) {
      waiting.delete(height);
      waitingBytes -= sizeOf(arrived.block);
    }
    return arrived;
  };
  return {
    /** Resolves when the node confirmed the subscription; rejects when that failed. */
    confirmed,
    confirm,
    /** The subscription broke; what it holds may still be taken. */
    fail: (reason: string) => {
      broken ??= new SubscriptionError(rpc, reason);
      refuse(broken);
      wake();
    },
    put: ({ block, readMs }: ArrivedBlock) => {
      if (waitingBytes + sizeOf(block) <= waitingLimitBytes) {
        waiting.set(block.height, { block, readMs });
        waitingBytes += sizeOf(block);
      }
      latest = Math.max(latest, block.height);
      fresh = true;
      wake();
    },
    blocks: {
      /** Highest height heard of. */
      latest: () => latest,
      /** Whether `take` would hand this block out. */
      holds: (height: number) => waiting.has(height),
      take,
      /** When the oldest block had been read that `take` would hand out. */
      heldSinceMs: (): number | undefined =>
        [...waiting.values()].reduce<number | undefined>(
          (least, { readMs }) => (least === undefined ? readMs : Math.min(least, readMs)),
          undefined,
        ),
      /** Lets go of the blocks below this height. */
      dropBelow: (height: number) => {
        for (const held of [...waiting.keys()]) if (held < height) take(held);
      },
      /** Resolves when a block came since the last call; rejects once the connection has ended. */
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

import type { Endpoint } from "../contracts/deployment.ts";
import type { CommittedBlock, ObserveOptions } from "../contracts/protocol.ts";
import { formatAuthority, formatOrigin } from "../core/address.ts";
import { BaleenError, describeError } from "../core/errors.ts";
import { blockPlaces, openBlockMessage } from "./block-message.ts";
import { at } from "./rpc-reply.ts";
import {
  type OpenWebSocket,
  openWebSocket,
  type WebSocketOptions,
  type WebSocketTiming,
} from "./websocket.ts";

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

/** What subscribing needs besides the node's address. */
export interface SubscriptionOptions extends ObserveOptions {
  readonly timing: WebSocketTiming;
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
  readonly close: () => void;
}

const subscribeId = 1;
const subscribeRequest = JSON.stringify({
  jsonrpc: "2.0",
  id: subscribeId,
  method: "subscribe",
  params: { query: "tm.event='NewBlock'" },
});
/** Blocks that came while earlier ones are fetched wait, up to this many bytes of heads; past it they are fetched too. */
const waitingLimitBytes = 64 * 2 ** 20;

/**
 * Subscribes, and resolves when the node confirmed it.
 *
 * @throws SubscriptionError
 */
export async function subscribeToBlocks(
  rpc: Endpoint,
  options: SubscriptionOptions,
): Promise<BlockSubscription> {
  const { timing } = options;
  const inbox = openInbox(rpc, options);
  const socket = await openSocket(rpc, inbox, options);
  const timer = setTimeout(
    () => socket.close("the node did not confirm the subscription"),
    timing.openTimeoutMs,
  );
  try {
    socket.send(subscribeRequest);
    await inbox.confirmed;
  } catch (error) {
    socket.close("closed by the observer");
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return { ...inbox, close: () => socket.close("closed by the observer") };
}

async function openSocket(
  rpc: Endpoint,
  inbox: { receive: (message: Buffer) => void; fail: (reason: string) => void },
  options: WebSocketOptions,
): Promise<OpenWebSocket> {
  const message = (bytes: Buffer) => {
    try {
      inbox.receive(bytes);
    } catch (error) {
      inbox.fail(describeError(error));
    }
  };
  try {
    const url = `${formatOrigin("ws", rpc)}/websocket`;
    return await openWebSocket(url, { message, closed: inbox.fail }, { ...options, tls: rpc.tls });
  } catch (error) {
    throw unopened(rpc, error);
  }
}

function unopened(rpc: Endpoint, cause: unknown): SubscriptionError {
  return new SubscriptionError(rpc, describeError(cause), { cause });
}

/** Takes messages in; hands blocks out. */
function openInbox(rpc: Endpoint, { clock, headBytes }: ObserveOptions) {
  const waiting = new Map<number, ArrivedBlock>();
  let waitingBytes = 0;
  let latest = 0;
  let broken: SubscriptionError | undefined;
  let fresh = false;
  let wake = () => {};
  let confirm = () => {};
  let refuse: (error: SubscriptionError) => void = () => {};
  const confirmed = new Promise<void>((resolve, reject) => {
    confirm = resolve;
    refuse = reject;
  });
  // Refused before anybody waits for it: told by whoever awaits `confirmed`.
  confirmed.catch(() => {});

  const fail = (reason: string) => {
    broken ??= new SubscriptionError(rpc, reason);
    refuse(broken);
    wake();
  };
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
    fail,
    receive: (bytes: Buffer) => {
      const readMs = clock.monotonicMs();
      const { reply, block: readBlock } = openBlockMessage(rpc, bytes, {
        place: blockPlaces.event,
        headBytes,
      });
      if (at(reply, "error") !== undefined) {
        return fail(String(at(reply, "error", "data") || at(reply, "error", "message")));
      }
      if (at(reply, "id") !== subscribeId) return;
      const block = readBlock();
      if (block === undefined) return confirm();
      if (waitingBytes + sizeOf(block) <= waitingLimitBytes) {
        waiting.set(block.height, { block, readMs });
        waitingBytes += sizeOf(block);
      }
      latest = Math.max(latest, block.height);
      fresh = true;
      wake();
    },
    latest: () => latest,
    holds: (height: number) => waiting.has(height),
    take,
    heldSinceMs: () => {
      if (waiting.size === 0) return undefined;
      return [...waiting.values()].reduce(
        (least, { readMs }) => Math.min(least, readMs),
        Number.POSITIVE_INFINITY,
      );
    },
    dropBelow: (height: number) => {
      for (const held of [...waiting.keys()]) if (held < height) take(held);
    },
    news: async () => {
      if (!fresh && broken === undefined) await new Promise<void>((resolve) => (wake = resolve));
      if (!fresh && broken !== undefined) throw broken;
      fresh = false;
    },
  };
}

function sizeOf({ heads }: CommittedBlock): number {
  return heads.length;
}

import type { Endpoint } from "../contracts/deployment.ts";
import type { CommittedBlock } from "../contracts/protocol.ts";
import { formatAuthority } from "../core/address.ts";
import { BaleenError, describeError } from "../core/errors.ts";
import { at, decodeBlock, parseReply } from "./rpc-client.ts";
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

/** A standing subscription to a node's new blocks, and those that came and were not taken yet. */
export interface BlockSubscription {
  /** Highest height heard of. */
  readonly latest: () => number;
  /** Whether `take` would hand this block out. */
  readonly holds: (height: number) => boolean;
  /** Hands a block out, once. undefined: it did not come, or there was no room for it. */
  readonly take: (height: number) => CommittedBlock | undefined;
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
/** Blocks that came while earlier ones are fetched wait up to this many bytes; past it they are fetched too. */
const waitingLimitBytes = 64 * 2 ** 20;

/**
 * Subscribes, and resolves when the node confirmed it.
 *
 * @throws SubscriptionError
 */
export async function subscribeToBlocks(
  rpc: Endpoint,
  timing: WebSocketTiming,
  signal: AbortSignal,
): Promise<BlockSubscription> {
  const inbox = openInbox(rpc);
  const socket = await openSocket(rpc, inbox, { timing, signal });
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
  inbox: { receive: (text: string) => void; fail: (reason: string) => void },
  options: WebSocketOptions,
): Promise<OpenWebSocket> {
  const message = (text: string) => {
    try {
      inbox.receive(text);
    } catch (error) {
      inbox.fail(describeError(error));
    }
  };
  try {
    const url = `ws://${formatAuthority(rpc)}/websocket`;
    return await openWebSocket(url, { message, closed: inbox.fail }, options);
  } catch (error) {
    throw unopened(rpc, error);
  }
}

function unopened(rpc: Endpoint, cause: unknown): SubscriptionError {
  return new SubscriptionError(rpc, describeError(cause), { cause });
}

/** Takes messages in; hands blocks out. */
function openInbox(rpc: Endpoint) {
  const waiting = new Map<number, CommittedBlock>();
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
    const block = waiting.get(height);
    if (block !== undefined) {
      waiting.delete(height);
      waitingBytes -= sizeOf(block);
    }
    return block;
  };
  return {
    confirmed,
    fail,
    receive: (text: string) => {
      const reply = parseReply(rpc, text);
      if (at(reply, "error") !== undefined) {
        return fail(String(at(reply, "error", "data") || at(reply, "error", "message")));
      }
      if (at(reply, "id") !== subscribeId) return;
      const value = at(reply, "result", "data", "value");
      if (value === undefined) return confirm();
      const block = decodeBlock(rpc, value);
      const bytes = sizeOf(block);
      if (waitingBytes + bytes <= waitingLimitBytes) {
        waiting.set(block.height, block);
        waitingBytes += bytes;
      }
      latest = Math.max(latest, block.height);
      fresh = true;
      wake();
    },
    latest: () => latest,
    holds: (height: number) => waiting.has(height),
    take,
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

function sizeOf(block: CommittedBlock): number {
  return block.transactions.reduce((sum, transaction) => sum + transaction.length, 0);
}

import type { ObserveOptions } from "../../contracts/load/commits.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import { formatOrigin } from "../../core/address.ts";
import { describeError } from "../../core/errors.ts";
import { at } from "../rpc/reply.ts";
import {
  type OpenWebSocket,
  openWebSocket,
  type WebSocketOptions,
  type WebSocketTiming,
} from "../rpc/websocket.ts";
import { type BlockInbox, type BlockSubscription, openBlockInbox, unopened } from "./block-inbox.ts";
import { blockPlaces, openBlockMessage } from "./block-message.ts";

/** What subscribing needs besides the node's address. */
export interface SubscriptionOptions extends ObserveOptions {
  readonly timing: WebSocketTiming;
}

const closedByUs = "closed by the observer";
const subscribeId = 1;
const subscribeRequest = JSON.stringify({
  jsonrpc: "2.0",
  id: subscribeId,
  method: "subscribe",
  params: { query: "tm.event='NewBlock'" },
});

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
  const inbox = openBlockInbox(rpc);
  const receive = receiver(rpc, inbox, options);
  const socket = await openSocket(rpc, { receive, fail: inbox.fail }, options);
  const timer = setTimeout(
    () => socket.close("the node did not confirm the subscription"),
    timing.openTimeoutMs,
  );
  try {
    socket.send(subscribeRequest);
    await inbox.confirmed;
  } catch (error) {
    socket.close(closedByUs);
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return { ...inbox.blocks, close: (reason = closedByUs) => socket.close(reason) };
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

/** Takes messages in. */
function receiver(rpc: Endpoint, inbox: BlockInbox, { clock, headBytes }: ObserveOptions) {
  return (bytes: Buffer) => {
    const readMs = clock.monotonicMs();
    const place = blockPlaces.event;
    const { reply, block: readBlock } = openBlockMessage(rpc, bytes, { place, headBytes });
    if (at(reply, "error") !== undefined) {
      return inbox.fail(String(at(reply, "error", "data") || at(reply, "error", "message")));
    }
    if (at(reply, "id") !== subscribeId) return;
    const block = readBlock();
    if (block === undefined) return inbox.confirm();
    inbox.put({ block, readMs });
  };
}

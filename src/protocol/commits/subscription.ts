import type { ObserveOptions } from "../../contracts/load/commits.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import { formatOrigin } from "../../core/address.ts";
import { describeError } from "../../core/errors.ts";
import { at } from "../rpc/reply.ts";
import { type OpenWebSocket, openWebSocket, type WebSocketTiming } from "../rpc/websocket.ts";
import { type BlockInbox, type BlockSubscription, openBlockInbox, SubscriptionError } from "./block-inbox.ts";
import { blockPlaces, openBlockMessage } from "./block-message.ts";

/** What subscribing needs besides the node's address. */
export interface SubscriptionOptions extends ObserveOptions {
  readonly timing: WebSocketTiming;
}

/** How one kind of nodes is subscribed to. */
export interface SubscriptionForm {
  /** Of the WebSocket. */
  readonly path: string;
  readonly request: string;
  /** Makes what takes messages in; whatever that throws ends the subscription. */
  readonly openIntake: (inbox: BlockInbox, send: (text: string) => void) => (message: Buffer) => void;
}

const closedByUs = "closed by the observer";

/**
 * Subscribes, and resolves when the node confirmed it.
 *
 * @throws SubscriptionError
 */
export async function openSubscription(
  rpc: Endpoint,
  { path, request, openIntake }: SubscriptionForm,
  { timing, signal }: SubscriptionOptions,
): Promise<BlockSubscription> {
  const inbox = openBlockInbox(rpc);
  let socket: OpenWebSocket | undefined;
  const take = openIntake(inbox, (text) => socket?.send(text));
  const message = (bytes: Buffer) => {
    try {
      take(bytes);
    } catch (error) {
      inbox.fail(describeError(error));
    }
  };
  const url = `${formatOrigin("ws", rpc)}${path}`;
  const handlers = { message, closed: inbox.fail };
  socket = await openWebSocket(url, handlers, { timing, signal, tls: rpc.tls }).catch((cause: unknown) => {
    throw new SubscriptionError(rpc, describeError(cause), { cause });
  });
  const { send, close } = socket;
  const timer = setTimeout(() => close("the node did not confirm the subscription"), timing.openTimeoutMs);
  try {
    send(request);
    await inbox.confirmed;
  } catch (error) {
    close(closedByUs);
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return { ...inbox.blocks, close: (reason = closedByUs) => close(reason) };
}

const subscribeId = 1;
const subscribeRequest = JSON.stringify({
  jsonrpc: "2.0",
  id: subscribeId,
  method: "subscribe",
  params: { query: "tm.event='NewBlock'" },
});

/** Subscribes to a node with a CometBFT-shaped RPC. @throws SubscriptionError */
export function subscribeToBlocks(rpc: Endpoint, options: SubscriptionOptions): Promise<BlockSubscription> {
  const { clock, headBytes } = options;
  const openIntake = (inbox: BlockInbox) => (bytes: Buffer) => {
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
  return openSubscription(rpc, { path: "/websocket", request: subscribeRequest, openIntake }, options);
}

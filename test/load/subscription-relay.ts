/** A relay in front of a node's RPC that can cut its subscriptions, and leaves all other connections alone. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface SubscriptionRelay extends AsyncDisposable {
  readonly port: number;
  /**
   * Lets the subscription's next `bytes` through to the client, then cuts it, most likely within a frame; new ones are
   * refused until `heal`. Resolves when it is cut.
   */
  readonly cutAfter: (bytes: number) => Promise<void>;
  readonly heal: () => void;
}

interface Subscription {
  readonly client: Socket;
  readonly node: Socket;
  /** Bytes that are still let through to the client. */
  left: number;
  onCut: () => void;
}

/** Starts a relay to a port of loopback. */
export async function openSubscriptionRelay(target: number): Promise<SubscriptionRelay> {
  const sockets = new Set<Socket>();
  let subscription: Subscription | undefined;
  let broken = false;

  const relay = (client: Socket, firstBytes: Buffer) => {
    const isSubscription = firstBytes.toString("latin1").startsWith("GET /websocket");
    if (isSubscription && broken) {
      client.resetAndDestroy();
      return;
    }
    const node = connect({ port: target, host: "127.0.0.1", noDelay: true });
    keep(node);
    node.on("close", () => client.destroy());
    client.on("close", () => node.destroy());
    node.write(firstBytes);
    client.pipe(node);
    if (!isSubscription) {
      node.pipe(client);
      return;
    }
    const made: Subscription = { client, node, left: Number.POSITIVE_INFINITY, onCut: () => {} };
    subscription = made;
    node.on("data", (bytes: Buffer) => forward(made, bytes));
  };
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  };
  const server = createServer({ noDelay: true }, (client) => {
    keep(client);
    client.once("data", (bytes: Buffer) => relay(client, bytes));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    cutAfter: (bytes) =>
      new Promise((resolve, reject) => {
        if (subscription === undefined || subscription.client.destroyed) {
          reject(new Error("No subscription stands that could be cut."));
          return;
        }
        broken = true;
        subscription.left = bytes;
        subscription.onCut = resolve;
      }),
    heal: () => {
      broken = false;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function forward(subscription: Subscription, bytes: Buffer): void {
  const { client, node } = subscription;
  if (client.destroyed) return;
  if (bytes.length < subscription.left) {
    subscription.left -= bytes.length;
    client.write(bytes);
    return;
  }
  // What was let through is sent before the end; a reset would take it back.
  client.end(bytes.subarray(0, subscription.left));
  node.destroy();
  subscription.onCut();
}

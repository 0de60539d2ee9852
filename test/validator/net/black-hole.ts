import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Stands between two validators on loopback, and can lose what they send without a word, as a broken route does. */
export interface BlackHole {
  readonly port: number;
  /** Connections stay, also new ones, and everything sent through them is lost, both ways. */
  readonly swallow: () => void;
  /** New connections work; those through which something was lost stay dead. */
  readonly heal: () => void;
}

export async function openBlackHole(target: number): Promise<BlackHole> {
  let isSwallowing = false;
  const sockets = new Set<Socket>();
  const dead = new WeakSet<Socket>();
  const relay = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on("error", () => undefined);
    from.on("data", (chunk: Buffer) => {
      if (!dead.has(from)) to.write(chunk);
    });
    from.on("close", () => {
      sockets.delete(from);
      // An end is lost like everything else: whoever is at the other side is told nothing.
      if (!dead.has(from)) to.destroy();
    });
  };
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: "127.0.0.1", port: target, noDelay: true });
    if (isSwallowing) for (const socket of [client, upstream]) dead.add(socket);
    relay(client, upstream);
    relay(upstream, client);
  });
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    swallow: () => {
      isSwallowing = true;
      for (const socket of sockets) dead.add(socket);
    },
    heal: () => {
      isSwallowing = false;
    },
  };
}

import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Stands between a client and a server on loopback, to do to their connections what networks do. */
export interface TcpProxy {
  readonly port: number;
  /** Resets every connection; new ones are accepted. */
  readonly cut: () => void;
  /** Resets every connection, and new ones too until `heal`. */
  readonly break: () => void;
  readonly heal: () => void;
  /** Keeps the connections, and lets nothing more through them; new ones work. */
  readonly freeze: () => void;
  /** Connections accepted so far. */
  readonly accepted: () => number;
}

export async function openTcpProxy(target: number): Promise<TcpProxy> {
  let accepted = 0;
  let broken = false;
  let sockets: Socket[] = [];
  const server = createServer((client) => {
    accepted++;
    client.on("error", () => {});
    if (broken) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(target, "127.0.0.1");
    upstream.on("error", () => client.destroy());
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
    client.pipe(upstream);
    upstream.pipe(client);
    sockets.push(client, upstream);
  });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets = [];
  };
  onTestFinished(() => {
    cut();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    break: () => {
      broken = true;
      cut();
    },
    heal: () => {
      broken = false;
    },
    freeze: () => {
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    accepted: () => accepted,
  };
}

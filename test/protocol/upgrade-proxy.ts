import { createServer, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** What becomes of a request for a WebSocket. */
export type UpgradeRule = "pass" | "refuse" | "keep silent";

/** Stands before a node as HTTP proxies do: passes requests on, and WebSockets by its rule. */
export interface UpgradeProxy {
  readonly port: number;
  /** Also breaks the WebSockets that stand, unless they pass. */
  readonly setRule: (rule: UpgradeRule) => void;
  /** Upgrades asked for. */
  readonly upgrades: () => number;
}

export async function openUpgradeProxy(target: number, first: UpgradeRule): Promise<UpgradeProxy> {
  let rule = first;
  let upgrades = 0;
  const sockets = new Set<Socket>();
  const server = createServer((asked, reply) => {
    const { method, url, headers } = asked;
    const onward = request({ host: "127.0.0.1", port: target, method, path: url, headers }, (answer) => {
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(reply);
    });
    onward.on("error", () => reply.destroy());
    asked.pipe(onward);
  });
  server.on("upgrade", (asked, client: Socket) => {
    upgrades++;
    sockets.add(client);
    client.on("error", () => {});
    if (rule === "refuse") client.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
    if (rule !== "pass") return;
    const upstream = connect(target, "127.0.0.1", () => {
      const fields = Object.entries(asked.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
      upstream.write(`GET ${asked.url} HTTP/1.1\r\n${fields.join("")}\r\n`);
    });
    upstream.on("error", () => client.destroy());
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
    upstream.pipe(client);
    client.pipe(upstream);
  });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  onTestFinished(() => {
    cut();
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    setRule: (next) => {
      rule = next;
      if (next !== "pass") cut();
    },
    upgrades: () => upgrades,
  };
}

import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { openTunnel } from "../../../src/deploy/remote/tunnel.ts";

const direct = {
  connectTcp: async (endpoint: { readonly host: string; readonly port: number }) => {
    const socket = connect({ ...endpoint, allowHalfOpen: true });
    await once(socket, "connect");
    return socket;
  },
};

test("a tunnel carries both directions to their ends, and resets what it cannot carry", async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    text(socket).then(
      (heard) => socket.end(`heard ${heard.length}`),
      () => {},
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await using tunnel = await openTunnel(direct, port);
  const socket = connect({ ...tunnel.endpoint, allowHalfOpen: true });
  socket.end("x".repeat(1_000_000));
  expect(await text(socket)).toBe("heard 1000000");
  server.close();
  await once(server, "close");
  const refused = connect(tunnel.endpoint);
  const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNRESET");
});

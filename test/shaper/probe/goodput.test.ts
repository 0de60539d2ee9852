import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { receiveGoodput, sendGoodput } from "../../../src/shaper/probe/goodput.ts";

async function open(receive: (socket: Socket) => void) {
  const server = createServer(receive);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { socket: connect(port, "127.0.0.1"), [Symbol.dispose]: () => void server.close() };
}

test("the receiver counts what comes in the measured part", async () => {
  using opened = await open((socket) => receiveGoodput(socket, systemClock));
  const bytes = await sendGoodput(opened.socket, { warmUpMs: 50, measureMs: 200 });
  expect(bytes).toBeGreaterThan(1_000_000);
});

test("a receiver that goes says nothing", async () => {
  using opened = await open((socket) => socket.resetAndDestroy());
  expect(await sendGoodput(opened.socket, { warmUpMs: 0, measureMs: 100 })).toBeUndefined();
});

test("a sender that is none of ours is sent away", async () => {
  using opened = await open((socket) => receiveGoodput(socket, systemClock));
  opened.socket.write(Buffer.alloc(64, 1));
  opened.socket.on("error", () => {});
  await once(opened.socket, "close");
});

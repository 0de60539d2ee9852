import { afterEach, expect, test, vi } from "vitest";
import { openTransport } from "../../../../src/load/transport/open-transport.ts";
import { drive, requestFor } from "../drive.ts";
import { accepted, idOf } from "../replies.ts";
import { frame, handshakeReply, startScripted } from "../websocket/server.ts";

const answer = (text: string) => frame(accepted(idOf(text)));

test("a low load stays on few connections", async () => {
  await using server = await startScripted({
    message: (text, peer) => {
      peer.answered++;
      peer.socket.write(answer(text));
    },
  });
  // One after the other: the next is sent when the one before has ended.
  for (const prepared of [true, false]) {
    const before = server.peers.length;
    await drive({ port: server.port, count: 1, connections: 5, prepared });
    expect(server.peers.length - before).toBe(prepared ? 5 : 1);
  }
  expect(server.peers.filter(({ answered }) => answered > 0)).toHaveLength(2);
});

test("no connection has two under way while one has none", async () => {
  const most = new Map<number, number>();
  const waiting: (() => void)[] = [];
  await using server = await startScripted({
    message: (text, peer) => {
      const underWay = (most.get(peer.index) ?? 0) + 1;
      most.set(peer.index, underWay);
      waiting.push(() => peer.socket.write(answer(text)));
      if (waiting.length === 6) for (const reply of waiting) reply();
    },
  });
  const { counts } = await drive({ port: server.port, count: 6, connections: 6, inFlightPerConnection: 5 });
  expect(counts).toEqual({ acknowledged: 6 });
  expect([...most.values()]).toEqual([1, 1, 1, 1, 1, 1]);
});

test("connections that fail while others stand cost no transaction", async () => {
  await using server = await startScripted({
    message: (text, { socket }) => socket.write(answer(text)),
    handshake: (head, { socket, index }) => {
      if (index % 2 === 1) socket.end("HTTP/1.1 503 Too Many\r\n\r\n");
      else socket.write(handshakeReply(head));
    },
  });
  const { counts, notes } = await drive({ port: server.port, count: 100, connections: 6 });
  expect(counts).toEqual({ acknowledged: 100 });
  expect(notes).toEqual([`127.0.0.1:${server.port} refused a connection: WS_HANDSHAKE_503.`]);
});

afterEach(() => {
  vi.useRealTimers();
});

test("idle connections show life, and one whose peer shows none is ended", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  await using server = await startScripted({ message: () => {} });
  const transport = openTransport(requestFor({ port: server.port, connections: 2 }, () => {}));
  await transport.prepare(new AbortController().signal);
  vi.advanceTimersByTime(10_000);
  await expect.poll(() => server.controls.length).toBe(2);
  const [lively, silent] = server.peers.map(({ socket }) => socket);
  lively?.write(frame("", 0x89));
  const opcodes = () => server.controls.map(({ opcode }) => opcode);
  await expect.poll(opcodes).toEqual([9, 9, 10]);
  vi.advanceTimersByTime(10_000);
  await expect.poll(() => silent?.destroyed).toBe(true);
  await expect.poll(opcodes).toEqual([9, 9, 10, 9]);
  expect(lively?.destroyed).toBe(false);
  transport.close();
});

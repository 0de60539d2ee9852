import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { answersSeveral } from "../../../../src/load/transport/http/pipelining.ts";

const reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

describe("two requests at once", () => {
  test.each([
    ["are both answered", reply + reply, false, true],
    ["are answered by one reply and the end of the connection", reply, true, false],
    ["are answered by one reply and something else", `${reply}no`, false, false],
    [
      "are answered by one reply that is to be the last",
      reply.replace("OK\r\n", "OK\r\nConnection: close\r\n"),
      false,
      false,
    ],
    ["are answered by one reply for now, which says nothing", reply, false, undefined],
    ["are not answered for now", "", false, undefined],
    ["are not answered at all", "", true, undefined],
  ])("%s", async (_, answer, ends, wanted) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => {
        socket.write(answer);
        if (ends) socket.end();
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const isInTime = wanted !== undefined || ends;
    const node = {
      rpc: { host: "127.0.0.1", port },
      connectTimeoutMs: 20_000,
      submission: { path: "/" },
    };
    const { signal } = new AbortController();
    const answered = await answersSeveral(node, signal, isInTime ? 20_000 : 500);
    expect(answered).toBe(wanted);
    server.close();
  });
});

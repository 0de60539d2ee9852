import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { openHttpPool, sendHttp } from "../../src/core/http.ts";

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const timeoutMs = 10_000;

const echo: RequestListener = async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method, url, headers } = request;
  response.statusCode = 201;
  response.end(
    JSON.stringify({ method, url, type: headers["content-type"], body: `${Buffer.concat(chunks)}` }),
  );
};

describe.each([
  [
    "sendHttp",
    async (origin: string) => ({ send: sendHttp.bind(null, origin), [Symbol.asyncDispose]: async () => {} }),
  ],
  ["a pool", async (origin: string) => openHttpPool(origin, { connections: 2, connectTimeoutMs: 5000 })],
])("%s", (_, open) => {
  test("sends method, path, headers and body, and reads status and body", async () => {
    await using server = await serve(echo);
    await using client = await open(server.origin);
    const reply = await client.send({
      method: "POST",
      path: "/path?x=1",
      headers: { "content-type": "application/json" },
      body: new TextEncoder().encode("{}"),
      timeoutMs,
    });
    expect(reply.status).toBe(201);
    expect(JSON.parse(reply.body)).toEqual({
      method: "POST",
      url: "/path?x=1",
      type: "application/json",
      body: "{}",
    });
  });

  test("rejects when the whole reply takes too long, though it has begun", async () => {
    await using server = await serve((_request, response) => {
      response.write("begun");
    });
    await using client = await open(server.origin);
    const startMs = performance.now();
    await expect(client.send({ method: "GET", path: "/", timeoutMs: 300 })).rejects.toThrow(/timeout/);
    expect(performance.now() - startMs).toBeLessThan(5000);
  });

  test("rejects with the reason of an abort", async () => {
    const stop = new AbortController();
    const reason = new Error("interrupted");
    await using server = await serve(() => stop.abort(reason));
    await using client = await open(server.origin);
    const sent = client.send({ method: "GET", path: "/", timeoutMs, signal: stop.signal });
    await expect(sent).rejects.toBe(reason);
  });

  test.each(["GET", "POST"] as const)(
    "never sends a %s again by itself when the server hangs up",
    async (method) => {
      let requests = 0;
      await using server = await serve((request) => {
        requests++;
        request.socket.destroy();
      });
      await using client = await open(server.origin);
      await expect(client.send({ method, path: "/", timeoutMs })).rejects.toThrow();
      expect(requests).toBe(1);
    },
  );

  test("rejects where a reply ends too early", async () => {
    await using server = await serve((request, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("half", () => request.socket.destroy());
    });
    await using client = await open(server.origin);
    await expect(client.send({ method: "GET", path: "/", timeoutMs })).rejects.toThrow();
  });

  test("rejects where nobody listens", async () => {
    const server = await serve(echo);
    await server[Symbol.asyncDispose]();
    await using client = await open(server.origin);
    await expect(client.send({ method: "GET", path: "/", timeoutMs })).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe("a pool", () => {
  test("has as many requests under way as connections, and reuses these", async () => {
    const sockets = new Set<unknown>();
    const held: (() => void)[] = [];
    await using server = await serve((request, response) => {
      sockets.add(request.socket);
      held.push(() => response.end("done"));
    });
    await using pool = openHttpPool(server.origin, { connections: 3, connectTimeoutMs: 5000 });
    const replies = Array.from({ length: 7 }, () => pool.send({ method: "GET", path: "/", timeoutMs }));
    let answered = 0;
    while (answered < 7) {
      const expected = Math.min(3, 7 - answered);
      await until(() => (held.length >= expected ? true : undefined), {
        timeoutMs,
        everyMs: 5,
        describe: () => `${held.length} of ${expected} requests arrived`,
      });
      expect(held).toHaveLength(expected);
      answered += expected;
      for (const answer of held.splice(0)) answer();
    }
    expect((await Promise.all(replies)).map(({ body }) => body)).toEqual(Array(7).fill("done"));
    expect(sockets.size).toBe(3);
  });

  test("ends what is under way when it is disposed of", async () => {
    let arrived: () => void = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    await using server = await serve(() => arrived());
    const pool = openHttpPool(server.origin, { connections: 1, connectTimeoutMs: 5000 });
    const sent = pool.send({ method: "GET", path: "/", timeoutMs });
    const outcome = expect(sent).rejects.toThrow();
    await arrival;
    await pool[Symbol.asyncDispose]();
    await outcome;
  });
});

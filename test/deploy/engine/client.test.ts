import { once } from "node:events";
import { createServer, get, type IncomingMessage, type RequestListener } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import { type ConnectionLimits, StreamAgent } from "../../../src/deploy/engine/client.ts";

/** A server, and an agent whose streams lead there. */
async function startServer(listener: RequestListener, limits: ConnectionLimits) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const streams: Duplex[] = [];
  let hold = Promise.resolve();
  const agent = new StreamAgent(async () => {
    await hold;
    const stream = connect(port, "127.0.0.1");
    streams.push(stream);
    await once(stream, "connect");
    return stream;
  }, limits);
  return {
    server,
    streams,
    open: () => streams.filter(({ destroyed }) => !destroyed).length,
    /** Streams that are asked for from now on come when that is done. */
    holdUntil: (done: Promise<void>) => {
      hold = done;
    },
    ask: async (signal?: AbortSignal): Promise<string> => {
      const request = get({ host: "docker", agent, ...(signal === undefined ? {} : { signal }) });
      const [response] = (await once(request, "response")) as [IncomingMessage];
      return text(response);
    },
    [Symbol.asyncDispose]: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function becomes(value: () => number, wanted: number): Promise<true> {
  return until(() => (value() === wanted ? true : undefined), {
    timeoutMs: 10_000,
    everyMs: 5,
    describe: () => `it is ${value()}, not ${wanted}`,
  });
}

describe("requests over streams", () => {
  test("no more streams are open than are allowed, nor kept", async () => {
    let most = 0;
    await using there = await startServer(
      (_, response) => {
        most = Math.max(most, there.open());
        setImmediate(() => response.end("here"));
      },
      { connections: 3, kept: 1 },
    );
    const answers = await Promise.all(Array.from({ length: 20 }, () => there.ask()));
    expect(new Set(answers)).toEqual(new Set(["here"]));
    expect(most).toBe(3);
    await becomes(there.open, 1);
    const opened = there.streams.length;
    await there.ask();
    expect(there.streams.length).toBe(opened);
  });

  test("none is kept where none is to be", async () => {
    await using there = await startServer((_, response) => response.end("here"), { connections: 2, kept: 0 });
    await there.ask();
    await becomes(there.open, 0);
  });

  test("a kept stream that the other side has closed is not used again", async () => {
    await using there = await startServer((_, response) => response.end("here"), { connections: 1, kept: 1 });
    await there.ask();
    there.server.closeIdleConnections();
    await becomes(there.open, 0);
    expect(await there.ask()).toBe("here");
    expect(there.streams.length).toBe(2);
  });

  test("a stream that comes after its request was given up is closed", async () => {
    await using there = await startServer((_, response) => response.end("here"), { connections: 1, kept: 0 });
    let release = () => {};
    there.holdUntil(new Promise((resolve) => (release = resolve)));
    const ended = new AbortController();
    const asked = there.ask(ended.signal);
    ended.abort(new Error("enough"));
    await expect(asked).rejects.toThrow();
    release();
    await becomes(() => there.streams.length, 1);
    await becomes(there.open, 0);
    expect(await there.ask()).toBe("here");
  });

  test("a stream that cannot be opened fails its request, with the reason", async () => {
    await using there = await startServer((_, response) => response.end("here"), { connections: 1, kept: 1 });
    there.holdUntil(Promise.reject(new Error("the host is gone")));
    await expect(there.ask()).rejects.toThrow("the host is gone");
    there.holdUntil(Promise.resolve());
    expect(await there.ask()).toBe("here");
  });
});

import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { Saturator } from "../../benchmarks/suite/saturator.ts";
import { until } from "../../src/core/async.ts";

const accepted = '[{"id":0,"result":{}},{"id":1,"result":{}}]';

function reply(status: string, body: string): string {
  return `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** A server that hands every request to `serve`. */
async function openServer(serve: (socket: Socket) => void) {
  const requests: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      requests.push(chunk.toString("latin1"));
      serve(socket);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    target: { host: "127.0.0.1", port },
    requests,
    [Symbol.dispose]: () => server.close(),
  };
}

const load = { connectionsPerTarget: 1, batch: 2, transactionSizeBytes: 100, run: 1 };
const waiting = { timeoutMs: 10_000, everyMs: 5, describe: () => "the requests were not answered" };

test("sends what the allowance lets it, and connects again where the node hung up on an idle connection", async () => {
  const served: Socket[] = [];
  using server = await openServer((socket) => {
    served.push(socket);
    socket.write(reply("200 OK", accepted));
  });
  let allowed = 5;
  using saturator = await Saturator.open({ ...load, targets: [server.target], allowance: () => allowed });
  const acknowledged = (wanted: number) => () => {
    saturator.pump();
    return saturator.counts().acknowledged === wanted ? true : undefined;
  };
  await Promise.race([saturator.failed, until(acknowledged(4), waiting)]);
  expect(saturator.counts()).toEqual({ sent: 4, acknowledged: 4, refused: 0, inFlight: 0 });

  const idle = served.at(-1);
  if (idle === undefined) throw new Error("no request was served");
  idle.end();
  await once(idle, "close");
  allowed = 6;
  await Promise.race([saturator.failed, until(acknowledged(6), waiting)]);
  expect(served.at(-1)).not.toBe(idle);
  expect(new Set(server.requests).size).toBe(3);
});

test("counts what is refused", async () => {
  const refused = '[{"id":0,"result":{}},{"id":1,"error":{"code":-32603}}]';
  using server = await openServer((socket) => socket.write(reply("200 OK", refused)));
  using saturator = await Saturator.open({ ...load, targets: [server.target], allowance: () => 4 });
  saturator.pump();
  const everything = () => (saturator.counts().refused === 2 ? true : undefined);
  await Promise.race([saturator.failed, until(everything, waiting)]);
  expect(saturator.counts()).toEqual({ sent: 4, acknowledged: 2, refused: 2, inFlight: 0 });
});

test.each([
  ["hangs up during a request", (socket: Socket) => socket.end(), "closed by the node during a request"],
  [
    "answers with a failure",
    (socket: Socket) => socket.write(reply("500 Internal Server Error", "full")),
    "HTTP 500: full",
  ],
])("stops where the node %s", async (_what, serve, reason) => {
  using server = await openServer(serve);
  using saturator = await Saturator.open({ ...load, targets: [server.target], allowance: () => 2 });
  saturator.pump();
  await expect(saturator.failed).rejects.toThrow(reason);
});

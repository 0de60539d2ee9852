import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { openTransport } from "../../../src/load/transport/open-transport.ts";
import { broadcastTxAsync, largestSubmittedBytes } from "../../../src/protocol/rpc/json-rpc.ts";
import { buildTransactionFormat } from "../../../src/protocol/transactions/transaction.ts";
import { freePort } from "../../stand-in/process.ts";

/** A way to that port that tells how what is sent there ends, one after the other. */
function openWay(port: number, requestTimeoutMs = 10_000) {
  let onEnd: (end: unknown) => void = () => {};
  const transport = openTransport({
    rpc: { host: "127.0.0.1", port },
    submission: broadcastTxAsync,
    transactions: buildTransactionFormat(largestSubmittedBytes),
    ...{ run: 1, client: 0, seed: 1, transactionSizeBytes: 64 },
    plan: { kind: "undici", inFlightPerConnection: 1, batchSize: 1 },
    connections: 4,
    connectionsOfOne: 4,
    connectTimeoutMs: requestTimeoutMs / 2,
    requestTimeoutMs,
    clock: systemClock,
    listener: {
      acknowledged: (sequence) => onEnd(["acknowledged", sequence]),
      missed: (sequence, miss) => onEnd([sequence, miss]),
    },
  });
  onTestFinished(() => transport.close());
  const send = (sequence: number) =>
    new Promise<unknown>((resolve) => {
      onEnd = resolve;
      transport.send(sequence);
    });
  return { transport, send };
}

async function listen(port: number, onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer(onConnection).listen(port, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return server;
}

const replying = (body: string) => (socket: Socket) =>
  socket.on("data", () => socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`));

describe("the HTTP library's transport", () => {
  test("tells a node's answer, and counts what is under way", async () => {
    const port = await freePort();
    await listen(port, replying('{"jsonrpc":"2.0","id":100000000000007,"result":{"code":0}}'));
    const { transport, send } = openWay(port);
    expect([transport.underWay, transport.capacity]).toEqual([0, 4]);
    const ended = send(7);
    expect(transport.underWay).toBe(1);
    expect(await ended).toEqual(["acknowledged", 7]);
    expect(transport.underWay).toBe(0);
  });

  test("tells a rejection with the node's reason", async () => {
    const port = await freePort();
    await listen(port, replying('{"jsonrpc":"2.0","id":100000000000008,"result":{"code":5,"log":"full"}}'));
    expect(await openWay(port).send(8)).toEqual([8, { kind: "rejected", reason: "code 5: full" }]);
  });

  test("a node that refuses, or lets no connection stand, cannot have taken it", async () => {
    const refusing = openWay(await freePort());
    const refused = { kind: "unreachable", code: "ECONNREFUSED" };
    expect(await refusing.send(1)).toEqual([1, refused]);
    const silent = openWay(await openBlackHole(), 4000);
    const unanswered = { kind: "unreachable", code: "UND_ERR_CONNECT_TIMEOUT" };
    expect(await silent.send(2)).toEqual([2, unanswered]);
  });

  test("one that hangs up, or does not reply in time, may have taken it", async () => {
    const port = await freePort();
    await listen(port, (socket) => socket.on("data", () => socket.destroy()));
    expect(await openWay(port).send(1)).toMatchObject([1, { kind: "broken" }]);
    const silent = await freePort();
    await listen(silent, () => {});
    expect(await openWay(silent, 1000).send(2)).toEqual([2, { kind: "timedOut" }]);
  });

  test("once it is closed it tells nothing any more", async () => {
    const port = await freePort();
    let onTaken: (socket: Socket) => void = () => {};
    const taken = new Promise<Socket>((resolve) => {
      onTaken = resolve;
    });
    await listen(port, (socket) => socket.once("data", () => onTaken(socket)));
    const { transport, send } = openWay(port);
    let ended = false;
    void send(1).then(() => {
      ended = true;
    });
    const socket = await taken;
    transport.close();
    await once(socket, "close");
    expect(ended).toBe(false);
  });
});

/** A port whose listener stands still with a full backlog, so that the system answers no further connection. */
async function openBlackHole(): Promise<number> {
  const listener = `
    const server = require("node:net").createServer();
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      require("node:fs").writeSync(1, server.address().port + "\\n");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = spawn(process.execPath, ["-e", listener], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const port = Number(line);
  // The backlog holds one more than was asked for.
  for (let place = 0; place < 2; place++) {
    const socket = connect(port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    await once(socket, "connect");
  }
  return port;
}

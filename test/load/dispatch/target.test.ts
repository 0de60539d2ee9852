import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { Target } from "../../../src/load/dispatch/target.ts";
import { freePort } from "../../stand-in/process.ts";

const request = { method: "POST", path: "/", body: "{}" } as const;

/** A target whose clock stands still until it is moved. */
function openTarget(port: number, requestTimeoutMs = 10_000) {
  const time = { nowMs: 0 };
  const target = new Target({
    rpc: { host: "127.0.0.1", port },
    connections: 4,
    requestTimeoutMs,
    clock: { ...systemClock, monotonicMs: () => time.nowMs },
  });
  onTestFinished(() => target[Symbol.asyncDispose]());
  return { target, time };
}

async function listen(port: number, onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer(onConnection).listen(port, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return server;
}

const reply = (socket: Socket) =>
  socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"));

describe("a target", () => {
  test("is down once it refuses, is tried again a second later, and is up when it replies", async () => {
    const port = await freePort();
    const { target, time } = openTarget(port);
    expect(target.isDown).toBe(false);
    expect(await target.send(request)).toEqual({ end: "unreachable", code: "ECONNREFUSED" });
    expect([target.isDown, target.isDueForRetry]).toEqual([true, false]);
    time.nowMs = 999;
    expect(target.isDueForRetry).toBe(false);
    time.nowMs = 1000;
    expect(target.isDueForRetry).toBe(true);
    await listen(port, reply);
    const trying = target.send(request);
    expect([target.isDown, target.isDueForRetry]).toEqual([true, false]);
    expect(await trying).toMatchObject({ end: "replied", reply: { status: 200 } });
    expect([target.isDown, target.isDueForRetry]).toEqual([false, false]);
  });

  test("that hangs up was reached: it is not down for that, but does not come back by it either", async () => {
    const port = await freePort();
    const { target, time } = openTarget(port);
    const server = await listen(port, (socket) => socket.on("data", () => socket.destroy()));
    expect(await target.send(request)).toMatchObject({ end: "broken" });
    expect(target.isDown).toBe(false);
    await new Promise((resolve) => server.close(resolve));
    expect(await target.send(request)).toMatchObject({ end: "unreachable" });
    await listen(port, (socket) => socket.on("data", () => socket.destroy()));
    time.nowMs = 5000;
    expect(await target.send(request)).toMatchObject({ end: "broken" });
    expect([target.isDown, target.isDueForRetry]).toEqual([true, false]);
    time.nowMs = 6000;
    expect(target.isDueForRetry).toBe(true);
  });

  test("that does not reply in time may have taken it", async () => {
    const port = await freePort();
    await listen(port, () => {});
    const { target } = openTarget(port, 1000);
    expect(await target.send(request)).toEqual({ end: "timedOut" });
    expect(target.isDown).toBe(false);
  });

  test("that lets no connection stand cannot have taken it", async () => {
    const { target } = openTarget(await openBlackHole(), 4000);
    expect(await target.send(request)).toEqual({ end: "unreachable", code: "UND_ERR_CONNECT_TIMEOUT" });
    expect(target.isDown).toBe(true);
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

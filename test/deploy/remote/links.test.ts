import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { runCommand } from "../../../src/core/process/command.ts";
import { buildDoorArgv, measureRtt, tryWays, type WayTarget } from "../../../src/deploy/remote/links.ts";

/** The same commands with this machine's Node.js. */
const withOwnNode = (argv: readonly string[]) => [process.execPath, ...argv.slice(1)];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Ways as a command tells them that does this. */
function ask(targets: readonly WayTarget[], patienceMs: number, run: Parameters<typeof tryWays>[3]) {
  const limits = { signal: new AbortController().signal, timeoutMs: 20_000, patienceMs };
  return tryWays("host0", targets, limits, run);
}

const here = (port: number, word?: string) => ({ host: "127.0.0.1", port, word });
const see = (targets: readonly WayTarget[], patienceMs: number) =>
  ask(targets, patienceMs, (argv, limits) => runCommand(withOwnNode(argv), limits));

/** A server that speaks first, or answers. */
async function serve(speak: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.resume();
    speak(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    server.close();
    await once(server, "close");
  };
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: close };
}

describe("the ways between hosts", () => {
  test("are open to a door, which may only just be opening, and blocked where nobody listens", async () => {
    const [doorPort, closedPort] = [await freePort(), await freePort()];
    const looking = see([here(doorPort, "the word"), here(closedPort, "the word")], 3_000);
    await delay(200);
    const [program = "", ...args] = withOwnNode(buildDoorArgv("the word", [doorPort]));
    const door = spawn(program, args, { stdio: "ignore" });
    try {
      const [open, blocked] = await looking;
      expect(open).toEqual({ state: "open", rttsMs: Array(5).fill(expect.any(Number)) });
      expect(blocked).toEqual({ state: "blocked", why: "ECONNREFUSED" });
    } finally {
      door.kill();
      await once(door, "exit");
    }
  });

  test.each<[string, (socket: Socket) => unknown, string]>([
    [
      "a web server",
      (socket) => socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
      "a web server (HTTP) answers there",
    ],
    ["sshd", (socket) => socket.write("SSH-2.0-OpenSSH_9.2p1 Debian\r\n"), "an SSH server answers there"],
    [
      "TLS",
      (socket) => socket.write(Buffer.from([0x15, 3, 1, 0, 2, 2, 22])),
      "a program that speaks TLS answers there",
    ],
    ["another listener of ours", (socket) => socket.end("the wrong word"), "another program answers there"],
    ["a proxy with nothing behind it", (socket) => socket.end(), "another program answers there"],
  ])("are blocked where %s accepts the connection", async (_, speak, who) => {
    await using stranger = await serve(speak);
    expect(await see([here(stranger.port, "the word")], 200)).toEqual([
      { state: "blocked", why: `${who}, not the listener that Baleen started` },
    ]);
    expect(await see([here(stranger.port)], 0)).toMatchObject([{ state: "open" }]);
  });

  test("are measured by as many handshakes as are asked for, some of them at once", async () => {
    await using server = await serve((socket) => socket.end());
    const targets = Array.from({ length: 5 }, () => here(server.port));
    const limits = { signal: AbortSignal.timeout(20_000), timeoutMs: 20_000, patienceMs: 0 };
    const ways = await tryWays("host0", targets, { ...limits, handshakes: 10, atOnce: 2 }, (argv, most) =>
      runCommand(withOwnNode(argv), most),
    );
    expect(ways).toEqual(targets.map(() => ({ state: "open", rttsMs: Array(10).fill(expect.any(Number)) })));
  });

  test("what is no answer is refused, and why there is none is told", async () => {
    const answer = (stdout: string, exitCode = 0) =>
      ask([here(1)], 0, async () => ({ exitCode, stdout, stderr: "no such program\n" }));
    await expect(answer("[]")).rejects.toThrow(TypeError);
    await expect(answer("nothing")).rejects.toThrow(SyntaxError);
    await expect(answer('[{"state":"ajar"}]')).rejects.toThrow(TypeError);
    await expect(answer('[{"state":"open","rttsMs":[]}]')).rejects.toThrow(TypeError);
    await expect(answer('[{"state":"open","rttsMs":[1,"2"]}]')).rejects.toThrow(TypeError);
    await expect(answer("", 127)).rejects.toThrow(
      "host0 could not try the connections to the other hosts: no such program",
    );
  });

  test("from here: a round trip where somebody listens, none where nobody does", async () => {
    const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const signal = AbortSignal.timeout(10_000);
    expect(await measureRtt({ host: "127.0.0.1", port }, signal)).toBeGreaterThan(0);
    server.close();
    await once(server, "close");
    expect(await measureRtt({ host: "127.0.0.1", port }, signal)).toBeUndefined();
  });
});

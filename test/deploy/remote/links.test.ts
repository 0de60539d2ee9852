import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { runCommand } from "../../../src/core/process/command.ts";
import type { Engine } from "../../../src/deploy/engine/engine.ts";
import { buildDoorArgv, measureRtt, tryWays } from "../../../src/deploy/remote/links.ts";

/** The same commands with this machine's Node.js. */
const here = (argv: readonly string[]) => [process.execPath, ...argv.slice(1)];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Ways as a container tells them whose command does this. */
function ask(ports: readonly number[], patienceMs: number, execIn: Engine["execIn"]) {
  const targets = ports.map((port) => ({ host: "127.0.0.1", port }));
  const limits = { signal: new AbortController().signal, timeoutMs: 20_000 };
  return tryWays({ spec: { name: "host0" }, engine: { execIn } }, "c0", { targets, patienceMs, limits });
}

const see = (ports: readonly number[], patienceMs: number) =>
  ask(ports, patienceMs, (_, argv, limits) => runCommand(here(argv), limits));

describe("the ways between hosts", () => {
  test("are open to a door, which may only just be opening, and blocked where nobody listens", async () => {
    const [doorPort, closedPort] = [await freePort(), await freePort()];
    const looking = see([doorPort, closedPort], 3_000);
    await delay(200);
    const [program = "", ...args] = here(buildDoorArgv(doorPort));
    const door = spawn(program, args, { stdio: "ignore" });
    try {
      const [open, blocked] = await looking;
      expect(open).toEqual({ state: "open", rttMs: expect.any(Number) });
      expect(blocked).toEqual({ state: "blocked", why: "ECONNREFUSED" });
    } finally {
      door.kill();
      await once(door, "exit");
    }
  });

  test("what is no answer is refused, and why there is none is told", async () => {
    const answer = (stdout: string, exitCode = 0) =>
      ask([1], 0, async () => ({ exitCode, stdout, stderr: "no such program\n" }));
    await expect(answer("[]")).rejects.toThrow(TypeError);
    await expect(answer("nothing")).rejects.toThrow(SyntaxError);
    await expect(answer('[{"state":"ajar"}]')).rejects.toThrow(TypeError);
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

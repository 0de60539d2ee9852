import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer as createHttpServer, request } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { kill } from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Host, LinkState } from "../../src/contracts/hosts/host.ts";
import { StreamAgent } from "../../src/deploy/engine/client.ts";
import { findFreePorts } from "../../src/deploy/nodes/ports.ts";
import { eventually } from "../support/processes.ts";
import {
  addressOf,
  connectTo,
  failureOf,
  makeKey,
  type Sshd,
  startSshd,
  whyNoSshd,
} from "../support/sshd.ts";

const limits = { timeoutMs: 60_000 };

/** The server's process for one connection: the parent of what it runs there. */
async function sessionOf(host: Host): Promise<number> {
  return Number((await host.exec(["sh", "-c", "echo $PPID"], limits)).stdout);
}

async function failure(work: Promise<unknown>): Promise<Error & { code?: string; host?: string }> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error("It has not failed.");
  return error;
}

async function listen<S extends Server>(server: S, where: string | number): Promise<number> {
  if (typeof where === "string") server.listen(where);
  else server.listen(where, "127.0.0.1");
  await once(server, "listening");
  return typeof where === "string" ? 0 : (server.address() as AddressInfo).port;
}

describe.skipIf(whyNoSshd !== undefined)(`streams through a host ${whyNoSshd ?? ""}`, () => {
  let sshd: Sshd;
  let host: Host;

  beforeAll(async () => {
    sshd = await startSshd();
    host = await connectTo(sshd);
  });

  afterAll(async () => {
    await host?.[Symbol.asyncDispose]();
    await sshd?.[Symbol.asyncDispose]();
  });

  test("reach its ports and its sockets, both ways, and end on one side first", async () => {
    const echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
    const port = await listen(echo, 0);
    const unix = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
    const path = join(sshd.folder, "echo.sock");
    await listen(unix, path);
    const content = Buffer.alloc(5_000_000, "abc");
    for (const stream of [await host.connectTcp({ host: "127.0.0.1", port }), await host.connectUnix(path)]) {
      stream.end(content);
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).equals(content)).toBe(true);
    }
    echo.close();
    unix.close();
  });

  test("carry HTTP, request after request on one stream", async () => {
    let connections = 0;
    const server = createHttpServer((asked, reply) => reply.end(`you asked for ${asked.url}`));
    server.on("connection", () => {
      connections += 1;
    });
    const port = await listen(server, 0);
    const agent = new StreamAgent(() => host.connectTcp({ host: "127.0.0.1", port }), {
      connections: 1,
      kept: 1,
    });
    for (const path of ["/one", "/two"]) {
      const asked = request({ agent, host: "docker", path, timeout: 5000 });
      asked.end();
      const [reply] = await once(asked, "response");
      let body = "";
      for await (const chunk of reply) body += String(chunk);
      expect(body).toBe(`you asked for ${path}`);
    }
    expect(connections).toBe(1);
    agent.destroy();
    server.close();
  });

  test("to where nothing listens fail, with host and place", async () => {
    const [port = 0] = await findFreePorts(1, "127.0.0.1");
    const tcp = await failure(host.connectTcp({ host: "127.0.0.1", port }));
    expect(tcp).toMatchObject({ code: "host-stream-refused", host: "node1" });
    expect(tcp.message).toContain(`127.0.0.1:${port}`);
    const unix = await failure(host.connectUnix(join(sshd.folder, "none.sock")));
    expect(unix).toMatchObject({
      code: "host-stream-refused",
      message: expect.stringContaining("none.sock"),
    });
  });

  test("that the server forbids fail with what to allow", async () => {
    await using closed = await startSshd({ config: ["AllowTcpForwarding no"] });
    await using behind = await connectTo(closed);
    const error = await failure(behind.connectTcp({ host: "127.0.0.1", port: 1 }));
    expect(error).toMatchObject({ code: "host-forwarding-refused" });
    expect(error.message).toContain("AllowTcpForwarding");
  });
});

describe.skipIf(whyNoSshd !== undefined)(`jump hosts ${whyNoSshd ?? ""}`, () => {
  test("carry the connection; the keys of both are checked", async () => {
    await using door = await startSshd();
    await using inner = await startSshd();
    const jump = addressOf(door);
    const knownHostsFiles = [await door.knowHost(["ed25519"]), await inner.knowHost(["rsa"])];
    {
      await using host = await connectTo(inner, { address: { jump }, knownHostsFiles });
      const { stdout } = await host.exec(["sh", "-c", "echo $SSH_CONNECTION"], limits);
      expect(stdout.trim().split(" ").at(-1)).toBe(String(inner.port));
      expect(door.log()).toContain("Accepted publickey");
      await eventually(
        "a forwarded connection",
        () => inner.log().includes("Accepted publickey") || undefined,
      );
    }
    const [known = ""] = knownHostsFiles;
    const unknown = await failureOf(connectTo(inner, { address: { jump }, knownHostsFiles: [known] }));
    expect(unknown).toMatchObject({ code: "host-key-unknown", message: expect.stringContaining("node1 (") });
    const strange = await failureOf(
      connectTo(inner, { address: { jump }, knownHostsFiles: knownHostsFiles.slice(1) }),
    );
    expect(strange).toMatchObject({ code: "host-key-unknown", host: "node1" });
    expect(strange.message).toContain("the jump host");
  });

  test("that are not there, or lead nowhere, are named", async () => {
    await using sshd = await startSshd();
    const [port = 0] = await findFreePorts(1, "127.0.0.1");
    const down = await failureOf(connectTo(sshd, { address: { jump: addressOf(sshd, { port }) } }));
    expect(down).toMatchObject({ code: "host-refused", host: "node1" });
    expect(down.message).toMatch(/the jump host .* of node1/);
    const nowhere = await failureOf(connectTo(sshd, { address: { port, jump: addressOf(sshd) } }));
    expect(nowhere).toMatchObject({ code: "host-unreachable" });
    expect(nowhere.message).toContain("from its jump host");
  });
});

test.skipIf(whyNoSshd !== undefined)(
  "a server that allows few sessions gets them one after the other",
  async () => {
    await using sshd = await startSshd({ config: ["MaxSessions 2"] });
    await using host = await connectTo(sshd);
    const numbers = Array.from({ length: 10 }, (_, number) => String(number));
    const results = await Promise.all(numbers.map((number) => host.exec(["echo", number], limits)));
    expect(results.map(({ stdout }) => stdout.trim())).toEqual(numbers);
  },
);

describe.skipIf(whyNoSshd !== undefined)(`a connection that is lost ${whyNoSshd ?? ""}`, () => {
  test("fails what runs, is opened again, and carries what comes then", async () => {
    await using sshd = await startSshd();
    await using host = await connectTo(sshd);
    const states: LinkState[] = [];
    host.onLink((state) => states.push(state));
    const server = await sessionOf(host);
    const running = failure(host.exec(["sleep", "30"], limits));
    const process = await host.start(["sh", "-c", "echo up; sleep 30"], {});
    await once(process.stdout, "readable");
    const stream = await host.connectCommand(["cat"], {});
    const streamFailed = once(stream, "error");
    kill(server, "SIGKILL");
    // The end of the connection is not noticed yet: told as its loss all the same, or carried by the next one.
    const early = host.exec(["echo", "early"], limits).catch((reason: unknown) => reason);
    expect(await early).toMatchObject(
      (await early) instanceof Error ? { code: "host-connection-lost" } : { stdout: "early\n" },
    );
    const error = await running;
    expect(error).toMatchObject({ code: "host-connection-lost", host: "node1" });
    expect(error.message).toContain("while sleep 30 ran there");
    expect(await process.ended).toMatchObject({ exitCode: null });
    await streamFailed;
    // Waits until the connection stands again.
    expect((await host.exec(["echo", "again"], limits)).stdout).toBe("again\n");
    expect(states.map(({ state }) => state)).toEqual(["lost", "restored"]);
    expect(states[1]).toMatchObject({ afterMs: expect.any(Number) });
    // What went on there can still be ended.
    await process.stop();
    const left = await host.exec(
      ["sh", "-c", "ps -eo args | grep -c '^sh -c echo up; sleep [3]0' || true"],
      limits,
    );
    expect(left.stdout.trim()).toBe("0");
  });

  test("is not opened again to a host whose key has changed meanwhile", async () => {
    const sshd = await startSshd({ hostKeyTypes: ["ed25519"] });
    await using host = await connectTo(sshd, { knownHostsFiles: [await sshd.knowHost(["ed25519"])] });
    const states: LinkState[] = [];
    host.onLink((state) => states.push(state));
    const server = await sessionOf(host);
    await sshd.stop();
    const other = await makeKey(join(sshd.folder, "another"), "ed25519");
    for (const end of ["", ".pub"]) {
      await writeFile(join(sshd.folder, `host_ed25519${end}`), await readFile(`${other}${end}`));
    }
    await using _again = await startSshd({ like: sshd, hostKeyTypes: ["ed25519"] });
    kill(server, "SIGKILL");
    await eventually("that it is given up", () => states.find(({ state }) => state === "given-up"));
    const after = await failure(host.exec(["true"], limits));
    expect(after).toMatchObject({ code: "host-given-up", host: "node1" });
    expect(after.message).toContain("has changed");
  });

  test("makes commands wait no longer than they may", async () => {
    const sshd = await startSshd();
    await using host = await connectTo(sshd);
    const lost = new Promise<void>((resolve) => {
      host.onLink(() => resolve());
    });
    const server = await sessionOf(host);
    await using _gone = sshd;
    await sshd.stop();
    kill(server, "SIGKILL");
    await lost;
    const error = await failure(host.exec(["true"], { timeoutMs: 300 }));
    expect(error).toMatchObject({ reason: "timeout", host: "node1" });
  });

  test("without a sign, the server being stuck, does not hold up who waits no longer", async () => {
    await using sshd = await startSshd();
    const host = await connectTo(sshd);
    const server = await sessionOf(host);
    kill(server, "SIGSTOP");
    try {
      const error = await failure(host.exec(["true"], { timeoutMs: 500 }));
      expect(error).toMatchObject({ reason: "timeout", host: "node1" });
    } finally {
      kill(server, "SIGCONT");
      await host[Symbol.asyncDispose]();
    }
  });

  test("makes commands that wait for room wait for the next one", async () => {
    await using sshd = await startSshd();
    await using host = await connectTo(sshd);
    const server = await sessionOf(host);
    const blocking = Array.from({ length: 8 }, () => failure(host.exec(["sleep", "30"], limits)));
    const waiting = host.exec(["echo", "in the end"], limits);
    await eventually("eight that run", async () => {
      const running = spawnSync("pgrep", ["-c", "-P", String(server)])
        .stdout.toString()
        .trim();
      return running === "8" || undefined;
    });
    kill(server, "SIGKILL");
    for (const error of await Promise.all(blocking))
      expect(error).toMatchObject({ code: "host-connection-lost" });
    expect((await waiting).stdout).toBe("in the end\n");
  });

  test("on purpose takes no more commands, and is no loss", async () => {
    await using sshd = await startSshd();
    const host = await connectTo(sshd);
    const states: LinkState[] = [];
    host.onLink((state) => states.push(state));
    const running = failure(host.exec(["sleep", "30"], limits));
    await host.exec(["true"], limits);
    await host[Symbol.asyncDispose]();
    expect(await running).toMatchObject({ code: "host-connection-lost" });
    expect(await failure(host.exec(["true"], limits))).toMatchObject({ code: "host-closed" });
    expect(states).toEqual([]);
  });
});

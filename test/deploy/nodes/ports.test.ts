import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { platform } from "node:os";
import { describe, expect, test } from "vitest";
import {
  findFreePorts,
  findPortHolder,
  isListening,
  isPortFree,
  parseLsof,
  parseSocketTable,
} from "../../../src/deploy/nodes/ports.ts";

const host = "127.0.0.1";

async function listen(port = 0, address = host): Promise<AsyncDisposable & { port: number; server: Server }> {
  const server = createServer().listen(port, address);
  await once(server, "listening");
  return {
    server,
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

describe("a port", () => {
  test("is free until somebody listens there, and again afterwards", async () => {
    const [port = 0] = await findFreePorts(1, host);
    expect(await isPortFree(host, port)).toBe(true);
    {
      await using _taken = await listen(port);
      expect(await isPortFree(host, port)).toBe(false);
    }
    expect(await isPortFree(host, port)).toBe(true);
  });

  test("is taken when somebody listens on all addresses", async () => {
    await using taken = await listen(0, "0.0.0.0");
    expect(await isPortFree(host, taken.port)).toBe(false);
  });

  test("of a foreign address is an error, not taken", async () => {
    await expect(isPortFree("192.0.2.1", 5000)).rejects.toThrow(/EADDRNOTAVAIL/);
  });
});

describe("free ports", () => {
  test("are as many as asked for, all different, free, and out of the way of outgoing connections", async () => {
    const ports = await findFreePorts(300, host);
    expect(new Set(ports).size).toBe(300);
    expect(Math.min(...ports)).toBeGreaterThan(1023);
    expect(Math.max(...ports)).toBeLessThan(26_656);
    for (const port of ports.slice(0, 20)) expect(await isPortFree(host, port)).toBe(true);
  });

  test("are other ones for each of many who look at once", async () => {
    const taken = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const [port = 0] = await findFreePorts(1, host);
        return listen(port).catch(() => undefined);
      }),
    );
    const held = taken.filter((server) => server !== undefined);
    // Two may find the same port, one after the other; random choice makes that rare.
    expect(held.length).toBeGreaterThan(17);
    for (const server of held) await server[Symbol.asyncDispose]();
  });

  test("that are too many are refused", async () => {
    await expect(findFreePorts(15_000, host)).rejects.toMatchObject({
      code: "no-free-ports",
      message: expect.stringContaining("15000 free ports on 127.0.0.1"),
    });
  });
});

describe("a group of processes", () => {
  test.each([
    { kind: "tcp", serve: `require("node:net").createServer().listen(0, "${host}", tell)` },
    {
      kind: "udp",
      serve: `require("node:dgram").createSocket("udp4").bind({ port: 0, address: "${host}", exclusive: true }, tell)`,
    },
  ])("listens where one of it does, over $kind", async ({ serve }) => {
    const inner = `function tell() { console.log(this.address().port) } ${serve}`;
    const outer = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(inner)}], {
      stdio: ["ignore", "inherit", "inherit"],
    }); setInterval(() => {}, 1000)`;
    const leader = spawn(process.execPath, ["-e", outer], { detached: true });
    const pid = leader.pid ?? 0;
    try {
      const [text] = (await once(leader.stdout, "data")) as [Buffer];
      const port = Number(text.toString());
      expect(await isListening(pid, { host, port })).toBe(true);
      expect(await isListening(process.pid, { host, port })).toBe(false);
      expect(await isListening(pid, { host, port: port === 1 ? 2 : 1 })).toBe(false);
    } finally {
      process.kill(-pid, "SIGKILL");
    }
  });
});

describe("the holder of a port", () => {
  test("is named: this process, on one address and on all", async () => {
    for (const address of [host, "0.0.0.0", "::"]) {
      await using taken = await listen(0, address);
      const holder = await findPortHolder(taken.port, host);
      expect(holder?.pid).toBe(process.pid);
      expect(holder?.description).toMatch(new RegExp(`^\\S.* \\(pid ${process.pid}\\)$`));
    }
  });

  test("is named: another program", async () => {
    const code = `const s = require("node:net").createServer().listen(0, "${host}", () => console.log(s.address().port))`;
    const other = spawn(process.execPath, ["-e", code]);
    try {
      const [text] = (await once(other.stdout, "data")) as [Buffer];
      const port = Number(text.toString());
      expect(await findPortHolder(port, host)).toEqual({
        pid: other.pid,
        description: `node (pid ${other.pid})`,
      });
      expect(await isListening(other.pid ?? 0, { host, port })).toBe(true);
      expect(await isListening(process.pid, { host, port })).toBe(false);
    } finally {
      other.kill("SIGKILL");
    }
  });

  test("is nobody where the port is free", async () => {
    const [port = 0] = await findFreePorts(1, host);
    expect(await findPortHolder(port, host)).toBeUndefined();
  });

  test.runIf(platform() === "linux")("of another address is not in the way", async () => {
    await using taken = await listen(0, "127.0.0.2");
    expect(await findPortHolder(taken.port, host)).toBeUndefined();
    expect((await findPortHolder(taken.port, "0.0.0.0"))?.pid).toBe(process.pid);
  });

  test.runIf(platform() === "linux")("is found, too, where an open connection sits on it", async () => {
    await using taken = await listen();
    const accepted = once(taken.server, "connection");
    const socket = connect({ host, port: taken.port });
    const [other] = (await accepted) as [Socket];
    const localPort = socket.localPort ?? 0;
    try {
      expect(await isPortFree(host, localPort)).toBe(false);
      expect((await findPortHolder(localPort, host))?.pid).toBe(process.pid);
    } finally {
      other.destroy();
      socket.destroy();
    }
  });
});

describe("what the system prints", () => {
  test("/proc/net/tcp", () => {
    const text = [
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
      "   0: 0100007F:6821 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 40931 1 0",
      "   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1234 1 0",
      "   2: 0100007F:C350 0100007F:6821 01 00000000:00000000 00:00000000 00000000     0        0 99 1 0",
      "",
    ].join("\n");
    expect(parseSocketTable(text)).toEqual([
      { address: "127.0.0.1", port: 26657, listens: true, uid: "1000", inode: "40931" },
      { address: "", port: 22, listens: true, uid: "0", inode: "1234" },
      { address: "127.0.0.1", port: 50000, listens: false, uid: "0", inode: "99" },
    ]);
  });

  test("/proc/net/tcp6, with an IPv4 address in it", () => {
    const row = (address: string) =>
      `   0: ${address}:1F90 ${"0".repeat(32)}:0000 0A 00000000:00000000 00:00000000 00000000 0 0 7 1 0`;
    const any = "0".repeat(32);
    const own = "00000000000000000000000001000000";
    const text = ["header", row(any), row("0000000000000000FFFF00000100007F"), row(own)].join("\n");
    expect(parseSocketTable(text).map(({ address }) => address)).toEqual(["", "127.0.0.1", own]);
  });

  test.each(["", "header\n", "header\nnonsense\n"])("no socket in %j", (text) => {
    expect(parseSocketTable(text)).toEqual([]);
  });

  test("lsof", () => {
    expect(parseLsof("p123\ncnode\nf20\n")).toEqual({ pid: 123, description: "node (pid 123)" });
    expect(parseLsof("")).toBeUndefined();
  });
});

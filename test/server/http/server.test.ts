import { once } from "node:events";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startServer } from "../../../src/server/http/server.ts";
import { validRun } from "../../results/sample-results.ts";
import { storeBundle } from "../../results/stored-bundle.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

const token = "a-token-of-some-length";

async function open({ withToken = false } = {}) {
  const folder = await openTemporaryFolder();
  const bundle = await storeBundle(folder.path, { runs: [validRun] });
  const server = await startServer({
    outputDir: folder.path,
    port: 0,
    listen: "127.0.0.1",
    version: "1.2.3",
    ...(withToken ? { token } : {}),
  });
  const { origin, port } = new URL(server.url);
  const name = bundle.split("/").at(-1) ?? "";
  const query = (path: string, more: Readonly<Record<string, string>> = {}) =>
    `${origin}${path}?${new URLSearchParams({ bundle: name, ...more })}`;
  return {
    folder: folder.path,
    bundle,
    name,
    url: server.url,
    origin,
    port: Number(port),
    query,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

interface BundleAnswer {
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[];
}

test("bundles are listed, with the figures of their best run, and their files can be had", async () => {
  await using server = await open();
  const bundles = await (await fetch(`${server.origin}/api/bundles`)).json();
  expect(bundles).toMatchObject([{ name: server.name, state: "ended", sweep: { finishedRuns: 1 } }]);
  const { files } = (await (await fetch(server.query("/api/bundle"))).json()) as BundleAnswer;
  expect(files.map(({ path }) => path)).toContain("manifest.json");
  expect(files.map(({ path }) => path)).not.toContain(".made-here");
  const file = await fetch(server.query("/file", { path: "logs/1-node0.log" }));
  expect(await file.text()).toBe("up\n");
  expect(Object.fromEntries(file.headers)).toMatchObject({
    "content-disposition": 'attachment; filename="1-node0.log"',
    "content-security-policy": expect.stringMatching(/^sandbox; default-src 'none'/),
    "x-content-type-options": "nosniff",
    "content-type": "application/octet-stream",
  });
});

test("changes of links go to the command with the folder of their bundle, and its answer comes back", async () => {
  await using folder = await openTemporaryFolder();
  const bundle = await storeBundle(folder.path, { runs: [validRun] });
  const asked: unknown[] = [];
  await using server = await startServer({
    ...{ outputDir: folder.path, port: 0, listen: "127.0.0.1", version: "1.2.3" },
    changes: {
      key: "a-key",
      change: async (change) => {
        asked.push(change);
        return asked.length === 1 ? { atSecs: 1.5 } : { refusal: "The window is closed." };
      },
    },
  });
  const post = async (body: string, name = bundle.split("/").at(-1) ?? "", key = "a-key") => {
    const url = new URL(`/api/links?${new URLSearchParams({ bundle: name })}`, server.url);
    const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
    const reply = await fetch(url, { method: "POST", headers, body });
    return [reply.status, await reply.json()];
  };
  expect(await post('{"heal":"all"}')).toEqual([200, { at_secs: 1.5 }]);
  expect(asked).toEqual([{ folder: bundle, entry: { heal: "all" } }]);
  expect(await post('{"heal":"all"}')).toEqual([409, { error: "The window is closed." }]);
  expect(await post("{}", "elsewhere")).toMatchObject([404, {}]);
  expect(await post("{}", undefined, "another")).toMatchObject([401, {}]);
  expect(await post("{")).toMatchObject([400, {}]);
  expect(await post(JSON.stringify({ heal: "a".repeat(5_000) }))).toMatchObject([413, {}]);
  expect(asked).toHaveLength(2);
  expect(await (await fetch(new URL("/api/status", server.url))).json()).toMatchObject({
    takesChanges: true,
  });
});

test("events are pushed and read again, where they are taken", async () => {
  await using folder = await openTemporaryFolder();
  const options = { outputDir: folder.path, port: 0, listen: "127.0.0.1", version: "1.2.3" };
  await using server = await startServer({ ...options, eventsDir: join(folder.path, "events") });
  const at = (query: string) => new URL(`/events${query}`, server.url);
  const push = (query: string, body: string) =>
    fetch(at(query), { method: "POST", headers: { "content-type": "application/x-ndjson" }, body });
  const first = await push("?stream=a&at=0", '{"n":1}\n');
  expect([first.status, await first.json()]).toEqual([200, { bytes: 8 }]);
  const again = await push("?stream=a&at=0", '{"n":1}\n');
  expect([again.status, await again.json()]).toEqual([409, { bytes: 8 }]);
  expect(await (await fetch(at("?stream=a&from=0"))).text()).toBe('{"n":1}\n');
  expect(await (await fetch(at(""))).json()).toEqual({ streams: [{ stream: "a", bytes: 8 }] });
  expect((await fetch(at("?stream=b"))).status).toBe(404);
  expect((await push("?stream=a&at=x", "")).status).toBe(400);
  expect((await push("?stream=a", "no JSON\n")).status).toBe(422);
  expect((await push("?stream=a", `${"x".repeat(1024 * 1024)}\n`)).status).toBe(413);
});

test("two bundles are compared", async () => {
  await using server = await open();
  const answer = await fetch(`${server.origin}/api/compare?a=${server.name}&b=${server.name}`);
  expect(await answer.json()).toMatchObject({
    comparison: { schema: "baleen.comparison/1" },
    text: expect.any(String),
  });
});

test("no page may load from elsewhere, and a report may run nothing", async () => {
  await using server = await open();
  const page = await fetch(`${server.origin}/run?bundle=x`);
  expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; script-src 'self'; /);
  expect(page.headers.get("access-control-allow-origin")).toBeNull();
  await writeFile(join(server.bundle, "report.html"), "<script>alert(1)</script>");
  const report = await fetch(server.query("/report"));
  expect(report.headers.get("content-security-policy")).toMatch(/^sandbox; default-src 'none'/);
  expect(report.headers.get("content-type")).toBe("text/html; charset=utf-8");
});

test("nothing but the files of a bundle can be had", async () => {
  await using server = await open();
  await writeFile(join(server.folder, "secret"), "secret");
  await writeFile(join(server.bundle, ".hidden"), "secret");
  await symlink(join(server.folder, "secret"), join(server.bundle, "link"));
  await mkdir(join(server.bundle, ".git"));
  await writeFile(join(server.bundle, ".git", "config"), "secret");
  const paths = [
    "../secret",
    "..%2fsecret",
    "/etc/passwd",
    "logs/../../secret",
    ".hidden",
    ".made-here",
    "link",
    ".git/config",
    "",
    "logs",
    "\0",
  ];
  for (const path of paths) {
    const reply = await fetch(server.query("/file", { path }));
    expect(await reply.text(), path).not.toContain("secret");
    expect(reply.status, path).toBe(404);
  }
  for (const bundle of ["..", "../..", ".", "", "/etc", `${server.name}/..`, "__proto__"]) {
    const reply = await fetch(`${server.origin}/api/bundle?${new URLSearchParams({ bundle })}`);
    expect(reply.status, bundle).toBe(404);
  }
  for (const path of [
    "/assets/../../package.json",
    "/assets/%2e%2e/%2e%2e/package.json",
    "/..%2f..%2fetc/passwd",
  ]) {
    // As it is, which fetch would not send.
    const asked = request({ port: server.port, path }).end();
    const [reply] = (await once(asked, "response")) as [{ statusCode: number; resume: () => void }];
    expect(reply.statusCode, path).toBe(404);
    reply.resume();
  }
});

test("without its token a server says nothing; with it, a cookie is enough", async () => {
  await using server = await open({ withToken: true });
  for (const path of ["/", "/api/bundles", "/api/status", "/assets/server/browser/main.js", "/nowhere"]) {
    const reply = await fetch(`${server.origin}${path}`);
    expect(reply.status, path).toBe(401);
    expect(await reply.text()).not.toContain(server.name);
  }
  const first = await fetch(server.url, { redirect: "manual" });
  expect(first.status).toBe(303);
  expect(first.headers.get("location")).toBe("/");
  const [cookie = ""] = (first.headers.get("set-cookie") ?? "").split(";");
  expect((await fetch(`${server.origin}/api/bundles`, { headers: { cookie } })).status).toBe(200);
});

test("another site's page, another method and a name that leads here are refused", async () => {
  await using server = await open();
  const { origin } = server;
  expect((await fetch(origin, { headers: { origin: "http://evil.example" } })).status).toBe(403);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    expect((await fetch(origin, { method })).status, method).toBe(405);
  }
  const asked = request({ port: server.port, headers: { host: "evil.example" } }).end();
  const [reply] = (await once(asked, "response")) as [{ statusCode: number; resume: () => void }];
  expect(reply.statusCode).toBe(403);
  reply.resume();
});

test("a body of a gigabyte is refused before it is read", async () => {
  await using server = await open();
  for (const method of ["POST", "GET"]) {
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    let answer = "";
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString();
    });
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write(
      `${method} / HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\ncontent-length: 1073741824\r\n\r\n`,
    );
    // As much as the other side takes, which hangs up.
    const piece = Buffer.alloc(64 * 1024);
    const pump = () => {
      while (!socket.destroyed && socket.writable && socket.write(piece));
    };
    socket.on("drain", pump);
    pump();
    await closed;
    expect(answer).toMatch(method === "POST" ? /^HTTP\/1.1 405 / : /^HTTP\/1.1 413 /);
    expect(socket.bytesWritten).toBeLessThan(64 * 1024 * 1024);
  }
  expect((await fetch(server.origin)).status).toBe(200);
});

test("of 1,000 connections those above the limit are closed, and the others answered", async () => {
  await using server = await open();
  const sockets: Socket[] = [];
  const closed = new Set<Socket>();
  for (let number = 0; number < 1000; number++) {
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.once("close", () => closed.add(socket));
    sockets.push(socket);
  }
  const deadline = Date.now() + 50_000;
  while (closed.size < 800 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(closed.size).toBe(800);
  for (const socket of sockets) socket.destroy();
  while ((await fetch(server.origin).catch(() => undefined))?.status !== 200) {
    expect(Date.now()).toBeLessThan(deadline);
  }
});

test("a watcher that does not read costs no memory, and gets everything when it does", async () => {
  await using server = await open();
  const path = join(server.bundle, "events.ndjson");
  const line = (seq: number, body: object) =>
    `${JSON.stringify({ ...body, v: 1, run: "r", source: "coordinator", seq, t: new Date(seq).toISOString() })}\n`;
  await writeFile(path, line(0, { type: "run-created", benchmarkNumber: 1, loadTps: 1 }));
  const asked = request(server.query("/api/events")).end();
  const [reply] = (await once(asked, "response")) as [NodeJS.ReadableStream];
  reply.pause();
  let seq = 1;
  for (let round = 0; round < 6; round++) {
    const some = Array.from({ length: 200 }, () =>
      line(seq++, { type: "warning", message: "x".repeat(9_000) }),
    );
    await writeFile(path, some.join(""), { flag: "a" });
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  let text = "";
  let read = 0;
  reply.setEncoding("utf8").on("data", (chunk: string) => {
    read += chunk.length;
    text = (text + chunk).slice(-4_000_000);
  });
  reply.resume();
  const deadline = Date.now() + 50_000;
  while (!text.includes(`"events":${seq}`)) {
    expect(Date.now()).toBeLessThan(deadline);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  // A snapshot has the latest 500 lines; eleven megabytes were written.
  expect(read).toBeLessThan(11_000_000 + 5_000_000);
  asked.destroy();
});

test("a port that is taken is named, with the remedy", async () => {
  await using server = await open();
  await using folder = await openTemporaryFolder();
  const again = startServer({ outputDir: folder.path, port: server.port, listen: "127.0.0.1", version: "1" });
  await expect(again).rejects.toThrow(
    `Cannot listen on 127.0.0.1:${server.port}: another program listens there. Use another port: --port ${server.port + 1}, or --port 0 for a free one.`,
  );
});

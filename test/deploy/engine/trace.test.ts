import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { onTrace, type Trace } from "../../../src/core/trace.ts";
import { openEngine } from "../../../src/deploy/engine/engine.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../../results/temporary-folder.ts";

let folder: TemporaryFolder;
let traces: Trace[];
let listening: Disposable;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  traces = [];
  listening = onTrace((one) => traces.push(one));
});
afterEach(async () => {
  listening[Symbol.dispose]();
  await folder[Symbol.asyncDispose]();
});

/** An engine that answers what the test says: the real one cannot be made to fail on demand. */
async function engineOf(listener: RequestListener) {
  const socketPath = join(folder.path, "docker.sock");
  const server = createServer(listener);
  await once(server.listen(socketPath), "listening");
  const engine = await openEngine({ kind: "unix", socketPath, source: "DOCKER_HOST" });
  const close = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { engine, server, socketPath, [Symbol.asyncDispose]: close };
}

test("requests to an engine are reported with method, path, status and time, answered or not", async () => {
  await using opened = await engineOf(({ url = "" }, response) => {
    if (url.includes("/containers/create")) response.writeHead(201).end(JSON.stringify({ Id: "c1" }));
    else if (url.includes("/version")) response.end(JSON.stringify({ Version: "27", Os: "linux" }));
    else if (url.includes("/networks")) response.writeHead(500).end(JSON.stringify({ message: "no" }));
    else response.destroy();
  });
  const { engine, socketPath } = opened;
  await engine.version();
  await expect(engine.listNetworks()).rejects.toThrow("no");
  await expect(engine.listVolumes("a=b")).rejects.toThrow();
  await engine.createContainer({
    name: "c",
    image: "i",
    env: { TOKEN: "s3cret" },
    labels: {},
    args: [],
    volumes: [],
    ports: [],
  });
  const request = { kind: "request", engine: `unix://${socketPath}`, method: "GET", ms: expect.any(Number) };
  expect(traces).toEqual([
    { ...request, path: "/version", status: 200 },
    { ...request, path: "/networks", status: 500 },
    {
      ...request,
      path: '/volumes?filters={"label":["a=b"]}',
      failure: expect.stringContaining("hang up"),
    },
    { ...request, method: "POST", path: "/containers/create?name=c", status: 201 },
  ]);
});

test("a stream in both directions is reported when it stands; other HTTP of this process is not", async () => {
  await using opened = await engineOf((_, response) => response.end());
  opened.server.on("upgrade", (_, socket) => {
    socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
  });
  const streams = await opened.engine.attach("c1", AbortSignal.timeout(10_000));
  streams.stdin.destroy();
  expect(traces).toMatchObject([
    { method: "POST", path: expect.stringContaining("/containers/c1/attach"), status: 101 },
  ]);
  const other = createServer((_, response) => response.end());
  await once(other.listen(0, "127.0.0.1"), "listening");
  const address = other.address();
  await fetch(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`);
  other.close();
  expect(traces).toHaveLength(1);
});

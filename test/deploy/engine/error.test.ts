import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openEngine } from "../../../src/deploy/engine/engine.ts";
import { explainDockerFailure } from "../../../src/deploy/engine/error.ts";

const local = { description: "unix:///var/run/docker.sock (default)", remote: false };

let folder: string;
let socketPath: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baleen-sock-"));
  socketPath = join(folder, "docker.sock");
});
afterEach(() => rm(folder, { recursive: true }));

/** An engine that answers what the test says: the real one cannot be made to fail on demand. */
async function withEngine<T>(
  listener: RequestListener,
  use: (port: number) => Promise<T>,
  where: string | number = socketPath,
): Promise<T> {
  const server = createServer(listener);
  const listenOptions = typeof where === "string" ? { path: where } : { port: where, host: "127.0.0.1" };
  await new Promise<void>((resolve) => server.listen(listenOptions, resolve));
  try {
    return await use((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe("what went wrong with the engine", () => {
  test("no socket there: how to start or install it", async () => {
    await expect(openEngine({ kind: "unix", socketPath, source: "DOCKER_HOST" })).rejects.toMatchObject({
      code: "docker-unreachable",
      message: expect.stringMatching(
        /^No Docker engine answers at unix:\/\/\S+docker\.sock \(DOCKER_HOST\)\. Start it .* install it .* or use --runtime process\.$/,
      ),
    });
  });

  test("no permission: the group, with the command", () => {
    const cause = Object.assign(new Error("connect EACCES /var/run/docker.sock"), { code: "EACCES" });
    const error = explainDockerFailure("list containers", local, cause);
    expect(error.code).toBe("docker-permission");
    expect(error.message).toContain("sudo usermod -aG docker $USER");
  });

  test("no answer in time, as the client library words it", () => {
    const timeout = new DOMException("The operation was aborted due to timeout", "TimeoutError");
    const cause = new Error("The operation was aborted", { cause: timeout });
    const error = explainDockerFailure("list containers", local, cause);
    expect(error.code).toBe("docker-timeout");
    expect(error.message).toContain("did not list containers: no answer in time.");
  });

  test("an answer with a status: the engine's words, on one line", async () => {
    const answer: RequestListener = (_, response) =>
      response
        .writeHead(500, { "content-type": "application/json" })
        .end('{"message":"no space\\nleft on device"}');
    await withEngine(answer, async () => {
      const engine = await openEngine({ kind: "unix", socketPath, source: "test" });
      await expect(engine.start("abc")).rejects.toMatchObject({
        code: "docker-request",
        status: 500,
        message: "Docker could not start container abc: no space left on device",
      });
    });
  });

  test("an engine that hangs up in the middle", async () => {
    await withEngine(
      (request) => request.socket.destroy(),
      async () => {
        const engine = await openEngine({ kind: "unix", socketPath, source: "test" });
        await expect(engine.listContainers()).rejects.toMatchObject({ code: "docker-unreachable" });
      },
    );
  });

  test("a build that fails says why", async () => {
    const answer: RequestListener = (request, response) => {
      request.resume();
      response.end('{"stream":"Step 1/2"}\r\n{"error":"manifest unknown","errorDetail":{}}\r\n');
    };
    await withEngine(answer, async () => {
      const engine = await openEngine({ kind: "unix", socketPath, source: "test" });
      const lines: string[] = [];
      const options = {
        onProgress: (line: string) => lines.push(line),
        signal: new AbortController().signal,
      };
      await expect(engine.pullImage("x:1", options)).rejects.toThrow("manifest unknown");
      expect(lines).toEqual(["Step 1/2"]);
    });
  });
});

describe("what is taken", () => {
  const answer = (message: string) =>
    explainDockerFailure("start container x", local, Object.assign(new Error(message), { statusCode: 500 }));

  test.each([
    // As engines 20.10, 24 and 28 word it.
    [
      'Conflict. The container name "/node0" is already in use by container "0a1b". You have to remove it.',
      "name-taken",
      "node0",
    ],
    [
      "driver failed programming external connectivity on endpoint x (0a1b): Bind for 0.0.0.0:26656 failed: port is already allocated",
      "port-taken",
      "0.0.0.0:26656",
    ],
    [
      "driver failed programming external connectivity on endpoint x (0a1b): Error starting userland proxy: listen tcp4 127.0.0.1:26657: bind: address already in use",
      "port-taken",
      "127.0.0.1:26657",
    ],
    [
      "failed to set up container networking: driver failed programming external connectivity on endpoint x (0a1b): failed to bind host port for 127.0.0.1:26657:172.17.0.2:80/tcp: address already in use",
      "port-taken",
      "127.0.0.1:26657",
    ],
    ["failed to bind host port [::1]:26657/tcp: address already in use", "port-taken", "[::1]:26657"],
  ])("%s", (message, reason, taken) => {
    expect(answer(message)).toMatchObject({ reason, taken, code: `docker-${reason}` });
  });

  test("anything else is no conflict", () => {
    expect(answer("no such image")).toMatchObject({ reason: "request", taken: undefined });
  });
});

describe("an engine of another machine", () => {
  const remote = { description: "ubuntu@10.0.1.11:22 (host0)", remote: true };

  test("is named with its answers, and the way to it is not taken for a socket of ours", () => {
    const full = Object.assign(new Error("(HTTP code 500) server error - no space "), { statusCode: 500 });
    expect(explainDockerFailure("load an image", remote, full).message).toBe(
      "Docker could not load an image (ubuntu@10.0.1.11:22 (host0)): no space",
    );
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    const { code, message } = explainDockerFailure("list images", remote, refused);
    expect(code).toBe("docker-unreachable");
    expect(message).toMatch(
      /^The Docker engine at ubuntu@\S+ \(host0\) did not list images: connect ECONNREFUSED\. /,
    );
    expect(message).not.toContain("--runtime");
  });
});

describe("which engine is asked", () => {
  const version: RequestListener = (_, response) => {
    response.setHeader("content-type", "application/json");
    response.end('{"Version":"28.2.2","ApiVersion":"1.50","Os":"linux","Arch":"arm64"}');
  };
  const reported = { version: "28.2.2", apiVersion: "1.50", os: "linux", arch: "arm64" };

  test("the one of the address, whatever DOCKER_HOST says meanwhile", async () => {
    const before = process.env.DOCKER_HOST;
    process.env.DOCKER_HOST = "tcp://127.0.0.1:1";
    try {
      await withEngine(version, async () => {
        const engine = await openEngine({ kind: "unix", socketPath, source: "test" });
        expect(await engine.version()).toEqual(reported);
      });
    } finally {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
    }
  });

  test("over tcp on a loopback address; again after it was started anew", async () => {
    const seen = await withEngine(
      version,
      async (port) => {
        const engine = await openEngine({ kind: "tcp", host: "127.0.0.1", port, source: "test" });
        expect(await engine.version()).toEqual(reported);
        return { engine, port };
      },
      0,
    );
    await expect(seen.engine.version()).rejects.toMatchObject({ code: "docker-unreachable" });
    await withEngine(version, async () => expect(await seen.engine.version()).toEqual(reported), seen.port);
  });
});

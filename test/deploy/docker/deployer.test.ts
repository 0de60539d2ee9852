import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findDocker } from "../../../src/deploy/docker/deployer.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baleen-docker-"));
});
afterEach(() => rm(folder, { recursive: true }));

const signal = new AbortController().signal;

function find(env: Record<string, string>) {
  return findDocker({ env: { PATH: folder, ...env }, home: folder, signal });
}

/** What an engine says of itself; the real one is always of one kind. */
async function withEngine<T>(os: string, use: (host: string) => Promise<T>): Promise<T> {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ Version: "28.2.2", ApiVersion: "1.50", Os: os, Arch: "amd64" }));
  });
  const path = join(folder, "docker.sock");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    return await use(`unix://${path}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe("whether containers can be run here", () => {
  test("no engine answers, one of another machine, a context that is not there", async () => {
    const codes: unknown[] = [];
    for (const env of [
      { DOCKER_HOST: `unix://${folder}/none.sock` },
      { DOCKER_HOST: "tcp://127.0.0.1:1" },
      { DOCKER_HOST: "ssh://me@server" },
      { DOCKER_CONTEXT: "gone" },
    ]) {
      const probe = await find(env);
      if (probe.available) throw new Error("it was found");
      expect(probe.reason).toBe(probe.diagnostic.message);
      expect(probe.reason).not.toContain("\n");
      codes.push(probe.diagnostic.code);
    }
    expect(codes).toEqual([
      "docker-unreachable",
      "docker-unreachable",
      "docker-engine-remote",
      "docker-context",
    ]);
  });

  test("certificates that are missing", async () => {
    const probe = await find({ DOCKER_HOST: "tcp://127.0.0.1:2376", DOCKER_TLS_VERIFY: "1" });
    expect(probe).toMatchObject({ available: false, diagnostic: { code: "docker-certificates" } });
  });

  test("an engine for Windows containers, and one without a compose command", async () => {
    await withEngine("windows", async (host) => {
      expect(await find({ DOCKER_HOST: host })).toMatchObject({
        available: false,
        diagnostic: { code: "docker-os" },
      });
    });
    await withEngine("linux", async (host) => {
      const diagnostic = { code: "compose-missing" };
      expect(await find({ DOCKER_HOST: host })).toMatchObject({ available: false, diagnostic });
    });
  });

  test("an engine and a compose command", async () => {
    await writeFile(join(folder, "docker-compose"), `#!${process.execPath}\nconsole.log("2.30.1");\n`);
    await chmod(join(folder, "docker-compose"), 0o755);
    await withEngine("linux", async (host) => {
      expect(await find({ DOCKER_HOST: host })).toMatchObject({
        available: true,
        docker: { version: { version: "28.2.2" }, compose: { argv: ["docker-compose"], version: "2.30.1" } },
      });
    });
  });
});

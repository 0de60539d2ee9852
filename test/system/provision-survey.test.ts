import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { arch, availableParallelism, freemem, platform, release, totalmem, userInfo } from "node:os";
import { describe, expect, test } from "vitest";
import { surveyHost } from "../../src/deploy/provision/survey/survey.ts";
import { whyNoDocker } from "../deploy/real-engine.ts";
import { openLocalHost } from "../support/local-host.ts";

const { signal } = new AbortController();

describe.skipIf(platform() !== "linux")("a look at this very machine (which must run Linux)", () => {
  test("agrees with what the operating system tells", async () => {
    await using host = openLocalHost();
    const facts = await surveyHost(host, { signal });
    expect(facts).toMatchObject({
      kernelName: "Linux",
      kernelRelease: release(),
      cpus: availableParallelism(),
      architecture: arch() === "x64" ? "amd64" : arch(),
      user: userInfo().username,
    });
    // Node's may be that of a control group.
    expect(facts.memoryTotalBytes).toBeGreaterThanOrEqual(totalmem());
    expect(Math.abs((facts.memoryAvailableBytes ?? 0) - freemem())).toBeLessThan(totalmem());
  });

  test("agrees with the file system on what is free, within what others write meanwhile", async () => {
    await using host = openLocalHost();
    const { dataDisk } = await surveyHost(host, { signal });
    const path = dataDisk?.path ?? "";
    const { bavail, bsize } = await statfs(existsSync(path) ? path : "/");
    expect(Math.abs((dataDisk?.freeBytes ?? 0) - bavail * bsize)).toBeLessThan(4 * 1024 ** 3);
  });

  test("sees a port on which this process listens, and that it is ours", async () => {
    await using server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    await using host = openLocalHost();
    const { listening } = await surveyHost(host, { signal });
    expect(listening).toContainEqual({
      port,
      process: { pid: process.pid, name: expect.any(String) },
    });
  });

  test.skipIf(whyNoDocker !== undefined)(
    `finds the engine that docker finds ${whyNoDocker ?? ""}`,
    async () => {
      await using host = openLocalHost();
      const { docker } = await surveyHost(host, { signal });
      const ask = (...words: string[]) => execFileSync("docker", words, { encoding: "utf8" }).trim();
      expect(docker.engine).toMatchObject({
        version: ask("version", "--format", "{{.Server.Version}}"),
        storageDriver: ask("info", "--format", "{{.Driver}}"),
      });
    },
  );
});

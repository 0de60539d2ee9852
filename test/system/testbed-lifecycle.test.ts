import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { ConfigurationError } from "../../src/core/errors.ts";
import { lockHost } from "../../src/deploy/provision/lock/lock.ts";
import { connectHost } from "../../src/deploy/ssh/connect.ts";
import { hostImageName } from "../../src/deploy/testbed/image.ts";
import { ownerLabel, testbedDir, testbedId, testbedLabel } from "../../src/deploy/testbed/layout.ts";
import { openTestbed } from "../../src/deploy/testbed/open.ts";
import { listStateFiles, type TestbedDownOptions, testbedDown } from "../../src/deploy/testbed/state.ts";
import { type TestbedUpOptions, testbedUp } from "../../src/deploy/testbed/up.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";
import {
  docker,
  dockerCommand,
  testHostsLimitMs,
  testHostsOptions,
  whyNoTestHosts,
} from "../support/test-hosts.ts";

describe.skipIf(whyNoTestHosts !== undefined)(`a testbed comes and goes ${whyNoTestHosts ?? ""}`, () => {
  const open = async (count = 2) => {
    const steps: string[] = [];
    const request = { count, docker: false, nodePorts: false, set: 1 };
    const options = { ...(await testHostsOptions(request)), onStep: (step: string) => steps.push(step) };
    return { options, steps };
  };
  const down = (options: TestbedUpOptions, more?: Partial<TestbedDownOptions>) =>
    testbedDown({ ...options, images: false, ...more });
  const countLeft = async ({ stateDir }: TestbedUpOptions) => {
    const label = `${testbedLabel}=${testbedId(stateDir)}`;
    const { engine } = docker();
    return {
      containers: (await engine.listContainers({ label })).length,
      networks: (await engine.listNetworks(label)).length,
      volumes: (await engine.listVolumes(label)).length,
    };
  };
  const nothing = { containers: 0, networks: 0, volumes: 0 };
  const diagnosticsIn = async (work: Promise<unknown>) => {
    const error: unknown = await work.catch((reason: unknown) => reason);
    return error instanceof ConfigurationError ? error.diagnostics : error;
  };
  const diagnosticsOf = (options: TestbedUpOptions) => diagnosticsIn(testbedUp(options));

  afterEach(async () => {
    const { options } = await open();
    await down(options);
    await rm(options.folder, { recursive: true, force: true });
  });

  test(
    "up, up again with fewer, down, down again",
    async () => {
      const { options, steps } = await open();
      const first = await testbedUp(options);
      expect(steps).not.toContain("replacing the earlier test hosts");
      expect(await countLeft(options)).toEqual({ containers: 2, networks: 1, volumes: 2 });
      const keyFile = first.hosts[0]?.keyFile ?? "";
      expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
      expect(await readFile(options.hostsFile, "utf8")).toContain(
        `MYSTICETI_NODE1_HOST=${first.hosts[1]?.address}`,
      );

      const second = await testbedUp({ ...options, count: 1 });
      expect(steps).toContain("replacing the earlier test hosts");
      expect(await countLeft(options)).toEqual({ containers: 1, networks: 1, volumes: 1 });
      expect(second.hosts[0]?.hostKey).not.toBe(first.hosts[0]?.hostKey);

      expect(await down(options)).toMatchObject({
        removed: { containers: 1, networks: 1, volumes: 1 },
        hostsFile: { state: "removed", path: options.hostsFile },
      });
      expect(await countLeft(options)).toEqual(nothing);
      expect([keyFile, options.hostsFile, second.knownHostsFile].filter(existsSync)).toEqual([]);
      expect(await down(options)).toMatchObject({ removed: nothing, hostsFile: { state: "none" } });
    },
    testHostsLimitMs,
  );

  test(
    "hosts of different names stand side by side; those that a run uses are neither replaced nor removed",
    async () => {
      await using folder = await openTemporaryFolder();
      const state = join(folder.path, "state");
      const testbed = openTestbed(state, process.env);
      const watch = { onStep: () => {}, signal: AbortSignal.timeout(testHostsLimitMs) };
      // Names that no other copy of the project gives.
      const [a, b] = ["a", "b"].map((end) => `t${randomBytes(5).toString("hex")}-${end}`) as [string, string];
      const hostsFile = (name: string) => join(folder.path, `${name}.env`);
      const up = (name: string, file = hostsFile(name)) =>
        testbed.up({ name, count: 1, docker: false, hostsFile: file }, watch);
      const down = (name: string) => testbed.down({ name, images: false }, watch);
      try {
        const [first, second] = [await up(a), await up(b)];
        const addresses = [first, second].map((made) => made.hosts[0]?.address ?? "");
        expect(new Set(addresses).size).toBe(2);
        const listed = await testbed.list(watch);
        expect(listed).toMatchObject(
          [a, b].sort().map((name) => ({
            name,
            hosts: [{ name: `baleen-testbed-${name}-0`, address: addresses[name === a ? 0 : 1] }],
            image: hostImageName({ docker: false }),
            hostsFile: hostsFile(name),
            usedBy: [],
          })),
        );
        const another = { code: "testbed-hosts-file", message: expect.stringContaining("another testbed") };
        expect(await diagnosticsIn(up(b, hostsFile(a)))).toMatchObject([another]);

        const { keyFile, knownHostsFile } = listStateFiles(testbedDir(state, a));
        const [user = "", host = "", port] = addresses[0]?.split(/[@:]/) ?? [];
        const address = { host, port: Number(port), user, keyFiles: [keyFile] };
        const ssh = {
          hostKeyPolicy: "strict" as const,
          knownHostsFiles: [knownHostsFile],
          timeoutMs: 30_000,
        };
        const quiet = { passphrase: async () => undefined, warn: () => {}, signal: watch.signal };
        await using used = await connectHost({ name: "host0", address, nodes: [0] }, { ...ssh, ...quiet });
        {
          await using _lock = await lockHost(used, {
            run: "3f9c12ab",
            holder: "alice",
            signal: watch.signal,
          });
          const inUse = { code: "testbed-in-use", message: expect.stringContaining("run 3f9c12ab (alice)") };
          expect(await diagnosticsIn(up(a))).toMatchObject([inUse]);
          expect(await diagnosticsIn(down(a))).toMatchObject([inUse]);
          const [now] = (await testbed.list(watch)).filter(({ name }) => name === a);
          expect(now).toMatchObject({ usedBy: [{ run: "3f9c12ab" }], createdAtMs: expect.any(Number) });
          expect(now?.createdAtMs).toBe(listed.find(({ name }) => name === a)?.createdAtMs);
        }
        // At the same address, so that what knows it goes on.
        expect((await up(a)).hosts[0]?.address).toBe(addresses[0]);
        expect(await down(b)).toContain("1 container");
        expect((await testbed.list(watch)).map(({ name }) => name)).toEqual([a]);
        expect([hostsFile(a), hostsFile(b)].map(existsSync)).toEqual([true, false]);
      } finally {
        for (const name of [a, b]) await down(name);
      }
      expect(await testbed.list(watch)).toEqual([]);
    },
    testHostsLimitMs,
  );

  test("a hosts file that somebody has changed since stays", async () => {
    const { options } = await open(1);
    await testbedUp(options);
    await writeFile(options.hostsFile, "MYSTICETI_NODE0_HOST=elsewhere\n");
    expect(await down(options)).toMatchObject({ hostsFile: { state: "changed", path: options.hostsFile } });
    // And it is nobody's to overwrite.
    expect(await diagnosticsOf(options)).toMatchObject([{ code: "testbed-hosts-file" }]);
    await writeFile(options.hostsFile, "# Test hosts made by `baleen testbed up`.\n");
  });

  test("what others hold is named, and nothing changes", async () => {
    const { options } = await open();
    const [first, second] = (await testbedUp(options)).hosts;
    await down(options);
    const name = first?.name ?? "";
    await dockerCommand(
      "create",
      "--name",
      name,
      "--label",
      `${ownerLabel}=/elsewhere`,
      hostImageName({ docker: false }),
    );
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(second?.sshPort, second?.address, resolve));
    try {
      const faults = await diagnosticsOf(options);
      expect(faults).toMatchObject([{ code: "testbed-name" }, { code: "testbed-port" }]);
      const messages = (faults as readonly { message: string }[]).map(({ message }) => message);
      expect(messages[0]).toContain(name);
      expect(messages[0]).toContain("/elsewhere");
      expect(messages[1]).toContain(`${second?.address}:${second?.sshPort}`);
      expect(messages[1]).toContain(`pid ${process.pid}`);
      expect(await countLeft(options)).toEqual(nothing);
      expect(existsSync(options.hostsFile)).toBe(false);
    } finally {
      server.close();
      await dockerCommand("rm", name);
    }
  });

  test("an interrupted start leaves nothing", { tags: "full" }, async () => {
    const { options } = await open();
    const controller = new AbortController();
    const interrupted = new Error("interrupted");
    const onStep = (step: string) => {
      // Some hosts are there, and others under way.
      if (step === "ready") controller.abort(interrupted);
    };
    await expect(testbedUp({ ...options, count: 4, onStep, signal: controller.signal })).rejects.toBe(
      interrupted,
    );
    expect(await countLeft(options)).toEqual(nothing);
    expect(existsSync(options.hostsFile)).toBe(false);
  });

  test("what a start has made that was killed is found", { tags: "full" }, async () => {
    const { options } = await open();
    const script = join(import.meta.dirname, "..", "support", "up-test-hosts.ts");
    const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(child, "exit");
    let said = "";
    for await (const chunk of child.stdout.setEncoding("utf8")) {
      said += chunk;
      if (said.includes("ready\n")) break;
    }
    child.kill("SIGKILL");
    await ended;
    expect((await countLeft(options)).containers).toBeGreaterThan(0);
    expect((await down(options)).removed).toMatchObject({ networks: 1 });
    expect(await countLeft(options)).toEqual(nothing);
    expect(existsSync(listStateFiles(options.stateDir).folder)).toBe(false);
  });

  test.each([0, 17, 1.5])("%d hosts are refused", async (count) => {
    const { options } = await open();
    expect(await diagnosticsOf({ ...options, count })).toMatchObject([{ code: "testbed-count" }]);
  });
});

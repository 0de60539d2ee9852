import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { ConfigurationError } from "../../src/core/errors.ts";
import { hostImageName } from "../../src/deploy/testbed/image.ts";
import { ownerLabel, testbedId, testbedLabel } from "../../src/deploy/testbed/layout.ts";
import { listStateFiles, type TestbedDownOptions, testbedDown } from "../../src/deploy/testbed/state.ts";
import { type TestbedUpOptions, testbedUp } from "../../src/deploy/testbed/up.ts";
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
  const diagnosticsOf = async (options: TestbedUpOptions) => {
    const error: unknown = await testbedUp(options).catch((reason: unknown) => reason);
    return error instanceof ConfigurationError ? error.diagnostics : error;
  };

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

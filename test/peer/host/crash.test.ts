/** The process of a host that breaks leaves none of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import { sendHttp } from "../../../src/core/http.ts";
import { findFreePorts } from "../../../src/deploy/nodes/ports.ts";
import type { HostConfigFile } from "../../../src/peer/host/config.ts";
import { makeTemporaryFolder } from "../../results/temporary-folder.ts";

const main = fileURLToPath(new URL("../../../src/peer/host/main.ts", import.meta.url));
const isThere = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test("a fault in the program, and a daemon that ends by itself", async () => {
  await using folder = await makeTemporaryFolder();
  const [port = 0] = await findFreePorts(1, "127.0.0.1");
  const config: HostConfigFile = {
    name: "node0",
    rpc: { host: "127.0.0.1", port },
    planHash: "0",
    address: "127.0.0.1",
    interfaces: {},
    hosts: {},
    setUp: [],
    daemons: [
      {
        name: "sleeper",
        argv: [process.execPath, "-e", "console.log('pid', process.pid); setInterval(() => {}, 1000)"],
      },
      { name: "quitter", argv: [process.execPath, "-e", "process.exit(3)"] },
    ],
    flows: [],
    captures: [],
  };
  await writeFile(join(folder.path, "host.json"), JSON.stringify(config));
  // What breaks it comes with its modules.
  const fault = "setTimeout(() => { throw new Error('a fault') }, 4000)";
  const program = spawn(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(fault)}`, main, "--home", folder.path],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  let said = "";
  program.stdout.on("data", (text: Buffer) => {
    said += text.toString();
  });
  const limits = { timeoutMs: 10_000, everyMs: 20, describe: () => said };
  const pid = await until(
    () => Promise.resolve(Number(/sleeper: pid (\d+)/.exec(said)?.[1]) || undefined),
    limits,
  );
  const status = async () => {
    const request = {
      method: "GET",
      path: "/status",
      timeoutMs: 1000,
      signal: AbortSignal.timeout(9000),
    } as const;
    return JSON.parse((await sendHttp(`http://127.0.0.1:${port}`, request)).body);
  };
  const found = await until(async () => {
    const now = await status();
    return String(now.waitsFor).includes("quitter") ? now : undefined;
  }, limits);
  expect(found).toMatchObject({ isReady: false, waitsFor: "quitter has ended: exit code 3" });
  expect(isThere(pid)).toBe(true);
  const [code] = await once(program, "exit");
  expect(code).not.toBe(0);
  await until(() => Promise.resolve(isThere(pid) ? undefined : true), limits);
});

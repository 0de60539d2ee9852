/**
 * Ditto's own SDK, as far as it goes without a licence: it stores, observes, and refuses to sync. It is installed here,
 * because it is no package of ours.
 */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { openDittoStore } from "../../src/peer/store/ditto.ts";
import type { StoredMessage } from "../../src/peer/store/store.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";

const installed = await openTemporaryFolder();
const licence = "this-is-no-licence";
const stats = { rssBytes: 1, cpuSecs: 1, connections: 0 };

beforeAll(async () => {
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefix", installed.path];
  await promisify(execFile)("npm", ["install", ...flags, "@dittolive/ditto@5.1.0"]);
  return () => installed[Symbol.asyncDispose]();
}, 300_000);

async function open(name: string, folder: string) {
  const secretsFile = join(folder, ".secret.env");
  await writeFile(
    secretsFile,
    `DITTO_APP_ID=2f1f2b6e-8d6c-4d3e-9b1f-0a6a3d4c5b6a\nDITTO_LICENSE=${licence}\n`,
  );
  const load = async () => createRequire(join(installed.path, "package.json"))("@dittolive/ditto") as unknown;
  const listen = { host: "127.0.0.1", port: 0 };
  const options = {
    name,
    peers: ["a", "b"],
    listen,
    folder,
    heartbeatMs: 1000,
    secretsFile,
    accepts: () => true,
  };
  return await openDittoStore(options, load);
}

test("messages are stored and told; a licence that is none is refused without a word of it", async () => {
  await using folder = await openTemporaryFolder();
  {
    await using store = await open("b", folder.path);
    await store.write({ id: "1-0", atMs: 1500.25, stats, payload: new Uint8Array(100) });
    await store.tryRead();
    await store.tryWrite();
    expect(store.status()).toEqual({ connections: [], traffic: [] });
  }
  await using store = await open("a", folder.path);
  const heard: StoredMessage[] = [];
  const listener = {
    onMessage: (message: StoredMessage) => heard.push(message),
    onConnection: () => {},
    onTrouble: () => {},
  };
  const refused = await store.subscribe(listener).then(
    () => "accepted",
    (error: unknown) => String(error),
  );
  expect(refused).toMatch(/license/i);
  expect(refused).not.toContain(licence);
  // Own messages are none that it tells of.
  await store.write({ id: "2-0", atMs: 1600, stats, payload: new Uint8Array(10) });
  await until(() => (heard.length > 0 ? true : undefined), {
    timeoutMs: 10_000,
    everyMs: 20,
    describe: () => "nothing was told",
  });
  expect(heard).toMatchObject([{ from: "b", id: "1-0", atMs: 1500.25 }]);
  expect(await heard[0]?.payload()).toHaveLength(100);
}, 60_000);

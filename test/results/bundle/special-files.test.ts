/** Bundles come from other people: what lies in one in place of a file is named, and never waited for or followed. */
import { execFile } from "node:child_process";
import { mkdir, rename, rm, symlink, truncate } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";
import { readCalibration } from "../../../src/results/bundle/comparison-files.ts";
import { holdBundle } from "../../../src/results/bundle/continue.ts";
import { readKeptLogs } from "../../../src/results/bundle/kept-logs.ts";
import { listBundles } from "../../../src/results/bundle/list-bundles.ts";
import { readBundle, readSide } from "../../../src/results/bundle/reader.ts";
import { BundleReadError } from "../../../src/results/schema/read-error.ts";
import { verifyBundle } from "../../../src/results/verify/verify.ts";
import { validRun } from "../sample-results.ts";
import { storeBundle } from "../stored-bundle.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";

const run = promisify(execFile);
const runName = "local_benchmark_1_100txs.json";
const verify = (folder: string) => verifyBundle(folder, () => mysticeti);

const places: readonly [what: string, place: (path: string) => Promise<unknown>][] = [
  ["a link to a device", (path) => symlink("/dev/zero", path)],
  ["a link to a file elsewhere", (path) => symlink("/etc/passwd", path)],
  ["a pipe", (path) => run("mkfifo", [path])],
];

describe.each(places)("%s", (_, place) => {
  test.each([
    "parameters.json",
    "manifest.json",
    "summary.json",
    runName,
    "logs/1-node0.log",
    "events.ndjson",
  ])("in place of %s is refused by its name, whoever reads", async (name) => {
    await using temporary = await makeTemporaryFolder();
    const folder = await storeBundle(temporary.path, { runs: [validRun] });
    await rm(join(folder, name));
    await place(join(folder, name));
    for (const read of [readBundle, readSide, verify, (path: string) => holdBundle(path, "baleen")]) {
      const reading = read(folder);
      await expect(reading).rejects.toThrow(BundleReadError);
      await expect(reading).rejects.toThrow(`${join(folder, name)}: it is not a regular file.`);
    }
    await listBundles(temporary.path);
  });

  test.each(["events.ndjson", "timeseries.csv", "histograms/2-seconds.hlog"])(
    "in place of %s of a killed sweep is not written to",
    async (name) => {
      await using temporary = await makeTemporaryFolder();
      const folder = await storeBundle(temporary.path, { runs: [validRun], finish: false });
      await rm(join(folder, name), { force: true });
      await place(join(folder, name));
      await expect(holdBundle(folder, "baleen")).rejects.toThrow(
        `${join(folder, name)}: it is not a regular`,
      );
    },
  );

  test("in place of a killed sweep's holder keeps nobody waiting", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = await storeBundle(temporary.path, { runs: [validRun], finish: false });
    await place(join(folder, ".holder"));
    expect(await listBundles(temporary.path)).toHaveLength(1);
  });

  test("in place of a calibration is refused", async () => {
    await using temporary = await makeTemporaryFolder();
    const path = join(temporary.path, "calibration.json");
    await place(path);
    await expect(readCalibration(path)).rejects.toThrow(BundleReadError);
  });
});

test("a folder that is a link leads nowhere", async () => {
  await using temporary = await makeTemporaryFolder();
  const folder = await storeBundle(temporary.path, { runs: [validRun] });
  await rename(join(folder, "logs"), join(temporary.path, "elsewhere"));
  await symlink(join(temporary.path, "elsewhere"), join(folder, "logs"));
  const log = join(folder, "logs", "1-node0.log");
  await expect(readBundle(folder)).rejects.toThrow(`${log}: it is not a regular file.`);
  await expect(readKeptLogs(folder, "node0")).rejects.toThrow(`${log}: it is not a regular file.`);
  await expect(verify(folder)).rejects.toThrow(`${join(folder, "logs")}: it is not a regular file.`);
});

test("a document that is too large, and a file of another size than the manifest says, are not read", async () => {
  await using temporary = await makeTemporaryFolder();
  const folder = await storeBundle(temporary.path, { runs: [validRun] });
  await truncate(join(folder, "events.ndjson"), 2 ** 42);
  await expect(readBundle(folder)).rejects.toThrow("events.ndjson: it has changed since the sweep ended");
  await truncate(join(folder, "manifest.json"), 2 ** 40);
  await expect(readBundle(folder)).rejects.toThrow("manifest.json: it is larger than 64 MiB.");
});

test("a run and a bundle may be named by links", async () => {
  await using temporary = await makeTemporaryFolder();
  const folder = await storeBundle(temporary.path, { runs: [validRun] });
  await mkdir(join(temporary.path, "links"));
  const [bundle, one] = ["bundle", "run.json"].map((name) => join(temporary.path, "links", name));
  await symlink(folder, String(bundle));
  await symlink(join(folder, runName), String(one));
  expect((await readSide(String(bundle))).runs).toHaveLength(1);
  expect((await readSide(String(one))).runs).toHaveLength(1);
});

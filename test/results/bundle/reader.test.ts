import { appendFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunResult } from "../../../src/contracts/results/result.ts";
import { formatJson } from "../../../src/core/documents/numbers.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";
import { readCalibration } from "../../../src/results/bundle/comparison-files.ts";
import { readBundle, readRun } from "../../../src/results/bundle/reader.ts";
import { Fields } from "../../../src/results/schema/fields.ts";
import { buildParametersJson, parseParametersJson } from "../../../src/results/schema/parameters.ts";
import { measuredRunJson } from "../../../src/results/schema/published-run.ts";
import { BundleReadError } from "../../../src/results/schema/read-error.ts";
import { buildRunJson } from "../../../src/results/schema/run.ts";
import { verifyOne } from "../../../src/results/verify/verify-bundle.ts";
import { faultyRun, sweepParameters, validRun } from "../sample-results.ts";
import { storeBundle } from "../stored-bundle.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";

const second: RunResult = { ...faultyRun, benchmarkNumber: 2 };

/** A bundle of two runs; ended unless that is left out. */
const writeBundle = (outputDir: string, { finish = true } = {}) =>
  storeBundle(outputDir, { runs: [validRun, second], finish, endedEarly: "Interrupted by SIGINT." });

const firstFile = "local_benchmark_1_100txs.json";

describe("a bundle that is read", () => {
  test("has its runs in order, its parameters, and how it ended", async () => {
    await using folder = await makeTemporaryFolder();
    const bundle = await readBundle(await writeBundle(folder.path));
    const published = [validRun, second].map((one) => JSON.parse(JSON.stringify(buildRunJson(one))));
    expect(JSON.parse(JSON.stringify([...bundle.runs].map(measuredRunJson)))).toEqual(published);
    expect(bundle.end).toMatchObject({ plannedRuns: 3, endedEarly: "Interrupted by SIGINT." });
    expect(bundle.parameters.number("nodes")).toBe(4);
  });

  test("has no end where its sweep was killed", async () => {
    await using folder = await makeTemporaryFolder();
    const bundle = await readBundle(await writeBundle(folder.path, { finish: false }));
    expect([bundle.runs.length, bundle.end]).toEqual([2, undefined]);
  });
});

describe("a bundle is refused, naming the file,", () => {
  const cases: readonly [what: string, spoil: (folder: string) => Promise<unknown>, message: RegExp][] = [
    [
      "where a run was changed, if by one digit",
      async (folder) => {
        const text = await readFile(join(folder, firstFile), "utf8");
        await writeFile(join(folder, firstFile), text.replace('"throughput": 95.2', '"throughput": 99.2'));
      },
      /local_benchmark_1_100txs\.json: it has changed/,
    ],
    [
      "where a log was changed",
      (folder) => appendFile(join(folder, "logs", "1-node0.log"), "down\n"),
      /1-node0\.log: it has changed/,
    ],
    [
      "where a run is gone",
      (folder) => rm(join(folder, firstFile)),
      /local_benchmark_1_100txs\.json: it is in manifest\.json, but missing/,
    ],
    [
      "where a run was added",
      (folder) =>
        writeFile(
          join(folder, "local_benchmark_3_100txs.json"),
          formatJson(buildRunJson({ ...validRun, benchmarkNumber: 3 })),
        ),
      /local_benchmark_3_100txs\.json: it is not in manifest\.json/,
    ],
    [
      "where the manifest is half",
      (folder) => writeFile(join(folder, "manifest.json"), '{"schema": "baleen.mani'),
      /manifest\.json: it is not JSON/,
    ],
    [
      "where the manifest leads out of it",
      (folder) =>
        writeFile(
          join(folder, "manifest.json"),
          formatJson({
            schema: "baleen.manifest/1",
            files: [{ path: "../secret", size_bytes: 1, sha256: "00" }],
          }),
        ),
      /"\.\.\/secret" leads out of the bundle/,
    ],
    [
      "where there are no parameters",
      (folder) => rm(join(folder, "parameters.json")),
      /: it is not a bundle: parameters\.json is missing/,
    ],
    ["where there is none", (folder) => rm(folder, { recursive: true }), /: the folder does not exist/],
  ];
  test.each(cases)("%s", async (_, spoil, message) => {
    await using folder = await makeTemporaryFolder();
    const bundle = await writeBundle(folder.path);
    await spoil(bundle);
    const reading = readBundle(bundle);
    await expect(reading).rejects.toThrow(BundleReadError);
    await expect(reading).rejects.toThrow(message);
  });

  test("where a killed sweep's first run is gone, or has another's name", async () => {
    await using folder = await makeTemporaryFolder();
    const bundle = await writeBundle(folder.path, { finish: false });
    await rename(join(bundle, firstFile), join(bundle, "local_benchmark_1_200txs.json"));
    await expect(readBundle(bundle)).rejects.toThrow(/1_200txs\.json: its name does not match the run in it/);
    await rm(join(bundle, "local_benchmark_1_200txs.json"));
    await expect(readBundle(bundle)).rejects.toThrow(/the file of run 1 is missing/);
  });

  test("where it holds some, naming them", async () => {
    await using folder = await makeTemporaryFolder();
    const inside = (...sides: string[]) =>
      `may contain some. Name one: ${sides.map((side) => join(folder.path, side)).join(" or ")}.`;
    await mkdir(join(folder.path, "local"));
    await expect(readBundle(folder.path)).rejects.toThrow(inside("local"));
    await mkdir(join(folder.path, "remote"));
    await expect(readBundle(folder.path)).rejects.toThrow(inside("local", "remote"));
  });
});

test("what an earlier version made is refused as that, by reader and verifier", async () => {
  await using folder = await makeTemporaryFolder();
  const earlier = "it was made by an earlier version of Baleen, and this one does not read those.";
  const document = JSON.parse(JSON.stringify(buildRunJson(validRun))) as { parameters: object };
  const strip = (parameters: object) =>
    Object.fromEntries(Object.entries(parameters).filter(([key]) => !added.has(key)));
  const added = new Set([
    "transport",
    "in_flight_per_connection",
    "batch_size",
    "clients",
    "pacing",
    "profile",
  ]);
  const path = join(folder.path, firstFile);
  const run = formatJson({ ...document, parameters: strip(document.parameters) });
  await writeFile(path, run);
  await expect(readRun(path)).rejects.toThrow(`Cannot use ${path}: ${earlier}`);
  const bundle = await storeBundle(folder.path, { runs: [validRun] });
  await writeFile(join(bundle, firstFile), run);
  await expect(verifyOne(bundle, () => mysticeti)).rejects.toThrow(`Cannot use ${bundle}: ${earlier}`);
  const parameters = buildParametersJson(sweepParameters);
  expect(() => parseParametersJson(new Fields(parameters))).not.toThrow();
  expect(() => parseParametersJson(new Fields(strip(parameters)))).toThrow(earlier);
  const calibration = join(folder.path, "calibration.json");
  const loads = [{ load: 100, runs_a: 1, runs_b: 1, parameters: [], metrics: {} }];
  const head = { schema: "baleen.calibration/1", network_type: "local", timestamp: validRun.timestamp };
  await writeFile(calibration, JSON.stringify({ ...head, environment: {}, loads }));
  await expect(readCalibration(calibration)).rejects.toThrow(`Cannot use ${calibration}: ${earlier}`);
});

test("a file that is no run is refused by its name", async () => {
  await using folder = await makeTemporaryFolder();
  const path = join(folder.path, "other.json");
  await writeFile(path, '{"schema": "baleen.results/1"}');
  await expect(readRun(path)).rejects.toThrow(
    `Cannot use ${path}: it is not the file of a run: schema is not`,
  );
});

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { calibrateLoads } from "../../../src/results/analysis/comparison/calibrate.ts";
import { calibrationName, writeCalibration } from "../../../src/results/bundle/comparison-files.ts";
import { publishedRun } from "../../../src/results/schema/published-run.ts";
import { Findings } from "../../../src/results/verify/contents/findings.ts";
import { checkCalibration } from "../../../src/results/verify/verify.ts";
import { repeated } from "../sample-comparisons.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";
import { contentsOf } from "./contents.ts";

const runs = [...repeated(), ...repeated(1.02)].map(publishedRun);

async function check(folder: string) {
  const findings = new Findings();
  const isThere = await checkCalibration(folder, { runs: { contents: contentsOf({ runs }) } }, findings);
  return { isThere, places: findings.differences.map(({ file, key }) => `${file}, ${key}`) };
}

test("noise floors follow from the runs, and an edit of them is found", async () => {
  await using temporary = await makeTemporaryFolder();
  expect(await check(temporary.path)).toEqual({ isThere: false, places: [] });
  const path = join(temporary.path, calibrationName);
  const reported = { timestamp: "2024-01-15T10:40:00.000Z", environment: {} };
  await writeCalibration(path, { networkType: "local", ...reported, loads: calibrateLoads(runs) });
  expect(await check(temporary.path)).toEqual({ isThere: true, places: [] });
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace(/("noise_floor_percent": )\d/, "$19"));
  expect((await check(temporary.path)).places).toContain(
    `${calibrationName}, loads[0].metrics.throughput.noise_floor_percent`,
  );
  await writeFile(path, text.replace('"local"', '"remote"'));
  expect((await check(temporary.path)).places).toContain(`${calibrationName}, network_type`);
  await writeFile(path, "{}");
  expect((await check(temporary.path)).places).toEqual([`${calibrationName}, its form`]);
  await writeFile(path, text);
  await writeFile(join(temporary.path, "other.json"), "{}");
  expect((await check(temporary.path)).places).toEqual(["other.json, it"]);
});

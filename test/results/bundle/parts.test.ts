import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Variation } from "../../../src/contracts/results/variation.ts";
import {
  bundlesIn,
  readVariation,
  variationName,
  writeVariation,
} from "../../../src/results/bundle/parts.ts";
import { readBundle } from "../../../src/results/bundle/reader.ts";
import { openValidator } from "../schemas.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";

const variation: Variation = {
  name: "nightly",
  tags: { branch: "main" },
  options: [{ name: "committee", values: [4, 7] }],
  points: [
    { values: [4], bundle: "committee=4", status: "finished" },
    { values: [7], bundle: "committee=7", status: "not-run" },
  ],
  baseline: "committee=4",
  assertions: [
    {
      ...{ bundle: "committee=7", loadTps: 100, assertion: "throughput>-10%", value: 95, baseline: 100 },
      ...{ ratio: 0.95, confidence: { low: 0.93, high: 0.97 }, passed: true },
    },
    {
      ...{ bundle: "committee=7", loadTps: 200, assertion: "throughput>-10%", passed: false },
      reason: "run 1 is invalid",
    },
  ],
};

async function written(folder: string, change: (document: Record<string, never>) => unknown) {
  await writeVariation(folder, variation);
  const path = join(folder, variationName);
  const document = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify(change(document)));
}

test("a variation is written in its form, and read again", async () => {
  await using temporary = await makeTemporaryFolder();
  const folder = join(temporary.path, "new");
  await writeVariation(folder, variation);
  expect(await readVariation(folder)).toEqual({ schema: undefined, ...variation });
  const text = await readFile(join(folder, variationName), "utf8");
  expect((await openValidator("variation"))(JSON.parse(text))).toEqual([]);
  // It shows the bundles of points that were begun.
  expect(await bundlesIn(folder)).toEqual([folder]);
  await mkdir(join(folder, "committee=4"));
  await mkdir(join(folder, "local"));
  expect(await bundlesIn(folder)).toEqual([join(folder, "committee=4")]);
  await expect(readBundle(folder)).rejects.toThrow(
    /it is not a bundle, but may contain some\. Name one: .*committee=4\.$/,
  );
});

describe("is refused", () => {
  const point = (bundle: unknown, values: unknown = [4]) => ({ values, bundle, status: "finished" });
  const withPoints =
    (...points: readonly unknown[]) =>
    (document: object) => ({ ...document, points });
  test.each<[string, (document: Record<string, never>) => unknown]>([
    ["a bundle elsewhere", withPoints(point("../committee=4"))],
    ["a bundle by its path", withPoints(point("/etc"))],
    ["a bundle above", withPoints(point(".."))],
    ["a hidden bundle", withPoints(point(".x"))],
    ["a bundle without a name", withPoints(point(""))],
    ["a name that steers a terminal", withPoints(point("a\u001b[2Jb"))],
    ["one bundle for two points", withPoints(point("a"), point("a", [7]))],
    ["a point twice", withPoints(point("a"), point("b"))],
    ["a value too many", withPoints(point("a", [4, 7]))],
    ["a value that is none of them", withPoints(point("a", [5]))],
    ["no point", withPoints()],
    ["too many points", withPoints(...Array.from({ length: 101 }, (_, at) => point(`p${at}`)))],
    ["another form", (document) => ({ ...document, schema: "baleen.variation/2" })],
    [
      "an option without values",
      (document) => ({ ...document, options: [{ name: "committee", values: [] }] }),
    ],
    ["an unknown status", withPoints({ ...point("a"), status: "good" })],
    ["no object", () => []],
  ])("%s", async (_, change) => {
    await using temporary = await makeTemporaryFolder();
    await written(temporary.path, change);
    await expect(readVariation(temporary.path)).rejects.toThrow(/variation\.json: /);
  });

  test("what is no JSON, and what is too large", async () => {
    await using temporary = await makeTemporaryFolder();
    await writeFile(join(temporary.path, variationName), "{");
    await expect(readVariation(temporary.path)).rejects.toThrow(/it is not JSON/);
    await expect(bundlesIn(temporary.path)).rejects.toThrow(/it is not JSON/);
  });
});

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findBundle, parseBundleName } from "../../../src/results/bundle/find-bundle.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";

const names = [
  "20240115T103000Z-local-3f9a2c1e",
  "20240115T113000Z-both-3f9b0000",
  "20240116T080000Z-remote-77aa0011",
  "zz-by-hand",
];

async function openFolder() {
  const folder = await makeTemporaryFolder();
  for (const name of names) await mkdir(join(folder.path, name));
  // What is no folder is no bundle.
  await writeFile(join(folder.path, "20250101T000000Z-local-ffffffff"), "");
  return folder;
}

test.each([
  ["last", names[2]],
  ["20240115T1030", names[0]],
  ["3f9a", names[0]],
  ["3f9b/local", `${names[1]}/local`],
  ["last/logs", `${names[2]}/logs`],
  ["zz", names[3]],
  [String(names[0]), names[0]],
])("%s is found", async (word, name) => {
  await using folder = await openFolder();
  expect(await findBundle(word, folder.path)).toBe(join(folder.path, String(name)));
});

describe("what runs were called", () => {
  async function openNamed() {
    const folder = await makeTemporaryFolder();
    const write = async (path: string, schema: string, name: unknown) => {
      await mkdir(join(folder.path, path, ".."), { recursive: true });
      await writeFile(join(folder.path, path), JSON.stringify({ schema, name }));
    };
    await write(`${names[0]}/parameters.json`, "baleen.parameters/1", "nightly");
    await write(`${names[1]}/local/parameters.json`, "baleen.parameters/1", "both/nightly");
    await write("20240117T080000Z-variation-88aa0011/variation.json", "baleen.variation/1", "of sizes");
    await write("20240118T080000Z-local-99aa0011/parameters.json", "baleen.parameters/1", "twice");
    await write("20240119T080000Z-local-aaaa0011/parameters.json", "baleen.parameters/1", "twice");
    await write("20240120T080000Z-local-bbaa0011/parameters.json", "baleen.parameters/1", 7);
    await mkdir(join(folder.path, "20240121T080000Z-local-ccaa0011"));
    return folder;
  }

  test.each([
    ["nightly", names[0]],
    ["nightly/logs", `${names[0]}/logs`],
    ["both/nightly", names[1]],
    ["of sizes", "20240117T080000Z-variation-88aa0011"],
    ["of sizes/committee=4", "20240117T080000Z-variation-88aa0011/committee=4"],
  ])("%s is found", async (word, name) => {
    await using folder = await openNamed();
    expect(await findBundle(word, folder.path)).toBe(join(folder.path, String(name)));
  });

  test.each([
    [
      "twice",
      /^Cannot use twice: 2 bundles in .* have this name: 20240118.*, 20240119.*\. Use the id of one\.$/,
    ],
    ["night", /^Cannot use night: there is no such file or folder, and no bundle in .* with this name/],
  ])("%s is refused", async (word, message) => {
    await using folder = await openNamed();
    await expect(findBundle(word, folder.path)).rejects.toThrow(message);
  });
});

test("a path is taken as it is, whether or not anything is there; one that is there before a beginning", async () => {
  await using folder = await openFolder();
  for (const path of ["/nowhere/at/all", "./last", "../x", "package.json", "src"]) {
    expect(await findBundle(path, folder.path)).toBe(path);
  }
});

test.each([
  [
    "2024",
    /^Cannot use 2024: 3 bundles in .* begin this way: 20240115T103000Z-local-3f9a2c1e, .*\. Enter more characters\.$/,
  ],
  ["3f9", /^Cannot use 3f9: 2 bundles in /],
  [
    "3f9c",
    /^Cannot use 3f9c: there is no such file or folder, and no bundle in .*\. List bundles with: npx baleen ls$/,
  ],
])("%s is refused", async (word, message) => {
  await using folder = await openFolder();
  await expect(findBundle(word, folder.path)).rejects.toThrow(message);
});

test("last of an empty or a missing folder is refused", async () => {
  await using folder = await makeTemporaryFolder();
  for (const path of [folder.path, join(folder.path, "none")]) {
    await expect(findBundle("last", path)).rejects.toThrow(`Cannot use last: there is no bundle in ${path}.`);
  }
});

test("a name tells when its sweep began, and its id", () => {
  expect(parseBundleName("20240115T103000Z-local-3f9a2c1e")).toEqual({
    startedAt: "2024-01-15T10:30:00.000Z",
    kind: "local",
    id: "3f9a2c1e",
  });
  expect(parseBundleName("20240115T103000Z-elsewhere-3f9a2c1e")).toBeUndefined();
});

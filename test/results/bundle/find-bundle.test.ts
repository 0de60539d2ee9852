import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
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

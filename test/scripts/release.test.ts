import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { copyPackage, type PackageCopy } from "./package-copy.ts";

const head = "# Changelog\n\nThe form of this file.\n\n";
const entries = "### Added\n- One, with a `$&` in it.\n\n### Fixed\n- Two.\n";
const older = "\n## [0.9.0] - 2020-01-02\n\n### Added\n- Before.\n";
const files = ["CHANGELOG.md", "package.json", "package-lock.json"] as const;

/** Settings of the machine, such as signing, have no say. */
const gitSettings = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
const git = (cwd: string, ...args: string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], {
    cwd,
    env: { ...process.env, ...gitSettings },
    encoding: "utf8",
  });

/** A repository at version 0.9.0, everything committed. */
async function repository(changelog = `${head}## [Unreleased]\n\n${entries}${older}`): Promise<PackageCopy> {
  const copy = await copyPackage();
  const manifest = { name: "p", version: "0.9.0" };
  const packages = { "": manifest, "node_modules/q": { version: "0.9.0" } };
  await copy.write("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
  await copy.write("package-lock.json", `${JSON.stringify({ ...manifest, packages }, null, 2)}\n`);
  await copy.write("CHANGELOG.md", changelog);
  git(copy.root, "init", "--quiet");
  git(copy.root, "add", "--all");
  git(copy.root, "commit", "--quiet", "--message", "all");
  return copy;
}

const readAll = async (copy: PackageCopy) =>
  await Promise.all(files.map((file) => readFile(join(copy.root, file), "utf8")));

const release = (copy: PackageCopy, ...args: string[]) => copy.run("scripts/release.mjs", args, gitSettings);

describe("release", () => {
  test("moves what is unreleased below the version, sets it, and prints the commands that are left", async () => {
    await using copy = await repository();
    const { code, stdout, stderr } = await release(copy, "0.10.0");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n").slice(1)).toEqual([
      '  git commit --all --message "chore: release 0.10.0"',
      '  git tag --annotate v0.10.0 --message "Baleen 0.10.0"',
      "",
    ]);
    const [changelog = "", manifest = "", lock = ""] = await readAll(copy);
    const [, date = ""] = /## \[0\.10\.0\] - (.*)\n/.exec(changelog) ?? [];
    expect(date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(Math.abs(Date.now() - Date.parse(date))).toBeLessThan(2 * 86_400_000);
    expect(changelog).toBe(`${head}## [Unreleased]\n\n## [0.10.0] - ${date}\n\n${entries}${older}`);
    expect(manifest).toBe('{\n  "name": "p",\n  "version": "0.10.0"\n}\n');
    expect(JSON.parse(lock)).toMatchObject({
      version: "0.10.0",
      packages: { "": { version: "0.10.0" }, "node_modules/q": { version: "0.9.0" } },
    });
    git(copy.root, "commit", "--quiet", "--all", "--message", "chore: release 0.10.0");
    expect((await release(copy, "0.10.1")).stderr).toBe(
      'error: the section "## [Unreleased]" of CHANGELOG.md has no entries\n',
    );
  });

  test("reports everything that is wrong at once, and changes nothing", async () => {
    await using copy = await repository(`${head}## [Unreleased]\n\n### Added\n${older}`);
    await copy.write("notes.txt", "not committed");
    git(copy.root, "tag", "v0.8.0");
    const before = await readAll(copy);
    const { code, stdout, stderr } = await release(copy, "0.8.0");
    expect([code, stdout]).toEqual([2, ""]);
    for (const expected of [
      "not newer than 0.9.0",
      "no entries",
      "not clean",
      "notes.txt",
      "v0.8.0 exists",
    ]) {
      expect(stderr).toContain(expected);
    }
    expect(await readAll(copy)).toEqual(before);
  });

  test("--check changes nothing", async () => {
    await using copy = await repository();
    const before = await readAll(copy);
    expect(await release(copy, "--check", "1.0.0")).toEqual({
      code: 0,
      stdout: "1.0.0 can be released.\n",
      stderr: "",
    });
    expect(await readAll(copy)).toEqual(before);
  });

  test.each([
    ["the version that there is", "0.9.0", /not newer/],
    ["an older version", "0.8.9", /not newer/],
    ["a version with a letter", "v1.0.0", /usage/],
    ["a version with a leading zero", "1.00.0", /usage/],
    ["two numbers", "1.0", /usage/],
    ["no version", "--check", /usage/],
    ["two versions", "1.0.0 1.0.1", /usage/],
    ["another flag", "1.0.0 --force", /usage/],
  ])("refuses %s", async (_, words, expected) => {
    await using copy = await repository();
    const { code, stderr } = await release(copy, ...words.split(" "));
    expect([code, stderr]).toEqual([2, expect.stringMatching(expected)]);
  });

  test.each([
    ["no section for what is unreleased", `${head}${older}`, /no section "## \[Unreleased\]"/],
    ["that version already", `${head}## [Unreleased]\n\n${entries}\n## [1.0.0] - x\n`, /section 1\.0\.0/],
  ])("refuses a changelog that has %s", async (_, changelog, expected) => {
    await using copy = await repository(changelog);
    const { code, stderr } = await release(copy, "1.0.0");
    expect([code, stderr]).toEqual([2, expect.stringMatching(expected)]);
  });
});

import { execFile } from "node:child_process";
import { basename } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { copyPackage } from "./package-copy.ts";

const run = promisify(execFile);

test("the packed package holds what is needed, and nothing that only a checkout can use", {
  tags: "full",
}, async () => {
  const manifests = ["LICENSE", "README.md", "package.json", ".npmrc"];
  const parts = ["bin", "compose", "examples", "links", "schema", "timelines", "tools", ...manifests];
  await using copy = await copyPackage(...parts);
  await copy.write("dist/cli/main.js", "");
  await copy.write("dist/.sources", "");
  const { code, stdout } = await copy.run("scripts/pack.mjs", []);
  expect(code).toBe(0);
  const tarball = stdout.trim();
  expect(basename(tarball)).toMatch(/^baleen-\d+\.\d+\.\d+\.tgz$/);
  const { stdout: listing } = await run("tar", ["-tzf", tarball]);
  const files = listing.trim().split("\n");
  for (const path of [
    "bin/benchmark.js",
    "bin/launch.cjs",
    "compose/docker-compose.yml",
    "dist/cli/main.js",
    "examples/configurations/smoke.yaml",
    "examples/github-actions.yml",
    "examples/lib.sh",
    "examples/run_benchmark_auto.sh",
    "links/aws-5.yaml",
    "tools/peer-library/package-lock.json",
    "schema/run.schema.json",
    "LICENSE",
    "README.md",
  ]) {
    expect(files).toContain(`package/${path}`);
  }
  expect(files.filter((path) => /\.sources|scripts\/|tools\/(?!peer-library\/)|test\//.test(path))).toEqual(
    [],
  );
  const { stdout: manifest } = await run("tar", ["-xzOf", tarball, "package/package.json"]);
  expect(manifest).not.toContain("file:");
  expect(Object.keys(JSON.parse(manifest))).not.toContain("private");
});

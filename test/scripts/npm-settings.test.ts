import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const settings = fileURLToPath(new URL("../../.npmrc", import.meta.url));

test("npx says nothing of its own where the machine's Node.js is older than the package wants", async () => {
  const root = await mkdtemp(join(tmpdir(), "baleen-npm-"));
  try {
    const project = join(root, "project");
    await mkdir(join(project, "bin"), { recursive: true });
    await copyFile(settings, join(project, ".npmrc"));
    const manifest = { name: "p", version: "1.0.0", bin: { p: "bin/p.js" }, engines: { node: ">=99" } };
    await writeFile(join(project, "package.json"), JSON.stringify(manifest));
    const program = '#!/usr/bin/env node\nconsole.log("ran");\n';
    await writeFile(join(project, "bin", "p.js"), program, { mode: 0o755 });
    const env = { PATH: process.env.PATH, HOME: root };
    const said = await promisify(execFile)("npx", ["p"], { cwd: project, env, timeout: 60_000 });
    expect(said).toEqual({ stdout: "ran\n", stderr: "" });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}, 60_000);

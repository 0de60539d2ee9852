import { execFile } from "node:child_process";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { copyPackage } from "../scripts/package-copy.ts";

const packages = fileURLToPath(new URL("../../node_modules", import.meta.url));

test("a script builds what is not built, says so, and the next one finds it done", {
  tags: "full",
  timeout: 300_000,
}, async () => {
  const manifests = [
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "tsconfig.build.json",
    "tsconfig.browser.json",
  ];
  await using copy = await copyPackage("bin", "examples", "src", ...manifests);
  await symlink(packages, join(copy.root, "node_modules"));
  // From the folder's own place, as one who has just cloned it would.
  const script = join("examples", "run_benchmark_auto.sh");
  const run = () => promisify(execFile)(script, ["--version"], { cwd: copy.root });
  expect(await run()).toEqual({ stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: "Building …\n" });
  expect(await run()).toMatchObject({ stderr: "" });
});

test("without Node.js a script says what is missing", async () => {
  await using copy = await copyPackage("examples");
  for (const name of ["dirname", "readlink"]) await copy.write(`machine/${name}`, shim(name));
  const script = join(copy.root, "examples", "local_network.sh");
  const env = { PATH: join(copy.root, "machine") };
  const ended = promisify(execFile)("/bin/bash", [script], { env });
  await expect(ended).rejects.toMatchObject({
    code: 2,
    stdout: "",
    stderr: "error: Node.js is not on PATH. Install it (https://nodejs.org), and try again.\n",
  });
});

/** The machine's own program of that name. */
const shim = (name: string) => `#!/bin/sh\nPATH=/usr/local/bin:/usr/bin:/bin exec ${name} "$@"\n`;

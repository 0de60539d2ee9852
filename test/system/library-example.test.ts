import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";

test("the README's library example runs as it stands, on the built package", async () => {
  const example = fileURLToPath(new URL("../../examples/library.ts", import.meta.url));
  await using folder = await makeTemporaryFolder();
  const { stdout } = await promisify(execFile)(process.execPath, [example], {
    env: { ...process.env, TMPDIR: folder.path },
    timeout: 120_000,
  });
  expect(stdout).toMatch(/^second 0: \d+ committed$/m);
  expect(stdout).toMatch(/^[\d.]+ tx\/s, 1000 committed, 0 failed: (valid|generator-limited)$/m);
  expect(stdout).toMatch(/^commit latency: p50 [\d.]+ ms, p99 [\d.]+ ms$/m);
});

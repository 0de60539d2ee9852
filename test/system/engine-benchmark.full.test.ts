import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("../../benchmarks/suite/engine.ts", import.meta.url));

test("the engine's own costs are told part by part, of one client of two", async () => {
  const few = ["--transactions", "20000", "--rounds", "1", "--rates", "500", "--clients", "2"];
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...few]);
  for (const part of ["one value into a histogram", "due time", "books: due, sent", "the engine, commits"]) {
    expect(stdout).toMatch(new RegExp(`\\| ${part}.*\\| +\\d+\\.\\d `));
  }
  for (const pacing of ["precise", "balanced", "eco"]) expect(stdout).toContain(`| 500 tx/s, ${pacing}`);
});

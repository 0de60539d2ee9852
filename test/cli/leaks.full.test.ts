/** Memory of nodes that grows on and on, from real processes to a failed assertion. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openSetting } from "./setting.ts";

const file = fileURLToPath(new URL("leaks/leaks.yaml", import.meta.url));
const mib = 1024 ** 2;

interface PublishedNode {
  readonly name: string;
  readonly memory_growth: { readonly bytes_per_hour: number; readonly leaks: boolean };
}

test("nodes that leak are named with their rate, the others are not, and a pipeline is stopped", async () => {
  await using setting = await openSetting();
  const load = ["--loads=10", "--duration=90", "--committee=8"];
  const args = ["--protocol", file, "--runtime=process", "--protocol-option=leak=12", ...load];
  const { code, stdout } = await setting.start("benchmark", [...args, "--assert=leaking_nodes<=0"], {
    longestMs: 170_000,
  }).ended;
  expect(code).toBe(3);
  expect(stdout).toContain("MEMORY GROWS: of 4 of 8 nodes, after the first quarter of the window");
  expect(stdout).toMatch(/leaking_nodes<=0 +4 +0 FAILED/);
  const bundle = await setting.bundle();
  const name = (await readdir(bundle)).find((one) => one.startsWith("local_benchmark_1_")) ?? "";
  const { nodes } = JSON.parse(await readFile(join(bundle, name), "utf8")) as {
    readonly nodes: PublishedNode[];
  };
  for (const [place, { memory_growth: growth }] of nodes.entries()) {
    expect(growth.leaks).toBe(place % 2 === 1);
    if (growth.leaks) expect(growth.bytes_per_hour / (720 * mib)).toBeCloseTo(1, 0);
  }
  expect((await setting.start("baleen", ["verify", bundle]).ended).code).toBe(0);
});

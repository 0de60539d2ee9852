/** The last step of docs/your-own-node.md, followed: its system, and its two-line command with crash faults. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandsOf, readGuide } from "../support/guide.ts";
import { openSetting } from "./setting.ts";

test("one replica after the other is killed and comes back, and nothing is lost but what was on its way", async () => {
  await using setting = await openSetting();
  const { node, descriptions } = readGuide();
  await mkdir(join(setting.home, "my-node"));
  await writeFile(join(setting.home, "my-node", "node.mjs"), node);
  await writeFile(join(setting.home, "my-node", "my-node.yaml"), descriptions.at(-1) ?? "");
  const command = commandsOf("your-own-node.md", "benchmark").find((argv) => argv.includes("--faults"));
  expect(command).toContain("--crash-interval");
  const { code, stdout } = await setting.start("benchmark", [...(command ?? []), "--json"]).ended;
  expect(code).toBe(0);
  const { runs } = JSON.parse(stdout) as { readonly runs: readonly { readonly results: RunResults }[] };
  const { results } = runs[0] ?? {};
  expect(results?.faults.map(({ node, action }) => `${node} ${action}`)).toEqual([
    "node2 crash",
    "node2 recover",
    "node1 crash",
    "node1 recover",
  ]);
  expect(results?.redirected_transactions).toBeGreaterThan(100);
  expect(results?.successful_transactions).toBeGreaterThan(1900);
});

interface RunResults {
  readonly faults: readonly { readonly node: string; readonly action: string }[];
  readonly redirected_transactions: number;
  readonly successful_transactions: number;
}

/** A node that commits other blocks than the rest, on stand-ins: it is caught, and shown with what each node holds. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isDriven } from "../../src/metrics/stats/run-metrics.ts";
import { readBundle } from "../../src/results/bundle/reader.ts";
import { openValidator } from "../results/schemas.ts";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";
import type { Behaviour } from "../stand-in/config.ts";
import { benchmark } from "./in-process.ts";

interface RunJson {
  readonly safety: {
    readonly compared_heights: number;
    readonly prefix?: { readonly height: number; readonly nodes: readonly string[] };
    readonly forks: readonly {
      readonly height: number;
      readonly seen: string;
      readonly shown: readonly { readonly node: string; readonly fingerprint: string }[];
    }[];
  };
  readonly verdict: { readonly status: string; readonly reasons: readonly string[] };
}

const args = ["--network-type=local", "--loads=40", "--duration=3", "--warm-up=0", "--drain=1"];
// Blocks come at one pace on all nodes, since they are at the same height at about the same time.
const honest: Behaviour = { replyDelayMs: 1, commit: { kind: "every", ms: 50 } };
const forked: Behaviour = { ...honest, forkAtHeight: 5 };

/** Three nodes, of which the last one is another. */
async function runWith(odd: Behaviour) {
  await using temporary = await makeTemporaryFolder();
  const folder = temporary.path;
  const behaviour = (index: number) => (index === 2 ? odd : honest);
  const { code, stdout } = await benchmark(args, { folder, behaviour, nodes: 3 });
  const [name] = await readdir(join(folder, "benchmarks"));
  const bundle = join(folder, "benchmarks", String(name));
  const file = await readFile(join(bundle, "local_benchmark_1_40txs.json"), "utf8");
  const run = JSON.parse(file) as RunJson;
  expect((await openValidator("run"))(run)).toEqual([]);
  const [read] = (await readBundle(bundle)).runs.filter(isDriven);
  return { code, stdout, run, read };
}

/** node2 shows one block, those of the others that had come so far another; the text has both hashes whole. */
function expectShown({ run, stdout }: { run: RunJson; stdout: string }): void {
  for (const { height, shown } of run.safety.forks) {
    expect(height).toBeGreaterThanOrEqual(5);
    const odd = shown.find(({ node }) => node === "node2")?.fingerprint;
    const others = shown.filter(({ node }) => node !== "node2");
    const [usual, ...further] = new Set(others.map(({ fingerprint }) => fingerprint));
    expect([odd, usual]).toEqual([
      expect.stringMatching(/^[0-9A-F]{64}$/),
      expect.stringMatching(/^[0-9A-F]{64}$/),
    ]);
    expect(usual).not.toBe(odd);
    expect(further).toEqual([]);
    expect(stdout).toContain(`    ${odd}: node2\n`);
    expect(stdout).toContain(`    ${usual}: ${others.map(({ node }) => node).join(", ")}\n`);
  }
}

describe("a node that forks", () => {
  test("while its commits are watched is caught: invalid, exit 3, both blocks shown", async () => {
    const outcome = await runWith(forked);
    expect(outcome.code).toBe(3);
    const { run, stdout, read } = outcome;
    expect(run.verdict.status).toBe("invalid");
    expect(run.safety.forks.filter(({ seen }) => seen === "during")).not.toEqual([]);
    expect(stdout).toContain("\nSAFETY: FORK: nodes committed different blocks\n");
    expect(stdout).toMatch(/^ {2}Height \d+, while the run went on:$/m);
    expect(read?.safety?.forks).toEqual(run.safety.forks);
    expectShown(outcome);
  });

  test("and hides it from those who watch is caught by asking after the run", async () => {
    const outcome = await runWith({ ...forked, forkHidden: true });
    expect(outcome.code).toBe(3);
    const { run, stdout } = outcome;
    expect(run.safety.compared_heights).toBeGreaterThan(0);
    expect(run.safety.forks).toMatchObject([{ seen: "after" }]);
    const [fork] = run.safety.forks;
    expect(run.verdict.reasons).toContainEqual(
      expect.stringContaining(`nodes disagree on the committed prefix at height ${fork?.height}: node0 `),
    );
    expect(stdout).toContain(`\n  Height ${fork?.height}, asked for after the run:\n`);
    expectShown(outcome);
  });

  test("is none: all nodes show the same, during the run and after it", async () => {
    const { code, run, stdout } = await runWith(honest);
    expect(code).toBe(0);
    expect(run.safety.forks).toEqual([]);
    expect(run.safety.compared_heights).toBeGreaterThan(10);
    expect(run.safety.prefix?.nodes).toEqual(["node0", "node1", "node2"]);
    expect(stdout).toContain("\nSAFETY: no fork seen\n");
  });
});

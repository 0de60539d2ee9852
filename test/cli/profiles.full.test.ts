/** Load profiles and phases, from the command line to a bundle that verifies. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runVerify } from "../../src/cli/commands/results/verify.ts";
import { readFiles } from "../../src/results/verify/contents/files.ts";
import { verifyBundle } from "../../src/results/verify/verify.ts";
import { verifyFiles } from "../../src/results/verify/verify-bundle.ts";
import { runAlone } from "../cli-unit/command-setting.ts";
import { openValidator } from "../results/schemas.ts";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";
import { buildStandInProtocol } from "../stand-in/protocol.ts";
import { benchmark } from "./in-process.ts";

const protocol = buildStandInProtocol({ replyDelayMs: 1, commit: { kind: "after", ms: 20 } });

interface PublishedPhase {
  readonly scheduled_transactions: number;
  readonly successful_transactions: number;
  readonly observed: number;
}

interface PublishedRun {
  readonly results: Readonly<Record<string, unknown>> & { readonly phases: readonly PublishedPhase[] };
  readonly ledger: { readonly scheduled: number };
}

async function bundleIn(folder: string): Promise<string> {
  const [name = ""] = await readdir(join(folder, "benchmarks"));
  return join(folder, "benchmarks", name);
}

async function readRun(bundle: string): Promise<PublishedRun> {
  const name = (await readdir(bundle)).find((one) => one.startsWith("local_benchmark_1_"));
  return JSON.parse(await readFile(join(bundle, name ?? ""), "utf8")) as PublishedRun;
}

test("phases of a file have results of their own, beside crashes that cut the run elsewhere", async () => {
  await using folder = await makeTemporaryFolder();
  const day =
    "- {name: quiet, duration: 1.5, level: 0.5}\n- {name: rise, duration: 1, profile: 'ramp:0.5..2'}\n";
  const faults = ["--faults=1", "--allow-no-quorum", "--drain=1"];
  const { code, stdout } = await benchmark(["--loads=40", "--phases=day.yaml", "--warm-up=1", ...faults], {
    folder: folder.path,
    nodes: 2,
    files: { "day.yaml": day },
  });
  expect([0, 3]).toContain(code);
  expect(stdout).toContain("Load Profile: phases quiet (1.5s, ×0.5), rise (1s, ramp from ×0.5 to ×2)");
  expect(stdout).toMatch(/^PHASES .*commits seen in its time\):$/m);
  const bundle = await bundleIn(folder.path);
  const run = await readRun(bundle);
  expect((await openValidator("run"))(run)).toEqual([]);
  // 1.5 s at 20 tx/s, and the mean of 20 and 80 tx/s for a second.
  expect(run.results).toMatchObject({
    offered_load: 32,
    phases: [
      { name: "quiet", from_secs: 0, to_secs: 1.5, scheduled_transactions: 30, offered_load: 20 },
      { name: "rise", from_secs: 1.5, to_secs: 2.5, scheduled_transactions: 50, offered_load: 50 },
    ],
    stretches: [
      { from_secs: -1, to_secs: 0 },
      { from_secs: 0, to_secs: 2.5 },
    ],
  });
  const { differences } = await verifyBundle(bundle, () => protocol);
  expect(differences).toEqual([]);
});

test("every count of a step that is changed is found, whatever the manifest says", async () => {
  await using folder = await makeTemporaryFolder();
  const argv = ["--loads=60", "--duration=2", "--warm-up=1", "--profile=steps:0.5,1.5", "--arrival=poisson"];
  expect(await benchmark(argv, { folder: folder.path })).toMatchObject({ code: 0 });
  const bundle = await bundleIn(folder.path);
  const setting = {
    command: runVerify,
    name: "verify",
    backend: { openProtocol: () => ({ protocol, diagnostics: [] }) },
  } as const;
  expect(await runAlone([bundle], setting)).toMatchObject({ code: 0 });
  const run = await readRun(bundle);
  expect(run.results.phases).toMatchObject([
    { name: "step 1", scheduled_transactions: expect.any(Number) },
    { name: "step 2" },
  ]);
  expect(run.ledger.scheduled).toBe(120);
  const files = await readFiles(bundle);
  const [name = "", text = ""] = [...files].find(([file]) => file.startsWith("local_benchmark_1_")) ?? [];
  const from = text.indexOf('"phases": [');
  // Every third one, since each is a verification of the whole bundle.
  const all = [...text.slice(from, text.indexOf("]", from)).matchAll(/\d/g)];
  const digits = all.filter((_, place) => place % 3 === 0);
  expect(digits.length).toBeGreaterThan(20);
  for (const { index, 0: digit } of digits) {
    const at = from + index;
    const edited = `${text.slice(0, at)}${(Number(digit) + 1) % 10}${text.slice(at + 1)}`;
    const { differences } = verifyFiles(new Map([...files, [name, edited]]), () => protocol);
    expect(differences.length, text.slice(text.lastIndexOf("\n", at) + 1, at + 1)).toBeGreaterThan(0);
  }
});

test("a closed loop is named as one wherever it is told, and offers nothing", async () => {
  await using folder = await makeTemporaryFolder();
  const argv = ["--profile=closed:2,4", "--duration=2", "--warm-up=1", "--lateness-floor-ms=50"];
  const { code, stdout } = await benchmark(argv, { folder: folder.path });
  expect(code).toBe(0);
  expect(stdout).toContain("Loads: 2, 4 in flight");
  expect(stdout).toContain("Input Load: 4 in flight\nLoad Profile: closed loop");
  expect(stdout).toContain("Closed loop: a slow network delays the next send");
  expect(stdout).not.toContain("Efficiency: ");
  const bundle = await bundleIn(folder.path);
  const names = await readdir(bundle);
  expect(names).toEqual(
    expect.arrayContaining(["local_benchmark_1_2inflight.json", "local_benchmark_2_4inflight.json"]),
  );
  const run = await readRun(bundle);
  expect((await openValidator("run"))(run)).toEqual([]);
  expect(run).toMatchObject({ kind: "closed-loop", parameters: { load: 2, profile: { kind: "closed" } } });
  for (const key of ["offered_load", "efficiency_percent", "backlog_growth_percent"]) {
    expect(run.results).not.toHaveProperty(key);
  }
  expect((await verifyBundle(bundle, () => protocol)).differences).toEqual([]);
});

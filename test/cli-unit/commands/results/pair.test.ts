/** `last` and ids after `benchmark --network-type both`, and a sweep that was killed. */
import { appendFile, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCompare } from "../../../../src/cli/commands/results/compare.ts";
import { runReport, runShow } from "../../../../src/cli/commands/results/report.ts";
import { runVerify } from "../../../../src/cli/commands/results/verify.ts";
import type { CommandName } from "../../../../src/cli/options/command-table.ts";
import type { Command } from "../../../../src/cli/terminal/context.ts";
import { claimBundle } from "../../../../src/results/bundle/claim.ts";
import { runOf } from "../../../results/sample-comparisons.ts";
import { sweepParameters } from "../../../results/sample-results.ts";
import { openValidator } from "../../../results/schemas.ts";
import { storeBundle, storedRun } from "../../../results/stored-bundle.ts";
import { makeTemporaryFolder } from "../../../results/temporary-folder.ts";
import { runAlone } from "../../command-setting.ts";

const commands = { show: runShow, report: runReport, verify: runVerify, compare: runCompare } as const;

async function say(name: keyof typeof commands & CommandName, argv: readonly string[], json = false) {
  const command: Command = commands[name];
  return await runAlone(argv, { command, name, settings: { json } });
}

type Side = "local" | "remote";

async function storeSide(folder: string, side: Side, throughputTps: number, endedEarly?: string) {
  const runs = [runOf({ throughputTps, parameters: { networkType: side } })];
  const parameters = { ...sweepParameters, networkType: side, loadsTps: [100] };
  const stored = await storeBundle(folder, { runs, parameters, ...(endedEarly && { endedEarly }) });
  return stored;
}

/** An output folder whose newest bundle is of both networks. */
async function storePair(folder: string, remoteEnd?: string): Promise<string> {
  const pair = join(folder, "20240116T103000Z-both-3f9b0000");
  await mkdir(pair);
  await rename(await storeSide(folder, "local", 95), join(pair, "local"));
  await rename(await storeSide(folder, "remote", 90, remoteEnd), join(pair, "remote"));
  return pair;
}

describe("the sweeps of both networks", () => {
  test.each(["last", "3f9b"])("are shown one after the other, and compared, as %s", async (word) => {
    await using folder = await makeTemporaryFolder();
    const pair = await storePair(folder.path);
    const { code, stdout } = await say("show", [word, "--output-dir", folder.path]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Network Type: local\n\nVERDICT: 1 of 1 runs valid\n\nSUMMARY\n[\s\S]* 95\.0 [\s\S]*\n\nNetwork Type: remote\n\nVERDICT: 1 of 1 runs valid\n\nSUMMARY\n[\s\S]* 90\.0 /,
    );
    expect(stdout).toContain(`Results: ${join(pair, "local")}\n`);
    expect(stdout).toMatch(/\n\nCOMPARISON\n[\s\S]*Throughput, tx\/s +95\.0 +90\.0 /);
    const json = await say("show", [word, "--output-dir", folder.path], true);
    const document = JSON.parse(json.stdout);
    expect(document).toMatchObject({
      schema: "baleen.both/1",
      bundle: pair,
      local: { schema: "baleen.results/1", bundle: join(pair, "local") },
      remote: { schema: "baleen.results/1", bundle: join(pair, "remote") },
    });
    expect((await openValidator("comparison"))(document.comparison)).toEqual([]);
  });

  test("are reported each: one that fails fails the command; a baseline is of both", async () => {
    await using folder = await makeTemporaryFolder();
    const pair = await storePair(folder.path);
    const last = ["last", "--output-dir", folder.path];
    expect((await say("report", [...last, "--assert=throughput>89"])).code).toBe(0);
    const { code, stdout } = await say("report", [...last, "--assert=throughput>92"]);
    expect(code).toBe(3);
    expect(stdout.match(/^ASSERTIONS/gm)).toHaveLength(2);
    const held = ["--assert=throughput>-1%", "--baseline", pair];
    expect((await say("report", [...last, ...held])).code).toBe(0);
  });

  test("are not compared where one ended early", async () => {
    await using folder = await makeTemporaryFolder();
    await storePair(folder.path, "Interrupted by SIGINT.");
    const { code, stdout } = await say("show", ["last", "--output-dir", folder.path]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nNo comparison: the remote sweep ended early, and an incomplete sweep/);
  });

  test("are compared where only the sweep that explains them ended early, and that is said", async () => {
    await using folder = await makeTemporaryFolder();
    const pair = await storePair(folder.path);
    await rename(await storeSide(folder.path, "local", 80, "Interrupted by SIGINT."), join(pair, "linked"));
    const { code, stdout } = await say("show", ["last", "--output-dir", folder.path]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\n\nCOMPARISON\n[\s\S]*Throughput, tx\/s +95\.0 +90\.0 /);
    const why = "the local sweep with the remote network's delays ended early: Interrupted by SIGINT.";
    expect(stdout).toContain(`\nLinks are not explained: ${why}\n`);
    const json = JSON.parse((await say("show", ["last", "--output-dir", folder.path], true)).stdout);
    expect(json.comparison).toMatchObject({ unexplained: why });
    expect((await openValidator("comparison"))(json.comparison)).toEqual([]);
  });

  test("are verified, and compared by one name, or each with a sweep on its own network", async () => {
    await using folder = await makeTemporaryFolder();
    const pair = await storePair(folder.path);
    const checked = await say("verify", ["last", "--output-dir", folder.path]);
    expect(checked.stdout).toContain("remote: verdicts, recomputed");
    const { code, stdout } = await say("compare", [pair]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/A: .*\/local \(.*\nB: .*\/remote \(/);
    const own = await storeSide(folder.path, "remote", 80);
    expect((await say("compare", [pair, own])).stdout).toMatch(/Throughput, tx\/s +90\.0 +80\.0 /);
    expect((await say("compare", [own, pair])).stdout).toMatch(/Throughput, tx\/s +80\.0 +90\.0 /);
    expect((await say("compare", [own])).diagnostics).toEqual(["the second side is missing. Give B."]);
    expect((await say("compare", [pair, pair])).diagnostics).toEqual([
      expect.stringContaining(`Name one: ${join(pair, "local")} or ${join(pair, "remote")}.`),
    ]);
  });
});

describe("a sweep that was killed", () => {
  async function storeKilled(folder: string): Promise<string> {
    const killed = await storeBundle(folder, { runs: [runOf()], finish: false });
    const envelope = { v: 1, run: storedRun, source: "coordinator", seq: 0, t: "2024-01-15T10:30:00.000Z" };
    const started = { ...envelope, type: "sweep-started", network: "local", runtime: "docker" };
    const last = { ...envelope, seq: 1, t: "2024-01-15T10:34:00.000Z", type: "debug", message: "" };
    await writeFile(join(killed, "events.ndjson"), `${JSON.stringify(started)}\n${JSON.stringify(last)}\n`);
    await appendFile(join(killed, "events.ndjson"), '{"type":"load-sec');
    return killed;
  }

  test("is shown as far as it came", async () => {
    await using folder = await makeTemporaryFolder();
    const killed = await storeKilled(folder.path);
    const { code, stdout } = await say("show", [killed]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^VERDICT: 1 of 1 runs valid\n\nSUMMARY\n[\s\S]*\n +100 +95\.0 /);
    expect(stdout).toContain(
      `\nENDED EARLY after 1 of 3 runs: The end was never written: the command was killed, or its machine stopped. Continue with: npx benchmark --resume ${killed}\n`,
    );
    const json = JSON.parse((await say("show", [killed], true)).stdout);
    expect(json).toMatchObject({
      ...{ run: storedRun, finished_runs: 1, planned_runs: 3 },
      ...{ started: "2024-01-15T10:30:00.000Z", finished: "2024-01-15T10:34:00.000Z" },
      ended_early: expect.stringContaining("The end was never written"),
    });
    expect((await say("report", [killed])).diagnostics).toEqual([
      expect.stringContaining("manifest.json is not there"),
    ]);
  });

  test("is under way where a process writes it", async () => {
    await using folder = await makeTemporaryFolder();
    const bundle = await storeKilled(folder.path);
    await using _held = await claimBundle(bundle, { run: storedRun, command: "benchmark" });
    const { stdout } = await say("show", [bundle]);
    expect(stdout).toContain(
      `\nUNDER WAY after 1 of 3 runs: Process ${process.pid} still writes this bundle`,
    );
  });
});

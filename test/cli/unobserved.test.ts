/** A system whose commits nobody can observe, and which refuses some: tables say so, from the header to the comparison. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCompare } from "../../src/cli/commands/results/compare.ts";
import { runReport } from "../../src/cli/commands/results/report.ts";
import { runVerify } from "../../src/cli/commands/results/verify.ts";
import type { Protocol } from "../../src/contracts/protocol.ts";
import { runAlone } from "../cli-unit/command-setting.ts";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";
import { buildStandInProtocol } from "../stand-in/protocol.ts";
import { benchmark } from "./in-process.ts";

const argv = [
  "--loads=40",
  "--duration=1",
  "--warm-up=0",
  "--drain=2",
  "--request-timeout=0.5",
  "--profile=steps:1,1",
];
const temporary = await makeTemporaryFolder();
const folder = temporary.path;

// The module holds the observed one, so clients run in this thread.
const { observeCommits, history, module, ...blind } = buildStandInProtocol({
  replyDelayMs: 1,
  commit: { kind: "after", ms: 20 },
  // Of the 40: 4 are refused, 2 hung up on, and 1 is never answered.
  ...{ rejectEvery: 10, hangUpEvery: 20, neverAnswerEvery: 40 },
});
const protocol: Protocol = { ...blind, name: "blind" };
const backend = { openProtocol: () => ({ protocol, diagnostics: [] }) };

let stdout = "";
let bundle = "";

beforeAll(async () => {
  const outcome = await benchmark(argv, { folder, protocol });
  expect(outcome).toMatchObject({ code: 0, diagnostics: [] });
  stdout = outcome.stdout;
  bundle = join(folder, "benchmarks", String((await readdir(join(folder, "benchmarks")))[0]));
}, 60_000);

afterAll(() => temporary[Symbol.asyncDispose]());

const fileOf = async (name: string) => await readFile(join(bundle, name), "utf8");

describe("a sweep without commits", () => {
  test("says so in its header, its run's block and its summary table", () => {
    expect([observeCommits, history, module]).not.toContain(undefined);
    expect(stdout).toContain(
      "  Protocol: blind\n  Commits: not observed: throughput, success and latency are those of acknowledgements\n",
    );
    expect(stdout).toContain("LATENCY: response (due to reply)");
    expect(stdout.match(/Commits could not be observed/g)).toHaveLength(2);
    expect(stdout).toContain("Acknowl.");
    expect(stdout).not.toContain("Committed");
  });

  test("shows refusals beside acceptances", () => {
    expect(stdout).toMatch(/\n {2}response .*\n {4}accepted .*\n {4}refused .*\n {2}submit .*\n/);
    expect(stdout).toContain('No reply seen of 3: "≥" is a lower bound that counts them.');
  });

  test("keeps it in its bundle, which verifies", async () => {
    expect(JSON.parse(await fileOf("parameters.json"))).toMatchObject({
      protocol: "blind",
      commits_observed: false,
      protocol_options: {},
    });
    const [run] = (await readdir(bundle)).filter((name) => name.startsWith("local_benchmark"));
    const published = JSON.parse(await fileOf(String(run)));
    const replied = { count: 37, censored: 3 };
    expect(published).toMatchObject({
      parameters: { protocol: "blind" },
      results: {
        latency_kind: "response",
        successful_transactions: 33,
        latency: {
          response: replied,
          response_accepted: { count: 33, censored: 0 },
          response_refused: { count: 4, censored: 0 },
          submit: replied,
          submit_accepted: { count: 33, censored: 0 },
          submit_refused: { count: 4, censored: 0 },
        },
      },
    });
    // What was refused is measured: only what nobody replied to is a bound.
    expect(published.results.latency.response).toHaveProperty("p90_ms");
    expect(published.results.latency.response).toHaveProperty("p95_ms_at_least");
    const counts = published.results.phases.map((phase: { latency: object }) => phase.latency);
    expect(counts).toMatchObject([{ count: 18 }, { count: 19 }]);
    const verified = await runAlone([bundle], { command: runVerify, name: "verify", backend });
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining("AGREES: ") });
  });

  test("is reported and compared as one of replies", async () => {
    const markdown = join(folder, "summary.md");
    await runAlone([bundle, `--markdown=${markdown}`], { command: runReport, name: "report", backend });
    expect(await readFile(markdown, "utf8")).toMatch(/response/);

    const seen = await benchmark(argv, { folder: join(folder, "seen") });
    expect(seen.code).toBe(0);
    const [other] = await readdir(join(folder, "seen", "benchmarks"));
    const sides = [bundle, join(folder, "seen", "benchmarks", String(other))];
    const compared = await runAlone(sides, { command: runCompare, name: "compare" });
    expect(compared.code).toBe(0);
    expect(compared.stdout).toMatch(/^A: .* \(blind, local, 1 run\)$/m);
    expect(compared.stdout).toMatch(/^B: .* \(stand-in, local, 1 run\)$/m);
    expect(compared.stdout).toContain(
      "Different systems: A and B were run with:\n  protocol: blind and stand-in\n",
    );
    expect(compared.stdout).toMatch(/p50 of acceptances, ms +[\d.]+ +- +- +-\n.*p99 of acceptances/);
    expect(compared.stdout).toContain("p50 of refusals, ms");
    expect(compared.stdout).toContain(
      "40 tx/s: A's numbers are of replies, B's of commits; they are not divided",
    );
  });
});

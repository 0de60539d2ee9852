import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runReport } from "../../../../src/cli/commands/results/report.ts";
import { runOf } from "../../../results/sample-comparisons.ts";
import { storeBundle } from "../../../results/stored-bundle.ts";
import { makeTemporaryFolder } from "../../../results/temporary-folder.ts";
import { runAlone } from "../../command-setting.ts";

const report = (argv: readonly string[], json = false) =>
  runAlone(argv, { command: runReport, name: "report", settings: { json } });

const runs = [
  runOf({ throughputTps: 95 }),
  { ...runOf({ loadTps: 200, throughputTps: 190 }), benchmarkNumber: 2 },
];

describe("what report makes for people", () => {
  test("a page, though files beside the runs are missing, and a table of all runs", async () => {
    await using folder = await makeTemporaryFolder();
    const bundle = await storeBundle(folder.path, { runs });
    const [html, csv] = [join(folder.path, "new", "page.html"), join(folder.path, "runs.csv")];
    const { code, stdout } = await report([bundle, "--html", html, "--csv", csv]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^VERDICT: 2 of 2 runs valid\n/);
    const page = await readFile(html, "utf8");
    expect(page).toContain("2 of 2 runs valid");
    expect(page).toContain("Latency against load");
    expect(page).toContain("histograms/1-commit.hlog could not be read");
    expect(page.indexOf("2 of 2 runs valid")).toBeLessThan(page.indexOf("<h2>"));
    expect((await readFile(csv, "utf8")).split("\r\n")).toHaveLength(4);
  });

  test("a chart, which is all that is printed", async () => {
    await using folder = await makeTemporaryFolder();
    const bundle = await storeBundle(folder.path, { runs });
    const { code, stdout } = await report([bundle, "--svg", "latency-load"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" [\s\S]*Latency against load[\s\S]*<\/svg>\n$/,
    );
    expect(stdout).not.toContain("VERDICT");
  });

  test("refuse a chart that there is not, with the names of those that there are, and --json beside one", async () => {
    await using folder = await makeTemporaryFolder();
    const bundle = await storeBundle(folder.path, { runs });
    const { code, stdout, diagnostics } = await report([bundle, "--svg", "latency-lod"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(diagnostics?.join()).toMatch(
      /no chart "latency-lod" .*Did you mean "latency-load"\? Use one of latency-load, throughput-load, ledger/,
    );
    const both = await report([bundle, "--svg", "ledger"], true);
    expect(both.code).toBe(2);
    expect(both.diagnostics?.join()).toContain("--svg and --json");
  });
});

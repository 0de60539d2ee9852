/** Calibrations on stand-ins, and what `compare` makes of them. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readCalibration } from "../../src/results/bundle/comparison-files.ts";
import { readBundle } from "../../src/results/bundle/reader.ts";
import { verifyBundle } from "../../src/results/verify/verify.ts";
import { openValidator } from "../results/schemas.ts";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";
import { buildStandInProtocol } from "../stand-in/protocol.ts";
import { calibrate } from "./in-process.ts";

const short = ["--loads=40,60", "--duration=0.5", "--warm-up=0", "--keep-network"];

describe("calibrate", () => {
  test("runs both sides in turns, keeps the sweep and its noise floors, and shows them", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = temporary.path;
    const { code, stdout } = await calibrate([...short, "--runs=4"], { folder });
    expect(code).toBe(0);
    const [name = "", ...others] = await readdir(join(folder, "benchmarks"));
    expect(others).toEqual([]);
    expect(name).toMatch(/^\d{8}T\d{6}Z-calibration-[0-9a-f]{8}$/);
    const top = join(folder, "benchmarks", name);
    expect((await readdir(top)).sort()).toEqual(["calibration.json", "runs"]);
    const { runs } = await readBundle(join(top, "runs"));
    expect(runs.map(({ parameters }) => parameters.loadTps)).toEqual(Array(8).fill([40, 60]).flat());
    const path = join(top, "calibration.json");
    const document: unknown = JSON.parse(await readFile(path, "utf8"));
    expect((await openValidator("calibration"))(document)).toEqual([]);
    const { networkType, loads, environment } = await readCalibration(path);
    expect(networkType).toBe("local");
    expect(environment).toMatchObject({ tool: { version: "0", node: process.version } });
    expect(loads.map(({ loadTps, runsA, runsB }) => [loadTps, runsA, runsB])).toEqual([
      [40, 4, 4],
      [60, 4, 4],
    ]);
    for (const { metrics, parameters } of loads) {
      const { ratio = 0, noiseFloorRatio = -1 } = metrics.throughput ?? {};
      expect(ratio).toBeGreaterThan(0);
      expect(noiseFloorRatio).toBeGreaterThanOrEqual(0);
      expect(parameters).toMatchObject({ protocol: "stand-in", keep_network: "true", duration: "0.5" });
    }
    expect(stdout).toContain(
      "\nCALIBRATION\n===========\nTwo identical sides in turn. Runs counted: 4 and 4 at 40",
    );
    expect(stdout.endsWith(`\nCalibration: ${path}\n`)).toBe(true);

    const { differences, checks } = await verifyBundle(top, () =>
      buildStandInProtocol({ replyDelayMs: 1, commit: { kind: "after", ms: 20 } }),
    );
    expect(differences).toEqual([]);
    expect(checks.at(-1)).toMatchObject({ title: "calibration.json, made again", differences: 0 });
  });

  test("is one JSON document with --json", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = temporary.path;
    const argv = [...short.slice(1), "--loads=40", "--runs=4", "--no-file-output"];
    const { code, stdout } = await calibrate(argv, { folder, json: true });
    expect(code).toBe(0);
    expect((await openValidator("calibration"))(JSON.parse(stdout))).toEqual([]);
    await expect(readdir(join(folder, "benchmarks"))).rejects.toThrow("ENOENT");
  });

  test("tells all faults before anything is started", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = temporary.path;
    const argv = ["--runs=3", "--network-type=both", "--duration=0", "--resume=x"];
    const { code, diagnostics } = await calibrate(argv, { folder });
    expect(code).toBe(2);
    expect(diagnostics).toEqual(
      expect.arrayContaining([
        "--runs: 3 is below the minimum of 4 runs. Give a whole number of runs from 4 to 500.",
        expect.stringMatching(/^--network-type: "both" means two sweeps/),
        expect.stringMatching(/^--duration: 0 is not above 0/),
        expect.stringMatching(/^--resume: no such option/),
      ]),
    );
    await expect(readdir(join(folder, "benchmarks"))).rejects.toThrow("ENOENT");
  });
});

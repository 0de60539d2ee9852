/** The reference implementation of Mysticeti in Rust, where its program was built: nothing else has it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { findOnPath } from "../../src/core/process/find-program.ts";
import { openSetting } from "./setting.ts";

const file = fileURLToPath(new URL("../../examples/mysticeti-rs/mysticeti-rs.yaml", import.meta.url));
const replica = process.env.MYSTICETI_RS_REPLICA ?? findOnPath("replica", process.env.PATH);
const whyNot =
  replica === undefined
    ? "(SKIPPED: no replica of asonnino/mysticeti; build it as examples/mysticeti-rs/mysticeti-rs.yaml says)"
    : "";

describe.skipIf(replica === undefined)(`asonnino/mysticeti ${whyNot}`, () => {
  test.each([400, 4_000])("four replicas commit %i tx/s of their own, and count alike", async (tps) => {
    await using setting = await openSetting();
    const options = ["--protocol", file, `--protocol-option=replica=${replica}`, "--runtime=process"];
    const load = ["--committee=4", `--loads=${tps}`, "--warm-up=5", "--duration=10"];
    const { code, stderr } = await setting.start("benchmark", [...options, ...load]).ended;
    expect(code, stderr).toBe(0);
    const path = join(await setting.bundle(), `local_native_1_${tps}txs.json`);
    const { results, verdict } = JSON.parse(await readFile(path, "utf8"));
    expect(verdict.status).toBe("valid");
    expect(Math.abs(results.throughput / tps - 1)).toBeLessThan(0.05);
    expect(results.avg_latency_ms).toBeGreaterThan(0);
    expect(results.avg_latency_ms).toBeLessThan(500);
    expect(results.latency_std_dev_ms).toBeGreaterThan(0);
    await setting.expectNothingLeft();
  });
});

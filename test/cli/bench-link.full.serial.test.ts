/** The bench of a link: programs of the user, and networks that are held against plain IP. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { openSetting } from "./setting.ts";

const example = (name: string) =>
  fileURLToPath(new URL(`../../examples/bench-link/${name}`, import.meta.url));
const whyNot = existsSync("/usr/bin/iperf3")
  ? undefined
  : "(SKIPPED: there is no iperf3; npm run test:full installs it as root on Debian or Ubuntu)";

describe.skipIf(whyNot !== undefined)(`one link ${whyNot ?? ""}`, () => {
  test("a native program is within 10 % of plain IP, a wasteful network is not, and the command says so", async () => {
    await using setting = await openSetting();
    const networks = "--vary=protocol.network=reference,native,wasteful";
    const short = ["--loads=800", "--duration=5", "--runs=4", "--output-dir=benchmarks"];
    const { code, stdout, stderr } = await setting.start(
      "benchmark",
      ["--config", example("bench.yaml"), networks, ...short],
      { longestMs: 900_000 },
    ).ended;
    expect([code, code === 3 ? "" : stderr]).toEqual([3, ""]);
    expect(stdout).toContain("Against protocol.network=reference:");
    const folder = await setting.bundle();
    const { baseline, assertions } = JSON.parse(await readFile(join(folder, "variation.json"), "utf8"));
    expect(baseline).toBe("protocol.network=reference");
    expect(assertions).toMatchObject([
      { bundle: "protocol.network=native", load: 800, assertion: "goodput>-10%", passed: true },
      { bundle: "protocol.network=wasteful", load: 800, assertion: "goodput>-10%", passed: false },
    ]);
    const [native, wasteful] = assertions;
    expect(native.ratio_confidence_95.low).toBeGreaterThan(0.9);
    // Heads of 52 bytes in packets of 300.
    expect(wasteful.ratio).toBeLessThan(0.9);
    for (const command of [
      ["verify", folder],
      ["show", folder],
    ]) {
      const { code: good } = await setting.start("baleen", command).ended;
      expect(good).toBe(0);
    }
    const reported = await setting.start("baleen", ["report", folder]).ended;
    expect(reported.code).toBe(3);
    await setting.expectNothingLeft();
  }, 960_000);

  test("a native program that loses 7 packets and doubles 2 in a network namespace is found to have done just that", async () => {
    await using setting = await openSetting();
    const { code, stderr } = await setting.start(
      "benchmark",
      [
        ...["--protocol", example("check.yaml"), "--committee=2", "--runtime=process"],
        ...["--loads=200", "--duration=5", "--cleanup-thorough"],
      ],
      { longestMs: 170_000 },
    ).ended;
    expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
    const run = JSON.parse(
      await readFile(join(await setting.bundle(), "local_native_1_200txs.json"), "utf8"),
    );
    const { flows, interfaces } = run.results.flows;
    expect(flows[0].packets).toMatchObject({ sent: 1000, lost: 7, duplicated: 2, unknown: 0 });
    // Packets of 500 bytes and their heads, 995 of them and some of others.
    const [sent] = interfaces.filter(({ host }: { readonly host: string }) => host === "node0");
    expect(sent.sent_packets).toBeGreaterThanOrEqual(995);
    expect(sent.sent_packets).toBeLessThan(1100);
    await setting.expectNothingLeft();
  });
});

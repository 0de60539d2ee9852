/** The example of a star of real go-libp2p nodes. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { buildLibp2p, whyNoLibp2p } from "../support/libp2p.ts";
import { openSetting, type Setting } from "./setting.ts";

const file = fileURLToPath(new URL("../../examples/libp2p/libp2p.yaml", import.meta.url));
const buildLimitMs = 600_000;

const run = async (setting: Setting, committee: number, ...more: readonly string[]) => {
  const args = [`--protocol=${file}`, `--committee=${committee}`, "--loads=16", "--duration=6", ...more];
  const { code, stdout } = await setting.start("benchmark", args).ended;
  const bundle = await setting.bundle();
  const result = JSON.parse(await readFile(join(bundle, "local_native_1_16txs.json"), "utf8"));
  return { code, stdout, bundle, result, messages: result.results.messages };
};

describe.skipIf(whyNoLibp2p !== undefined)(`a star of go-libp2p nodes ${whyNoLibp2p ?? ""}`, () => {
  beforeAll(async () => {
    await buildLibp2p();
  }, buildLimitMs);

  test("the bootstrap node has a connection for each of the others, and these have one", async () => {
    await using setting = await openSetting();
    const { code, bundle, result, messages } = await run(setting, 8);
    expect([code, result.verdict.status]).toEqual([0, "valid"]);
    expect(messages.helpers).toEqual([{ name: "node8", connections: 8, expected_connections: 8 }]);
    for (const peer of messages.peers)
      expect(peer).toMatchObject({ connections: 1, expected_connections: 1 });
    expect(messages.deliveries).toMatchObject({ missing: 0 });
    expect(messages.deliveries.delivered).toBe(messages.written * 7);
    const [bootstrap] = result.helpers;
    expect(bootstrap).toMatchObject({ name: "node8", role: "bootstrap", exited_unasked: false });
    for (const node of [bootstrap, ...result.nodes]) {
      for (const metric of ["memory_bytes", "cpu_secs", "open_files", "threads", "goroutines"]) {
        expect(node[metric]).toBeGreaterThan(0);
      }
    }
    // A star: each connection takes a file and some goroutines of the bootstrap node.
    expect(bootstrap.open_files).toBeGreaterThanOrEqual(result.nodes[0].open_files + 7);
    const metrics = await readFile(join(bundle, "metrics/1-nodes.openmetrics"), "utf8");
    expect(metrics).toContain("go_goroutines");
    expect((await setting.start("baleen", ["verify", bundle]).ended).code).toBe(0);
  });

  test("what nodes use is compared by the size of the network, as tables and as a picture", async () => {
    await using setting = await openSetting();
    const args = [`--protocol=${file}`, "--vary=committee=2,5", "--loads=16", "--duration=4"];
    const { code, stdout } = await setting.start("benchmark", args).ended;
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^RESOURCES BY COMMITTEE/m)]);
    expect(stdout).toMatch(/^bootstrap Connections +1\.00 /m);
    const folder = await setting.bundle();
    const svg = await readFile(join(folder, "resource_comparison.svg"), "utf8");
    for (const title of ["Memory", "CPU", "Open files", "Goroutines"])
      expect(svg).toContain(`>${title} of a node<`);
    const png = await readFile(join(folder, "resource_comparison.png"));
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect(await readFile(join(folder, "report.html"), "utf8")).toContain("For each node more");
  });

  test("another topology than was asked for makes the run invalid", async () => {
    await using setting = await openSetting();
    const { code, result } = await run(setting, 3, "--topology=ring");
    expect([code, result.verdict.status]).toEqual([3, "invalid"]);
    expect(result.verdict.reasons).toContain("node0 has 1 connections, and the topology gives it 2.");
  });
});

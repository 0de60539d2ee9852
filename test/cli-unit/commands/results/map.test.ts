import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runMap } from "../../../../src/cli/commands/results/map.ts";
import { sweepParameters, validRun } from "../../../results/sample-results.ts";
import { storeBundle } from "../../../results/stored-bundle.ts";
import { makeTemporaryFolder } from "../../../results/temporary-folder.ts";
import { runAlone } from "../../command-setting.ts";

const map = (argv: readonly string[], json = false) =>
  runAlone(argv, { command: runMap, name: "map", settings: { json } });

const document = {
  positions: { node0: [0, 0], node1: [100, 0] },
  quality: [
    { distance: "0m", delay: "1ms" },
    { distance: "200m", delay: "201ms" },
  ],
};
const timeline = {
  name: "t.yaml",
  entries: [{ at: "0s", for: "10s", move: "node1", to: [200, 0] }],
  places: ["t.yaml:1"],
};

test("a links file is drawn as it is before any timeline; --json has the same as data", async () => {
  const drawn = await map(["examples/handover/links.yaml"]);
  expect([drawn.code, drawn.stdout]).toEqual([
    0,
    expect.stringMatching(/^<svg .*three hosts with radio links.*<\/svg>\n$/s),
  ]);
  const { stdout } = await map(["aws-5"], true);
  expect(JSON.parse(stdout)).toMatchObject({ schema: "baleen.map/1", space: "none", nodes: { length: 5 } });
  expect(JSON.parse((await map(["lte", "--committee=7"], true)).stdout).nodes).toHaveLength(7);
});

describe("of a bundle", () => {
  test("each moment of each run is drawn, by default the end of the window", async () => {
    await using folder = await makeTemporaryFolder();
    const links = { name: "l.yaml", document };
    const bundle = await storeBundle(folder.path, {
      runs: [validRun],
      parameters: { ...sweepParameters, links, timeline },
    });
    const at = async (...argv: string[]) => JSON.parse((await map([bundle, ...argv], true)).stdout);
    expect((await at()).at_secs).toBe(validRun.parameters.durationSecs);
    const scene = await at("--at=5s", "--run=1");
    expect(scene.nodes[1]).toEqual({ name: "node1", position: [150, 0] });
    expect(scene.links[0]).toMatchObject({ between: ["node0", "node1"], delay_ms: 151 });
    expect((await map([bundle])).stdout).toMatch(/^<svg /);
  });

  test("all that is wrong is told", async () => {
    await using folder = await makeTemporaryFolder();
    const bundle = await storeBundle(folder.path, { runs: [validRun] });
    expect((await map([bundle])).diagnostics).toEqual([expect.stringMatching(/its links were not emulated/)]);
    expect((await map([bundle, "--run=7"])).diagnostics).toEqual([
      expect.stringMatching(/it has no run 7, only 1/),
    ]);
    expect((await map([join(folder.path, "nothing"), "--at=5", "--run=x"])).diagnostics).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/--at: "5" has no unit/),
        expect.stringMatching(/--run: "x" is no number/),
      ]),
    );
    expect((await map(["aws-5", "--at=5s"])).diagnostics).toEqual([
      expect.stringMatching(/--at: .*does not use it/),
    ]);
  });
});

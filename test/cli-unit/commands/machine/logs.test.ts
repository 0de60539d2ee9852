import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runLogs } from "../../../../src/cli/commands/machine/logs.ts";
import type { SeenNode } from "../../../../src/contracts/nodes/seen-node.ts";
import { runOf } from "../../../results/sample-comparisons.ts";
import { storeBundle } from "../../../results/stored-bundle.ts";
import { makeTemporaryFolder } from "../../../results/temporary-folder.ts";
import { runAlone } from "../../command-setting.ts";
import { seenNode } from "../../seen-nodes.ts";

const logs = (argv: readonly string[], nodes: readonly SeenNode[] = [], json = false) =>
  runAlone(argv, {
    command: runLogs,
    name: "logs",
    backend: { listNodes: async () => nodes },
    settings: { json },
  });

describe("logs of a node that runs", () => {
  test("prints its last lines, for people and for programs", async () => {
    const nodes = [seenNode(), seenNode({ name: "node1", says: "other" })];
    expect(await logs(["node0"], nodes)).toMatchObject({ code: 0, stdout: "first\nsecond\n" });
    expect(await logs(["node0", "--tail=1"], nodes)).toMatchObject({ stdout: "second\n" });
    const { stdout } = await logs(["node1"], nodes, true);
    expect(JSON.parse(String(stdout))).toEqual({ logs: [{ run: "3f9a2c1e", lines: ["other"] }] });
  });

  test("takes the one that lives, unless a run is named", async () => {
    const nodes = [seenNode({ run: "dead", state: "down", says: "dead" }), seenNode()];
    expect(await logs(["node0"], nodes)).toMatchObject({ stdout: "first\nsecond\n" });
    expect(await logs(["node0", "--run=dead"], nodes)).toMatchObject({ stdout: "dead\n" });
  });

  test.each<[string, string[], SeenNode[], string]>([
    [
      "nothing runs",
      ["node0"],
      [],
      "There are no nodes here. For nodes on hosts, use --hosts FILE; for logs kept in a bundle, --bundle last",
    ],
    ["a misspelt node", ["nod0"], [seenNode()], "nod0: no such node. Did you mean node0?"],
    ["another node", ["validator"], [seenNode()], "validator: no such node. There are node0."],
    [
      "several runs",
      ["node0"],
      [seenNode(), seenNode({ run: "other" })],
      "node0: several runs have a node of this name: 3f9a2c1e, other. Choose one with --run.",
    ],
    ["another run", ["node0", "--run=x"], [seenNode()], "There are no nodes in run x here."],
    ["no node", [], [seenNode()], "the node is missing. Give NODE."],
    ["no number", ["node0", "--tail=0"], [seenNode()], "--tail: 0 is below the minimum of 1 lines."],
    [
      "what does not go together",
      ["node0", "-f", "--json"],
      [seenNode()],
      '--json: "logs -f" does not use it.',
    ],
    [
      "what a bundle has not",
      ["node0", "-f", "--bundle=x"],
      [],
      '--follow: "logs --bundle" does not use it.',
    ],
  ])("refuses %s", async (_, argv, nodes, message) => {
    const { code, diagnostics = [] } = await logs(argv, nodes);
    expect(code).toBe(2);
    expect(diagnostics.map((diagnostic) => diagnostic.slice(0, message.length))).toContain(message);
  });
});

describe("logs of a bundle", () => {
  test("prints what it kept, run by run", async () => {
    await using folder = await makeTemporaryFolder();
    const runs = [runOf(), { ...runOf({ loadTps: 200 }), benchmarkNumber: 2 }];
    const bundle = await storeBundle(folder.path, { runs, finish: false });
    const shown = "==> run 1 <==\nup\n\n==> run 2 <==\nup\n";
    expect(await logs(["node0", `--bundle=${bundle}`])).toMatchObject({ code: 0, stdout: shown });
    const last = ["node0", "--bundle=last", `--output-dir=${folder.path}`];
    expect(await logs(last)).toMatchObject({ code: 0, stdout: shown });
    expect(await logs(["node1", `--bundle=${bundle}`])).toMatchObject({
      diagnostics: [`Cannot use ${join(bundle, "logs")}: it has no log of node1. Did you mean node0?`],
    });
  });
});

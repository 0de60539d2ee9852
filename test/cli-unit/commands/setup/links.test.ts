import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runLinks } from "../../../../src/cli/commands/setup/links.ts";
import { namedMaps } from "../../../../src/links/maps.ts";
import { openTemporaryFolder } from "../../../support/temporary-folder.ts";
import { runAlone } from "../../command-setting.ts";

const run = (argv: readonly string[], json = false) =>
  runAlone(argv, { command: runLinks, name: "links", settings: { json } });

/** Runs it on a file with this text. */
async function runOn(text: string, more: readonly string[] = []) {
  await using folder = await openTemporaryFolder();
  const path = join(folder.path, "own.yaml");
  await writeFile(path, text);
  const { diagnostics = [], stdout, code } = await run([path, ...more]);
  const inFile = (line: string) => line.replaceAll(folder.path, "");
  return { code, stdout: inFile(stdout), diagnostics: diagnostics.map(inFile) };
}

describe("links", () => {
  test("lists the maps", async () => {
    const { code, stdout } = await run([]);
    expect(code).toBe(0);
    for (const name of namedMaps.list()) expect(stdout).toMatch(new RegExp(`^${name} +\\d{4}`, "m"));
    const { maps, schema } = JSON.parse((await run([], true)).stdout) as Record<string, { name: string }[]>;
    expect(schema).toBe("baleen.link-maps/1");
    expect(maps?.map(({ name }) => name)).toEqual(namedMaps.list());
  });

  test("shows a map with a node in each region, and its source", async () => {
    const { stdout } = await run(["aws-5"]);
    expect(stdout).toMatch(/^aws-5: AWS, 5 regions\n {2}Source: CometBFT/);
    expect(stdout).toContain("One-way delay in ms, from row to column; 5 nodes\n");
    expect(stdout).toMatch(/^node0 us-east-1 +- +30 +44 +73 +98$/m);
    expect(stdout).toContain("\nAll links: no loss, no rate limit\nClients: not shaped\n");
  });

  test.each(["12", "13", "25", "128"])("fits 100 columns with %s nodes", async (committee) => {
    for (const map of namedMaps.list()) {
      const { stdout } = await run([map, "--committee", committee]);
      for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
    }
  });

  test("shows many nodes as their regions, and one that is in it for each direction", async () => {
    const { stdout } = await run(["aws-10", "--committee", "25"]);
    expect(stdout).toContain("; 25 nodes\n");
    expect(stdout).toMatch(/^ 7 ap-northeast-1 2 +73 +54 +100 +111 +128 +60 +0 +16 +39 +57$/m);
    expect(stdout).toMatch(/^ 8 ap-northeast-2 2 +87 +67 +114 +109 +142 +57 +17 +0 +36 +69$/m);
    expect(stdout).not.toContain("node0");
  });

  test("says of many nodes without regions what their links are", async () => {
    const { stdout } = await run(["lte", "--committee", "40"]);
    expect(stdout).toContain("\n40 nodes\n\nAll links: delay 35 ms, no loss, rate 12mbit, queue 50 ms\n");
  });

  test("shows a file: where links differ, which are down, and clients", async () => {
    const { stdout } = await runOn(`
default: { delay: 5ms, jitter: 1ms }
node-pairs:
  - { from: node0, to: node1, loss: 1%, rate: 20mbit, queue: 64kB, duplicate: 2% }
  - { from: node1, to: node0, delay: 7.5ms }
clients: { delay: 20ms }
topology: star
`);
    expect(stdout).toMatch(/^node0 +- +5 +5 +5$/m);
    expect(stdout).toMatch(/^node1 +7\.5 +- +down +down$/m);
    expect(stdout).toContain(
      "\nnode0 to node1: jitter 1 ms (normal), loss 1%, rate 20mbit, queue 64kB, duplicates 2%\n" +
        "node0 to node2, node0 to node3, node1 to node0, node2 to node0, node3 to node0: jitter 1 ms (normal), no loss, no rate limit\n" +
        "Down: 6 directions of 12\nClients: delay 20 ms, no loss, no rate limit\n",
    );
  });

  test("spreads nodes over the hosts that a file names, and shows its other groups", async () => {
    const { stdout } = await runOn(`
regions: [eu, us]
assign: { hosts: { a: eu, b: us } }
group-pairs: [{ from: relay, to: validator, delay: 3ms }]
`);
    expect(stdout).toMatch(/^node1 +us +0 +- +0 +0 +3$/m);
    expect(stdout).toMatch(/^relay0 +eu +3 +3 +3 +3 +-$/m);
  });

  test("is one document with --json", async () => {
    const { stdout } = await run(["radio", "--committee", "2"], true);
    const links = JSON.parse(stdout) as { links: object[] };
    expect(links).toMatchObject({
      schema: "baleen.links/1",
      name: "radio",
      date: "1998",
      nodes: [{ name: "node0", group: "validator" }, { name: "node1" }],
    });
    expect(links.links).toHaveLength(2);
    expect(links.links[0]).toEqual({
      from: "node0",
      to: "node1",
      delay_ms: 0,
      loss: {
        kind: "gilbert-elliott",
        good_to_bad_percent: 0.78125,
        bad_to_good_percent: 78.125,
        good_loss_percent: 1,
        bad_loss_percent: 100,
      },
      rate_bps: 1_500_000,
      queue: { kind: "time", ms: 50 },
    });
  });

  test("reports every error of a file, also those that need the nodes", async () => {
    expect(await runOn("default: { delay: 5 }\nregions: [eu, eu]")).toMatchObject({
      code: 2,
      diagnostics: [
        expect.stringMatching(/^\/own\.yaml:1: delay: /),
        expect.stringMatching(/^\/own\.yaml:2: regions: /),
      ],
    });
    const text = "node-pairs:\n  - { from: node0, to: node6, delay: 1ms }";
    expect(await runOn(text)).toMatchObject({
      code: 2,
      diagnostics: [expect.stringMatching(/^\/own\.yaml:2: to: this network has no node node6/)],
    });
    expect(await runOn(text, ["--committee", "7"])).toMatchObject({ code: 0 });
  });

  test.each([
    [["aws5"], /^unknown links "aws5"\. Did you mean aws-5\? Name one of aws-3, .*: \.\/aws5\.yaml\.$/],
    [["./none.yaml"], /^\.\/none\.yaml: ENOENT.*Use a readable file\.$/],
    [["lan", "--committee", "0"], /^--committee: 0 is below the minimum of 1 nodes/],
  ])("refuses %j", async (argv, message) => {
    expect(await run(argv)).toMatchObject({ code: 2, diagnostics: [expect.stringMatching(message)] });
  });
});

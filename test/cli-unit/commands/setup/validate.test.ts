import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatInitialFile } from "../../../../src/cli/commands/setup/init.ts";
import { recognizeKind, runValidate } from "../../../../src/cli/commands/setup/validate.ts";
import type { ProtocolReference } from "../../../../src/contracts/protocol-choice.ts";
import { openProtocol } from "../../../../src/protocol/open.ts";
import { makeTemporaryFolder } from "../../../results/temporary-folder.ts";
import { runAlone } from "../../command-setting.ts";

/** Validates the first of these files, told by their names. The folder stands as "." in what is said. */
async function validate(files: Readonly<Record<string, string>>, { json = false } = {}) {
  await using temporary = await makeTemporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    const path = join(temporary.path, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  const [first = ""] = Object.keys(files);
  const findProgram = (program: string) => (program === "server" ? "/found/server" : undefined);
  const openProtocolOfPath = (reference: ProtocolReference) => openProtocol(reference, findProgram);
  const backend = { openProtocol: openProtocolOfPath, findProgram };
  const setting = { command: runValidate, name: "validate", settings: { json }, backend } as const;
  const ended = await runAlone([join(temporary.path, first)], setting);
  const here = (text: string) => text.replaceAll(`${temporary.path}/`, "");
  return { code: ended.code, stdout: here(ended.stdout), diagnostics: (ended.diagnostics ?? []).map(here) };
}

/** What init writes, with one block of settings that are off turned on, by its first line. */
function blocksThatAreOff(): [string, string][] {
  const lines = formatInitialFile("./bench.schema.json").split("\n");
  const isOff = (line = "") => /^ *#([a-z-]| {2})/.test(line);
  return lines.flatMap((line, first): [string, string][] => {
    if (!isOff(line) || isOff(lines[first - 1])) return [];
    const length = lines.slice(first).findIndex((one) => !isOff(one));
    const on = lines.slice(first, first + length).map((one) => one.replace("#", ""));
    return [[line.trim(), lines.toSpliced(first, length, ...on).join("\n")]];
  });
}

describe("a file of options", () => {
  test("that is right is told in a few lines", async () => {
    const text =
      "load: {loads: [100, 200], duration: 60, runs: 2}\nnetwork: {runtime: process}\nthresholds: [failed<1]\n";
    const { code, stdout } = await validate({ "bench.yaml": text });
    expect(code).toBe(0);
    expect(stdout.split("\n")).toEqual([
      "bench.yaml: a file of options, valid.",
      "  Protocol: mysticeti",
      "  Network: local, 4 nodes, process",
      "  Loads: 100, 200 tx/s",
      "  Runs in all: 4",
      "  Duration: about 4 min 24 s, besides the start of networks and at most 30 s per run for outstanding transactions",
      "  Thresholds: failed<1",
      "  Results: ./benchmarks",
      "",
      "Run it with: npx baleen benchmark --config bench.yaml",
      "",
    ]);
  });

  test("that init writes is right, and so is each part of it that is off", async () => {
    const text = formatInitialFile("./bench.schema.json");
    expect(await validate({ "bench.yaml": text })).toMatchObject({ code: 0 });
  });

  test.each(blocksThatAreOff())(
    "that init writes has parts that are off, and read right: %s",
    async (_, text) => {
      const { diagnostics } = await validate({ "bench.yaml": text });
      // Two ways to say what is offered may contradict each other, and a file or a variable need not be there.
      const wrong = diagnostics.filter(
        (diagnostic) => !/, or remove it\.$|ENOENT|is not set|no host is given/i.test(diagnostic),
      );
      expect(wrong).toEqual([]);
    },
  );

  test("that is wrong is told with all faults and their lines", async () => {
    const text =
      "network:\n  typ: local\nload:\n  duration: -1\n  loads: 5,x\ntransaction-rate: many\nsearch-from: 5\n";
    const { code, diagnostics } = await validate({ "bench.yaml": text });
    expect(code).toBe(2);
    expect(diagnostics).toEqual([
      "network.typ in bench.yaml:2: no such option. Did you mean type?",
      expect.stringMatching(/^search-from in bench\.yaml:7: there is no search\./),
      expect.stringMatching(/^load\.duration in bench\.yaml:4: -1 is not above 0\./),
      expect.stringMatching(/^load\.loads in bench\.yaml:5: item 2, "x", is not a number\./),
      // Of another command.
      expect.stringMatching(/^transaction-rate in bench\.yaml:6: "many" is not a number\./),
    ]);
  });

  test("is checked with the files that it names", async () => {
    const { diagnostics } = await validate({
      "ci/bench.yaml":
        "network: {type: remote, hosts: ../hosts.yaml}\nload: {phases: phases.yaml, profile: 'trace:no.csv'}\n",
      "hosts.yaml": "hosts:\n  - adress: a\n",
      "ci/phases.yaml": "- {name: a, duration: x}\n",
    });
    expect(diagnostics).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^hosts\[0\]\.adress in hosts\.yaml:2: no such key\./),
        expect.stringMatching(/^ci\/phases\.yaml:1, duration: "x" is not a number\./),
        expect.stringMatching(/^load\.profile in ci\/bench\.yaml:2 ci\/no\.csv: ENOENT/),
      ]),
    );
  });

  test("says of a description that is not there just that", async () => {
    const { diagnostics } = await validate({ "bench.yaml": "protocol: {file: no.yaml, options: {x: 1}}\n" });
    expect(diagnostics).toEqual([expect.stringMatching(/^protocol\.file in bench\.yaml:1 no\.yaml: ENOENT/)]);
  });

  test("has a search, whose runs show on the way", async () => {
    const { stdout } = await validate({
      "bench.yaml": "load: {search: {from: 10, to: 500}, duration: 20}\n",
    });
    expect(stdout).toContain("\n  Search: highest sustained load from 10 to 500 tx/s,");
    expect(stdout).toContain("\n  Runs in all: as many as the search needs\n  Duration: 20 s a run\n");
  });

  test("as one document", async () => {
    const right = await validate({ "a.yaml": "loads: [5]\nduration: 10\n" }, { json: true });
    expect(right.code).toBe(0);
    expect(JSON.parse(right.stdout)).toEqual({
      schema: "baleen.validation/1",
      file: "a.yaml",
      kind: "options",
      valid: true,
      faults: [],
      sweeps: [
        {
          protocol: "mysticeti",
          network_type: "local",
          runtime: "auto",
          nodes: 4,
          loads: [5],
          runs: 1,
          expected_secs: 12,
        },
      ],
    });
    const wrong = await validate({ "a.yaml": "\nlods: 1\n" }, { json: true });
    expect(wrong.code).toBe(2);
    expect(JSON.parse(wrong.stdout)).toMatchObject({
      valid: false,
      faults: [
        { code: "unknown-option", line: 2, message: "lods in a.yaml:2: no such option. Did you mean loads?" },
      ],
    });
  });
});

describe("other files", () => {
  test.each<[string, string, string, RegExp]>([
    [
      "hosts in YAML",
      "hosts.yaml",
      "hosts: [{address: a, nodes: 2}, {address: b}]",
      /hosts, valid.*\n {2}host0 \(a\): nodes 0, 2\n {2}host1 \(b\): nodes 1\n/,
    ],
    ["hosts in variables", "hosts.env", "MYSTICETI_NODE0_HOST=a\n", /a file of hosts/],
    ["phases", "day.yaml", "- {name: a, share: 1}\n", /a file of phases, valid\.\n {2}Phases: a\n/],
    ["a trace", "load.csv", "second,level\n0,1\n", /a trace of loads/],
  ])("%s", async (_, name, text, expected) => {
    const { code, stdout } = await validate({ [name]: text });
    expect(stdout).toMatch(expected);
    expect(code).toBe(0);
  });

  test.each<[string, string, string, RegExp]>([
    [
      "hosts in YAML",
      "hosts.yaml",
      "hosts:\n  - address: a\n    prt: 5\n",
      /^hosts\[0\]\.prt in hosts\.yaml:3: no such key\. Did you mean port\?/,
    ],
    [
      "hosts in variables",
      "hosts.env",
      "MYSTICETI_NODE0_HOST=a\nMYSTICETI_NODE0_HOTS=b\n",
      /^MYSTICETI_NODE0_HOTS in hosts\.env:2: /,
    ],
    ["phases", "day.yaml", "phases:\n  - {name: a, share: 2}\n", /^day\.yaml:2, share: 2 is above/],
    ["a trace", "load.csv", "second,level\n0,x\n", /^load\.csv:2: "x" is not a level/],
    [
      "the description of a system",
      "etcd.yaml",
      "name: etcd\nnodes: []\nhealth: {}\ntransaction: {}\n",
      /^etcd\.yaml:\d+: /,
    ],
    ["no YAML", "a.yaml", "a: [1\n", /^a\.yaml:2: .*Use a readable YAML file/],
    ["no text", "a.yaml", "a\0b", /^a\.yaml: it is not a text file\. Use a readable file\./],
  ])("%s that is wrong", async (_, name, text, expected) => {
    const { code, diagnostics } = await validate({ [name]: text });
    expect(code).toBe(2);
    expect(diagnostics).toContainEqual(expect.stringMatching(expected));
  });

  test("the description of a system is looked at as a sweep does: its programs, and its name", async () => {
    const described = (name: string) => `name: ${name}
nodes:
  - { role: own, program: { binary: server, image: "server:1" }, ports: { rpc: any } }
  - { role: other, count: 1, program: { binary: none-such }, ports: { rpc: any } }
health: { path: /health }
transaction: { method: POST, path: /tx, body: "\${transaction}" }
`;
    const { code, stdout } = await validate({ "own.yaml": described("mine") });
    expect([code, stdout.split("\n").slice(1, -1)]).toEqual([
      0,
      [
        "  mine: mine",
        "  Commits: not observed: latency is measured to the reply",
        "  Program server: /found/server, image server:1",
        "  Program none-such: no file found",
      ],
    ]);
    expect((await validate({ "own.yaml": described("cometbft") })).diagnostics).toEqual([
      "own.yaml: cometbft is the name of a built-in protocol. Choose another name.",
    ]);
  });

  test("so is a scenario", async () => {
    const text =
      "name: mine\nflows: [{ name: a, from: node0, to: node1 }]\nnetworks: { r: { daemons: [{ name: d, run: [none-such] }] } }\n";
    const { code, stdout } = await validate({ "own.yaml": text });
    expect([code, stdout.split("\n").slice(1, -1)]).toEqual([
      0,
      ["  mine: mine", "  Load: flows between the nodes"],
    ]);
    expect((await validate({ "own.yaml": text.replace("node1", "node0") })).diagnostics).toEqual([
      "own.yaml:2: to: node0 sends to itself; name two nodes.",
    ]);
  });

  test("links and a timeline of options, for the nodes that there would be", async () => {
    const text = "links:\n  node-pairs:\n    - { from: node0, to: node7 }\n";
    expect((await validate({ "bench.yaml": text })).diagnostics).toEqual([
      expect.stringMatching(/^bench\.yaml:3: to: this network has no node node7, only /),
    ]);
    const right = "delay: 5ms\ntimeline: jamming\nduration: 60\n";
    expect((await validate({ "bench.yaml": right })).stdout).toMatch(
      /Links: delay 5ms\n +Timeline: jamming\n/,
    );
  });

  test("links and a timeline", async () => {
    const links = "regions: [eu, us]\nregion-pairs:\n  - { from: eu, to: us, delay: 40ms }\n";
    expect((await validate({ "l.yaml": links })).stdout.split("\n").slice(0, 3)).toEqual([
      "l.yaml: a links file, valid.",
      "  Regions: eu, us",
      "  Pairs: 1",
    ]);
    expect((await validate({ "l.yaml": `${links}default: { delay: 5 }` })).diagnostics).toEqual([
      expect.stringMatching(/^l\.yaml:4: delay: "5" has no unit/),
    ]);
    const moving = "positions: { node0: [0, 0], node1: [9, 9] }\nquality: [{ distance: 0m }]\n";
    expect((await validate({ "l.yaml": moving })).stdout).toMatch(
      / {2}Pairs: 0\n {2}Positions: node0, node1\n/,
    );
    const timeline = "- { at: 1s, crash: node0 }\n";
    expect((await validate({ "t.yaml": timeline })).stdout).toBe(
      "t.yaml: a timeline, valid.\n  Entries: 1\n",
    );
    expect((await validate({ "t.yaml": "- { at: 1s }" })).diagnostics).toEqual([
      expect.stringMatching(/^t\.yaml:1: names no action/),
    ]);
  });

  test.each([
    ["bench.yaml", "hosts: hosts.env\nduration: 5", "options"],
    ["bench.yaml", "hosts: [{address: a}]\nduration: 5", "options"],
    ["bench.yaml", "phases: [{name: a}]\nloads: 5", "options"],
    ["bench.yaml", "", "options"],
    ["x.yml", "phases: [{name: a, share: 1}]", "phases"],
    ["x.yaml", "default: { delay: 5ms }", "links"],
    ["x.yaml", "regions: [eu]\ndely: 5", "links"],
    ["x.yaml", "title: t\npositions: { node0: [0, 0] }", "links"],
    ["x.yaml", "quality: []\ntick: 1s", "links"],
    ["x.yaml", "flow: []\nnetworks: {}", "protocol"],
    ["x.yaml", "- { at: 5s, heal: all }", "timeline"],
    ["x.yaml", "title: t\ntimeline: [{ at: 5s, heal: all }]", "timeline"],
    ["x.yaml", "links: lan\ntimeline: jamming", "options"],
    ["x", "# hosts\nexport MYSTICETI_NODE0_HOST=a", "hosts"],
  ])("%s with %j is recognized", (path, text, kind) => {
    expect(recognizeKind(path, text)).toBe(kind);
  });
});

import { describe, expect, test } from "vitest";
import { fileOptions } from "../../../src/cli/options/sources.ts";
import { parseBenchFile } from "../../../src/options/file/file.ts";

const ref = (inner: string) => `\${${inner}}`;

function parse(lines: readonly string[], { file = "bench.yaml", env = {} as Record<string, string> } = {}) {
  const parsed = parseBenchFile(lines.join("\n"), {
    file,
    options: fileOptions,
    isWanted: () => true,
    environment: env,
  });
  return {
    ...parsed,
    values: Object.fromEntries([...parsed.given].map(([name, { value }]) => [name, value])),
    names: [...parsed.given.values()].map(({ name }) => name),
    messages: parsed.diagnostics.map(({ message }) => message),
  };
}

describe("sections", () => {
  test("only group options, which may stand at the top too", () => {
    const { values, names, messages } = parse([
      "network:",
      "  type: local",
      "  committee: 7",
      "load:",
      "  loads: [100, 200]",
      "  numTransactions: 5",
      "  search: {from: 100, latency: 500}",
      "faults: {nodes: 2, recovery: true, interval: 20}",
      "thresholds:",
      "  - failed<1",
      "results: {junit: report.xml}",
      "duration: 60",
    ]);
    expect(messages).toEqual([]);
    expect(values).toEqual({
      "network-type": "local",
      committee: 7,
      loads: [100, 200],
      "num-transactions": 5,
      search: true,
      "search-from": 100,
      "search-latency": 500,
      faults: 2,
      "crash-recovery": true,
      "crash-interval": 20,
      assert: ["failed<1"],
      junit: "report.xml",
      duration: 60,
    });
    expect(names).toContain("load.search.latency in bench.yaml:7");
    expect(names).toContain("network.committee in bench.yaml:3");
  });

  test("that are options too may be given in short", () => {
    const { values, messages } = parse(["faults: 2", "search: true", "load:", "  phases: p.yaml"]);
    expect(messages).toEqual([]);
    expect(values).toEqual({ faults: 2, search: true, phases: "p.yaml" });
  });

  test("may be empty, as where all in them is commented out", () => {
    expect(parse(["load:", "  #duration: 60", "duration: 5"])).toMatchObject({
      values: { duration: 5 },
      messages: [],
    });
  });

  test.each<[string, string[], string[]]>([
    [
      "an unknown key",
      ["load:", "  duraton: 5"],
      ["load.duraton in bench.yaml:2: no such option. Did you mean duration?"],
    ],
    [
      "a misspelt section",
      ["netwrk:", "  type: local"],
      ["netwrk in bench.yaml:1: no such option. Did you mean network?"],
    ],
    [
      "a key of another section",
      ["", "load:", "  committee: 4"],
      ["load.committee in bench.yaml:3: no such option. It belongs to network, or to the top of the file."],
    ],
    [
      "a key of the top",
      ["network: {quiet: true}"],
      ["network.quiet in bench.yaml:1: no such option. It belongs to the top of the file."],
    ],
    [
      "a value in place of a section",
      ["network: remote"],
      ['network in bench.yaml:1: expected a section. Add lines such as "type: ..." below it.'],
    ],
    [
      "an option twice",
      ["duration: 5", "load:", "  duration: 6", "  seed: a"],
      ["load.duration in bench.yaml:3: duplicates duration in line 1. Keep one of them."],
    ],
    [
      "all of them at once",
      ["lods: 1", "load:", "  duration:", "  frobnicate: 1"],
      [
        "lods in bench.yaml:1: no such option. Did you mean loads?",
        "load.duration in bench.yaml:3: its value is missing. Add a value, or remove the key.",
        "load.frobnicate in bench.yaml:4: no such option. Remove it; see --help for the names.",
      ],
    ],
    [
      "a key that is no line",
      ['"a\\nb": 1', `${"k".repeat(80)}: 1`],
      [
        '"a\\nb" in bench.yaml:1: no such option. Remove it; see --help for the names.',
        `${"k".repeat(57)}… in bench.yaml:2: no such option. Remove it; see --help for the names.`,
      ],
    ],
    [
      "broken YAML, each place of it",
      ["a: 1", "a: 2", "b: 1", "b: 2"],
      [
        "bench.yaml:2: Map keys must be unique. Use a readable YAML file.",
        "bench.yaml:4: Map keys must be unique. Use a readable YAML file.",
      ],
    ],
  ])("%s is told with its line", (_, lines, expected) => {
    expect(parse(lines).messages).toEqual(expected);
  });
});

describe("paths", () => {
  test("count from the file's folder", () => {
    const lines = [
      "baseline: ../earlier",
      "output-dir: /var/results",
      "known-hosts: ~/.ssh/known_hosts",
      "load: {profile: 'trace:traces/a.csv'}",
      "network: {hosts: ./hosts.env}",
      "seed: a/b",
    ];
    expect(parse(lines, { file: "ci/nightly/bench.yaml" }).values).toEqual({
      baseline: "ci/earlier",
      "output-dir": "/var/results",
      "known-hosts": "~/.ssh/known_hosts",
      profile: "trace:ci/nightly/traces/a.csv",
      hosts: "ci/nightly/hosts.env",
      seed: "a/b",
    });
  });

  test("stay as they are written where the file is in the current folder", () => {
    expect(parse(["output-dir: ./benchmarks"]).values).toEqual({ "output-dir": "./benchmarks" });
  });
});

describe("variables", () => {
  test("are put in after the YAML was parsed, so that they cannot add anything to it", () => {
    const lines = [`seed: ${ref("SEED")}`, "loads:", `  - ${ref("LOAD")}`, `  - "${ref("LOAD:-5")}"`];
    const { values, messages } = parse(lines, { env: { SEED: "a\ncleanup: true", LOAD: "[1, 2]" } });
    expect(messages).toEqual([]);
    expect(values).toEqual({ seed: "a\ncleanup: true", loads: ["[1, 2]", "[1, 2]"] });
  });

  test("that are not set are told all at once, and what they are part of counts as not given", () => {
    const { values, messages } = parse([`seed: ${ref("SEED")}`, "loads:", "  - 1", `  - ${ref("LOAD")}`]);
    expect(messages).toEqual([
      expect.stringMatching(/^seed in bench\.yaml:1: the environment variable SEED is not set\./),
      expect.stringMatching(/^loads\[1\] in bench\.yaml:4: the environment variable LOAD is not set\./),
    ]);
    expect(values).toEqual({});
  });

  test("a file that holds itself does no harm", () => {
    expect(parse(["loads: &a [1, *a]"]).messages).toEqual([]);
  });
});

/** What a file's values become, and how their faults name them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gatherOptions } from "../../../src/cli/options/sources.ts";
import { checkParameters } from "../../../src/options/checks/check.ts";
import { concealIn } from "../../../src/options/file/variables.ts";
import { listHostFlags } from "../../../src/options/hosts/join.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";

const ref = (inner: string) => `\${${inner}}`;

function check(lines: readonly string[], env: Record<string, string> = {}) {
  const { given, hosts, diagnostics, concealed } = gatherOptions("benchmark", {
    argv: ["--config", "bench.yaml"],
    env,
    home: "/home/me",
    readFile: (path) => {
      if (path === "bench.yaml") return lines.join("\n");
      throw new Error("no such file");
    },
  });
  const checked = checkParameters(given, mysticeti, hosts);
  const all = [...diagnostics, ...checked.diagnostics];
  return {
    parameters: checked.parameters,
    messages: all.map(({ message }) => concealIn(message, concealed)),
  };
}

test("faults of values name their line, and that of an item of a list", () => {
  const { messages } = check([
    "load:",
    "  loads:",
    "    - 100",
    "    - many",
    "  duration: -5",
    "thresholds:",
    "  - commit.p99<1s",
    "  - comit.p99<1s",
    "faults: {nodes: 3}",
  ]);
  expect(messages).toEqual([
    expect.stringMatching(/^load\.duration in bench\.yaml:5: -5 is not above 0\. Give /),
    expect.stringMatching(/^load\.loads\[1\] in bench\.yaml:4: item 2, "many", is not a number\. Give /),
    expect.stringMatching(/^thresholds\[1\] in bench\.yaml:8: .*Did you mean commit\.p99\?$/),
    expect.stringMatching(/^faults\.nodes in bench\.yaml:9: 3 is more than the f = 1 /),
  ]);
});

describe("hosts in the file", () => {
  const remote = ["network:", "  type: remote", "  committee: 4", "  hosts:"];

  test("are those of a hosts file; their keys count from the file's folder", () => {
    const { parameters, messages } = check(
      [
        ...remote,
        `    - {address: "${ref("FIRST")}", key: ~/.ssh/one, nodes: "${ref("NODES:-2")}"}`,
        "    - {address: 10.0.1.2, nodes: 2}",
      ],
      { FIRST: "10.0.1.1" },
    );
    expect(messages).toEqual([]);
    expect(parameters.remote).toMatchObject({ hostsFile: "bench.yaml", hostsFlag: "--config" });
    expect(parameters.remote?.hosts).toMatchObject([
      { address: "10.0.1.1", keyFile: "/home/me/.ssh/one", nodes: [0, 2] },
      { address: "10.0.1.2", nodes: [1, 3] },
    ]);
  });

  test("may be a whole hosts file's table, with hosts for clients", () => {
    const { parameters, messages } = check([
      ...remote,
      "    hosts: [{address: 10.0.1.1, nodes: 4}]",
      "    clients: [{address: 10.0.1.2}]",
      "client-placement: dedicated",
    ]);
    expect(messages).toEqual([]);
    expect(parameters.remote?.clientHosts).toMatchObject([{ address: "10.0.1.2" }]);
  });

  test("have faults with their lines", () => {
    const { messages } = check([
      ...remote,
      "    - address: 10.0.0.300",
      "      usr: me",
      "    - user: you",
      "      nodes: 3",
    ]);
    expect(messages).toEqual([
      "hosts[0].usr in bench.yaml:6: no such key. Did you mean user?",
      'hosts[1] in bench.yaml:7: it has no address. Add one, such as "address: 10.0.1.10".',
      expect.stringMatching(/^hosts\[0\]\.address in bench\.yaml:5: "10\.0\.0\.300" cannot be used\./),
    ]);
  });
});

describe("phases in the file", () => {
  test("are those of a file of phases", () => {
    const { parameters, messages } = check([
      "load:",
      "  phases:",
      "    - {name: calm, duration: 10}",
      "    - {name: peak, duration: 5, profile: 'ramp:1..2'}",
    ]);
    expect(messages).toEqual([]);
    expect(parameters).toMatchObject({ durationSecs: 15, profile: { kind: "phases" } });
  });

  test("have faults with their lines", () => {
    const { messages } = check([
      "load:",
      "  phases:",
      "    - {name: calm, duration: 10}",
      "    - {nam: peak, share: 1}",
    ]);
    expect(messages).toEqual([
      expect.stringMatching(/^bench\.yaml:4: nam is not a key of a phase\. Did you mean name\?/),
      expect.stringMatching(/^bench\.yaml:4: it has no name\./),
      expect.stringMatching(/^bench\.yaml:2: some phases have a share/),
    ]);
  });
});

describe("what a variable stands for is never shown", () => {
  test.each<[string, string[], RegExp]>([
    [
      "where it cannot be read",
      [`duration: ${ref("X")}`],
      /^duration in bench\.yaml:1: the value of its variables is invalid\. Give a number of seconds/,
    ],
    [
      "in a part of a text",
      [`image: "a ${ref("X")}"`, "network-type: local"],
      /^image in bench\.yaml:1: the value of its variables/,
    ],
    [
      "in a list",
      ["thresholds:", `  - "${ref("X")}"`],
      /^thresholds in bench\.yaml:1: the value of its variables/,
    ],
    [
      "of a host",
      ["network:", "  type: remote", "  hosts:", `    - {address: "${ref("X")}", nodes: 4}`],
      /^hosts\[0\]\.address in bench\.yaml:4: the value of its variables/,
    ],
    [
      "in phases",
      ["phases:", `  - {name: a, duration: "${ref("X")}"}`],
      /^phases in bench\.yaml:1: the value of its variables/,
    ],
    [
      "of a file that cannot be read",
      [`phases: "${ref("X")}"`],
      /^phases in bench\.yaml:1 \$\{X\}: no such file/,
    ],
  ])("%s", (_, lines, expected) => {
    const { messages } = check(lines, { X: "s3cr3t value!" });
    expect(messages.join("\n")).not.toContain("s3cr3t");
    expect(messages).toEqual(expect.arrayContaining([expect.stringMatching(expected)]));
  });

  test("nor a number that is right by itself and contradicts another", () => {
    const { messages } = check([`faults: ${ref("N")}`, "committee: 4"], { N: "3" });
    expect(messages).toEqual([
      expect.stringMatching(/^faults in bench\.yaml:1: \$\{N\} is more than the f = 1 /),
    ]);
  });

  test("whatever it is, and wherever it stands", () => {
    const options = [
      "duration",
      "loads",
      "committee",
      "seed",
      "image",
      "hosts",
      "profile",
      "assert",
      "transport",
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...options),
        fc.string({ minLength: 5, maxLength: 90 }).map((text) => `q7${text}`),
        (option, secret) => {
          const { messages } = check([`${option}: "a${ref("SECRET")}"`, "network-type: remote"], {
            SECRET: secret,
          });
          expect(messages.join("\n")).not.toContain(JSON.stringify(secret).slice(1, 7));
        },
      ),
    );
  });
});

describe("options of the protocol", () => {
  const inSection = ["protocol:", "  name: mysticeti", "  options:"];

  test("stand in a table, in a section or at the top", () => {
    const ofSection = check([...inSection, "    leader-timeout-ms: 300", `    logSync: ${ref("SYNC")}`], {
      SYNC: "block",
    });
    expect(ofSection.messages).toEqual([]);
    expect(ofSection.parameters.protocolOptions).toMatchObject({ leaderTimeoutMs: 300, logSync: "block" });
    const atTop = check(["protocolOptions: {leaderTimeoutMs: 301}"]);
    expect(atTop.parameters.protocolOptions).toMatchObject({ leaderTimeoutMs: 301 });
  });

  test("have faults with the line of each, without what variables stand for", () => {
    const { messages } = check(
      [...inSection, "    leaderTimeoutMs: 0", "    leadrsPerRound: 2", `    logSync: ${ref("SYNC")}`],
      {
        SYNC: "s3cr3t",
      },
    );
    expect(messages).toEqual([
      "protocol.options.leadrsPerRound in bench.yaml:5: mysticeti has no such option. Did you mean leadersPerRound?",
      expect.stringMatching(/^protocol\.options\.leaderTimeoutMs in bench\.yaml:4: 0 is below the minimum/),
      expect.stringMatching(
        /^protocol\.options\.logSync in bench\.yaml:6: the value of its variables is invalid\. Give none, interval or block\.$/,
      ),
    ]);
  });
});

test("hosts of the file are found again by the same file", () => {
  const { parameters } = check(["network: {type: remote, hosts: [{address: a, nodes: 4}]}"]);
  expect(parameters.remote && listHostFlags(parameters.remote)).toEqual(["--config", "bench.yaml"]);
});

test("whatever stands in a file is read or told, one line each, and nothing breaks", () => {
  const keys = fc.constantFrom(
    ...[
      "protocol",
      "network",
      "load",
      "search",
      "faults",
      "verdict",
      "results",
      "thresholds",
      "hosts",
      "phases",
    ],
    ...[
      "profile",
      "loads",
      "duration",
      "committee",
      "options",
      "name",
      "type",
      "clients",
      "protocolOptions",
      "x",
    ],
  );
  const leaf = fc.oneof(
    fc.constantFrom(
      "remote",
      "both",
      "ramp:0..1",
      "closed:4",
      ref("X"),
      ref("X:-1"),
      "$",
      "trace:t.csv",
      "a.yaml",
    ),
    fc.jsonValue({ maxDepth: 1 }),
  );
  const { table } = fc.letrec((tie) => ({
    table: fc.dictionary(
      keys,
      fc.oneof({ maxDepth: 3 }, leaf, tie("table"), fc.array(tie("table"), { maxLength: 2 })),
      {
        maxKeys: 5,
      },
    ),
  }));
  fc.assert(
    fc.property(table, (content) => {
      const { messages } = check([JSON.stringify(content)], { X: "5" });
      for (const message of messages) expect(message).toMatch(/^[^\n]+[.?]$/);
    }),
    { numRuns: 300 },
  );
});

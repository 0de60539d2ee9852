import { describe, expect, test } from "vitest";
import type { CommandName } from "../../../src/cli/options/command-table.ts";
import { gatherOptions } from "../../../src/cli/options/sources.ts";

interface Sources {
  readonly argv?: readonly string[];
  readonly env?: Record<string, string>;
  readonly file?: string;
}

function gather({ argv = [], env = {}, file }: Sources, command: CommandName = "benchmark") {
  const { given, diagnostics } = gatherOptions(command, {
    argv: file === undefined ? argv : ["--config", "sweep.yaml", ...argv],
    env,
    readFile: (path) => {
      if (file === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
      return file;
    },
  });
  const values = Object.entries(given).filter(([name]) => name !== "config");
  return {
    values: Object.fromEntries(values.map(([name, { value }]) => [name, value])),
    names: Object.fromEntries(values.map(([name, one]) => [name, one.name])),
    diagnostics: diagnostics.map(({ message }) => message),
  };
}

describe("precedence", () => {
  test.each<[string, Sources, unknown, string]>([
    ["a flag alone", { argv: ["--duration=1"] }, "1", "--duration"],
    ["the environment alone", { env: { BALEEN_DURATION: "2" } }, "2", "BALEEN_DURATION"],
    ["the file alone", { file: "duration: 3" }, 3, "duration in sweep.yaml:1"],
    [
      "a flag before the environment",
      { argv: ["--duration=1"], env: { BALEEN_DURATION: "2" } },
      "1",
      "--duration",
    ],
    [
      "the environment before the file",
      { env: { BALEEN_DURATION: "2" }, file: "duration: 3" },
      "2",
      "BALEEN_DURATION",
    ],
    [
      "a flag before both",
      { argv: ["--duration=1"], env: { BALEEN_DURATION: "2" }, file: "duration: 3" },
      "1",
      "--duration",
    ],
    [
      "an empty variable counts as not set",
      { env: { BALEEN_DURATION: "" }, file: "duration: 3" },
      3,
      "duration in sweep.yaml:1",
    ],
  ])("%s", (_, sources, value, name) => {
    const { values, names, diagnostics } = gather(sources);
    expect(diagnostics).toEqual([]);
    expect(values).toEqual({ duration: value });
    expect(names).toEqual({ duration: name });
  });

  test("a switch that is negated by a flag stands against the environment and the file", () => {
    const sources = { argv: ["--no-cleanup"], env: { BALEEN_CLEANUP: "true" }, file: "cleanup: true" };
    expect(gather(sources).values).toEqual({ cleanup: false });
  });

  test("the file itself can be named in the environment", () => {
    const { given } = gatherOptions("benchmark", {
      argv: [],
      env: { BALEEN_CONFIG: "a.yaml" },
      readFile: (path) => (path === "a.yaml" ? "seed: from the file" : ""),
    });
    expect(given.seed).toEqual({ name: "seed in a.yaml:1", value: "from the file", rank: 2 });
  });
});

describe("files", () => {
  test.each<[string, string, Record<string, unknown>]>([
    [
      "kebab and camel case",
      "num-transactions: 5\ntransactionSize: 6",
      { numTransactions: 5, transactionSize: 6 },
    ],
    ["lists and text", "loads: [1, 2]\nlocal-loads: 3,4", { loads: [1, 2], localLoads: "3,4" }],
    ["JSON", '{"duration": 1}', { duration: 1 }],
    ["nothing", "# only a comment", {}],
    ["an option of another command is let be", "transaction-rate: 5\nduration: 1", { duration: 1 }],
  ])("%s", (_, file, values) => {
    expect(gather({ file })).toMatchObject({ values, diagnostics: [] });
  });

  test.each<[string, string, unknown[]]>([
    ["an unknown key", "lods: 1", ["lods in sweep.yaml:1: no such option. Did you mean loads?"]],
    [
      "an unknown key in camel case",
      "numTransaction: 1",
      ["numTransaction in sweep.yaml:1: no such option. Did you mean num-transactions?"],
    ],
    [
      "a key like no other",
      "frobnicate: 1",
      ["frobnicate in sweep.yaml:1: no such option. Remove it; see --help for the names."],
    ],
    [
      "a key without a value",
      "duration:",
      ["duration in sweep.yaml:1: its value is missing. Add a value, or remove the key."],
    ],
    [
      "a flag that makes no sense there",
      "help: true",
      [expect.stringMatching(/^help in sweep\.yaml:1: no such option/)],
    ],
    [
      "a file that names a file",
      "config: b.yaml",
      [expect.stringMatching(/^config in sweep\.yaml:1: no such option/)],
    ],
    ["a list", "- 1", ['sweep.yaml:1: not a list of options. Give lines such as "duration: 60".']],
    ["broken YAML", "a: [1", [expect.stringMatching(/^sweep\.yaml:1: .*Use a readable YAML file\.$/)]],
    [
      "all at once",
      "lods: 1\nduration:\n",
      [expect.stringContaining("lods"), expect.stringContaining("duration")],
    ],
  ])("%s is a fault", (_, file, faults) => {
    expect(gather({ file }).diagnostics).toEqual(faults);
  });

  test("a file that is not there is a fault", () => {
    expect(gather({ argv: ["--config=none.yaml"] }).diagnostics).toEqual([
      "--config none.yaml: ENOENT: no such file or directory, open 'none.yaml'. Use a readable YAML file.",
    ]);
  });
});

describe("environment", () => {
  test.each<[string, Record<string, string>, string[]]>([
    [
      "a misspelt variable",
      { BALEEN_DURATOIN: "5" },
      ["BALEEN_DURATOIN: no such environment variable. Did you mean BALEEN_DURATION?"],
    ],
    [
      "a variable of something else",
      { BALEEN_SOMETHING_ELSE_ALTOGETHER: "5", BALEEN_LOG: "debug", BALEEN_IMAGE: "x" },
      [],
    ],
    ["an option of another command", { BALEEN_TRANSACTION_RATE: "5" }, []],
  ])("%s", (_, env, diagnostics) => {
    expect(gather({ env })).toEqual({ values: {}, names: {}, diagnostics });
  });

  test("nothing is removed because of a variable", () => {
    expect(
      gather({ env: { BALEEN_YES: "true", BALEEN_RUN: "abc", BALEEN_JSON: "1" } }, "clean").values,
    ).toEqual({
      json: "1",
    });
  });
});

describe("the file of hosts", () => {
  const gatherHosts = (argv: readonly string[], env: Record<string, string> = {}) =>
    gatherOptions("hosts", {
      argv: ["check", ...argv],
      env,
      home: "/home/me",
      readFile: (path) => {
        if (path !== "h.env") throw new Error("ENOENT: no such file");
        return "MYSTICETI_NODE0_HOST=a";
      },
    });

  test("is read, and stands beside the environment", () => {
    const { hosts, words, diagnostics } = gatherHosts(["--hosts=h.env"], { SSH_TIMEOUT: "5" });
    expect([words, diagnostics]).toEqual([["check"], []]);
    expect(hosts).toEqual({
      environment: { SSH_TIMEOUT: "5" },
      home: "/home/me",
      file: { path: "h.env", text: "MYSTICETI_NODE0_HOST=a" },
    });
  });

  test("can be named in the environment", () => {
    expect(gatherHosts([], { BALEEN_HOSTS: "h.env" }).hosts.file?.path).toBe("h.env");
  });

  test("is a fault where it cannot be read", () => {
    const { hosts, diagnostics } = gatherHosts(["--hosts", "none"]);
    expect(hosts.file).toEqual({ path: "none", text: undefined });
    expect(diagnostics).toEqual([
      {
        code: "hosts-file",
        message:
          "--hosts none: ENOENT: no such file. Use a readable hosts file; hosts.example.env is an example.",
      },
    ]);
  });

  test("is read for links only where they are measured", () => {
    const readFile = () => {
      throw new Error("ENOENT: no such file");
    };
    const gatherLinks = (...argv: string[]) =>
      gatherOptions("links", { argv, env: { BALEEN_HOSTS: "none" }, readFile });
    const shown = gatherLinks("aws-5");
    expect([shown.diagnostics, shown.hosts.file]).toEqual([[], undefined]);
    expect(gatherLinks("--probe").diagnostics).toEqual([
      { code: "hosts-file", message: expect.stringMatching(/^BALEEN_HOSTS none: ENOENT/) },
    ]);
  });
});

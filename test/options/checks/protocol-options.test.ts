import { describe, expect, test } from "vitest";
import type { ProtocolOption } from "../../../src/contracts/protocol.ts";
import type { ProtocolLimits } from "../../../src/contracts/protocol-choice.ts";
import { checkParameters, givenFrom } from "../../../src/options/checks/check.ts";
import type { GivenParameters } from "../../../src/options/checks/given.ts";
import { optionOfFlag } from "../../../src/options/checks/protocol-options.ts";
import { limitsOfUnknown } from "../../../src/options/rules/protocol-choice.ts";
import { ruleOfOption } from "../../../src/options/rules/protocol-option.ts";
import { type Given, openReader } from "../../../src/options/rules/rule.ts";
import { rules } from "../../../src/options/rules/rules.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";

const options: readonly ProtocolOption[] = [
  {
    name: "timeoutCommitMs",
    meaning: "wait after a commit",
    allowed: { kind: "number", least: 0, most: 60_000, whole: true },
    default: 1000,
    remoteDefault: 2000,
  },
  {
    name: "indexer",
    meaning: "what is indexed",
    allowed: { kind: "choice", choices: ["kv", "null"] },
    default: "kv",
  },
  { name: "logLevel", meaning: "of the nodes", allowed: { kind: "text" }, default: "info" },
];
const other: ProtocolLimits = { ...mysticeti, name: "other", options };

const checked = (given: GivenParameters, protocol = other) => checkParameters(given, protocol);
const ofValue = (value: unknown) => givenFrom({ protocolOption: value });
const optionsOf = (value: unknown) => checked(ofValue(value)).parameters.protocolOptions;
const messages = (given: GivenParameters, protocol = other) =>
  checked(given, protocol).diagnostics.map(({ message }) => message);

describe("options of a protocol", () => {
  test("those that nobody gives have their defaults, for hosts their own", () => {
    expect(optionsOf(undefined)).toEqual({ timeoutCommitMs: 1000, indexer: "kv", logLevel: "info" });
    const remote = checked(givenFrom({ networkType: "remote" })).parameters;
    expect(remote.protocolOptions).toMatchObject({ timeoutCommitMs: 2000 });
  });

  test.each([
    ["a list, as flags give it", ["timeout-commit-ms=5", "indexer=null", "logLevel=state:info;*:error"]],
    ["one text", "timeoutCommitMs = 5; indexer=null\nlog_level=state:info"],
    ["a table", { timeoutCommitMs: 5, indexer: "null", "log-level": "state:info" }],
    ["a list of tables", [{ timeout_commit_ms: "5" }, { indexer: "null" }, "logLevel=state:info"]],
    ["the last of two", ["timeoutCommitMs=7", "timeoutCommitMs=5", "indexer=null", "logLevel=state:info"]],
  ])("are given in any of several forms: %s", (_, value) => {
    expect(checked(ofValue(value)).diagnostics).toEqual([]);
    expect(optionsOf(value)).toEqual({
      timeoutCommitMs: 5,
      indexer: "null",
      logLevel: expect.stringMatching(/^state:info/),
    });
  });

  test("of two sources the nearer counts, option by option", () => {
    const farther: Given = {
      name: "protocolOptions in b.yaml",
      value: { timeoutCommitMs: 5, indexer: "null" },
      rank: 2,
    };
    const protocolOption: Given = { name: "--protocol-option", value: ["indexer=kv"], rank: 0, farther };
    expect(checked({ protocolOption })).toMatchObject({
      parameters: { protocolOptions: { timeoutCommitMs: 5, indexer: "kv" } },
      diagnostics: [],
    });
  });

  test("all that is wrong is told at once, by the name that it was given as", () => {
    expect(
      messages({
        protocolOption: {
          name: "--protocol-option",
          rank: 0,
          value: ["timeoutComitMs=1", "indexer=sql", "timeout-commit-ms=1.5", "foo=1"],
        },
      }),
    ).toEqual([
      "--protocol-option timeoutComitMs: other has no such option. Did you mean timeoutCommitMs?",
      "--protocol-option foo: other has no such option. It has timeoutCommitMs, indexer, logLevel.",
      "--protocol-option timeout-commit-ms: 1.5 is not a whole number. Give a whole number of milliseconds from 0 to 60,000.",
      '--protocol-option indexer: "sql" is not a known value. Give kv or null.',
    ]);
    expect(messages(ofValue(["indexer", "=3", [{ indexer: [1] }]]))).toEqual([
      'protocolOption: "indexer" has no value. Give NAME=VALUE, such as timeoutCommitMs=500.',
      'protocolOption: "=3" has no name. Give NAME=VALUE, such as timeoutCommitMs=500.',
      'protocolOption: indexer is "[1]", which is neither a number nor text. Give NAME=VALUE, such as timeoutCommitMs=500.',
    ]);
  });

  test("of a protocol that is not known here stand as they were given", () => {
    const unknown = limitsOfUnknown({ name: "lost", observesCommits: false });
    const { parameters, diagnostics } = checked(ofValue({ anything: 3, else: "x" }), unknown);
    expect(diagnostics).toEqual([]);
    expect(parameters).toMatchObject({
      protocol: { name: "lost", observesCommits: false },
      protocolOptions: { anything: 3, else: "x" },
    });
  });

  test("a tuning changes the defaults of others, and what is given counts before it", () => {
    const tuned = options.map((option) => ({
      ...option,
      tuned: { load: option.name === "indexer" ? "null" : 7 },
    }));
    const tuning: ProtocolOption = {
      name: "tuning",
      meaning: "for whom",
      allowed: { kind: "choice", choices: ["default", "load"] },
      default: "default",
    };
    const protocol = { ...other, options: [tuning, ...tuned] };
    expect(
      checked(ofValue("tuning=load;timeoutCommitMs=3"), protocol).parameters.protocolOptions,
    ).toMatchObject({
      tuning: "load",
      timeoutCommitMs: 3,
      indexer: "null",
    });
    expect(checked({}, protocol).parameters.protocolOptions).toMatchObject({ indexer: "kv" });
  });
});

describe("the flags of mysticeti", () => {
  test("are its options, within the same limits", () => {
    const own = Object.entries(optionOfFlag) as [keyof typeof optionOfFlag, string][];
    expect(own.map(([, option]) => option).sort()).toEqual(mysticeti.options.map(({ name }) => name).sort());
    for (const [flag, name] of own) {
      const option = mysticeti.options.find((one) => one.name === name);
      if (option === undefined) throw new TypeError(`mysticeti has no ${name}`);
      const { allowed } = option;
      const values =
        allowed.kind === "number"
          ? [allowed.least - 1, allowed.least, allowed.most, allowed.most + 1]
          : ["none", "x"];
      for (const value of values) {
        const given = { name: flag, value, rank: 0 };
        const read = (rule: Parameters<ReturnType<typeof openReader>["read"]>[0]) =>
          openReader().read(rule, given, "refused");
        expect(read(rules[flag]), `${flag} ${value}`).toEqual(read(ruleOfOption(option)));
      }
    }
  });

  test("may be given either way, not both ways at once", () => {
    const values = { leaderTimeout: 300, protocolOption: { minRoundDelayMs: 60 } };
    expect(checked(givenFrom(values), mysticeti)).toMatchObject({
      parameters: { protocolOptions: { leaderTimeoutMs: 300, minRoundDelayMs: 60, logSync: "none" } },
      diagnostics: [],
    });
    const twice = givenFrom({ leaderTimeout: 300, protocolOption: ["leader-timeout-ms=301"] });
    expect(messages(twice, mysticeti)).toEqual([
      "leaderTimeout and protocolOption leader-timeout-ms are the same option. Use one of them.",
    ]);
    const nearer = { ...twice, protocolOption: { name: "f", value: { leaderTimeoutMs: 301 }, rank: 2 } };
    expect(checked(nearer, mysticeti)).toMatchObject({
      parameters: { protocolOptions: { leaderTimeoutMs: 300 } },
      diagnostics: [],
    });
  });

  test("are refused by name with another protocol, unless a variable may be meant for something else", () => {
    expect(messages(givenFrom({ blockSize: 4096, logSync: "block" }))).toEqual([
      "blockSize: an option of mysticeti, but the protocol is other. Remove it; baleen protocols other lists the options for --protocol-option NAME=VALUE.",
      "logSync: an option of mysticeti, but the protocol is other. Remove it; baleen protocols other lists the options for --protocol-option NAME=VALUE.",
    ]);
    expect(messages({ blockSize: { name: "BALEEN_BLOCK_SIZE", value: "1", rank: 1 } })).toEqual([]);
  });
});

describe("what else depends on the protocol", () => {
  const foreign = { ...other, foreignPrograms: ["other"] };
  const ours = { ...other, foreignPrograms: [] };

  test("its program: a file or an image, where it is not a part of the package", () => {
    expect(checked(givenFrom({ nodeBinary: "/bin/other" }), foreign)).toMatchObject({
      parameters: { program: { path: "/bin/other" } },
      diagnostics: [],
    });
    expect(messages(givenFrom({ nodeBinary: "/bin/other", image: "a/b:1" }), foreign)).toEqual([
      "nodeBinary and image both name the nodes' program. Use one of them.",
    ]);
    expect(messages(givenFrom({ nodeBinary: "/bin/other", image: "a/b:1" }), ours)).toEqual([
      "image: on this machine the nodes of other run in an image that Baleen builds. Remove it, or add --network-type remote.",
      "nodeBinary: the nodes of other are part of Baleen and have no program of their own. Remove it, or use another --protocol.",
    ]);
  });

  test("transports that its nodes do not have, and commits that nobody observes", () => {
    const { batch, webSocket, ...submission } = mysticeti.submission;
    const { observeCommits, ...unobserved } = { ...other, submission };
    expect([batch, webSocket, observeCommits]).not.toContain(undefined);
    expect(messages(givenFrom({ transport: "websocket" }), unobserved)).toEqual([
      "transport: the nodes of other accept no transactions over WebSocket. Use --transport http.",
    ]);
    expect(
      messages(givenFrom({ transport: "http-batch", batchSize: 2, assert: "commit.p99<1s" }), unobserved),
    ).toEqual([
      "transport: the nodes of other accept no transactions in batches. Use --transport http.",
      'assert: "commit.p99<1s" is about commits, and those of other are not observed. Use the latency of replies: response.p99 instead of commit.p99.',
    ]);
  });

  test("a system that never tolerates a fault has no committee that is too small", () => {
    expect(messages(givenFrom({ committee: 1 }), { ...other, toleratedFaults: () => 0 })).toEqual([]);
    expect(messages(givenFrom({ committee: 1 }))).toHaveLength(1);
  });
});

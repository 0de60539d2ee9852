import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseArguments } from "../../../src/cli/options/arguments.ts";
import { type CommandName, operandsOf } from "../../../src/cli/options/command-table.ts";
import { optionsOf } from "../../../src/cli/options/option-table.ts";

function parse(argv: readonly string[]) {
  const { given, diagnostics } = parseArguments(argv, optionsOf("benchmark"));
  return {
    values: Object.fromEntries([...given].map(([name, { value }]) => [name, value])),
    diagnostics: diagnostics.map(({ message }) => message),
  };
}

const stray = (word: string) =>
  `"${word}": an argument without an option. Put --NAME before it, or remove it; see --help.`;

describe("parseArguments", () => {
  test.each<[string, string[], Record<string, unknown>]>([
    ["a value behind a space", ["--duration", "5"], { duration: "5" }],
    ["a value behind =", ["--duration=5"], { duration: "5" }],
    ["the last of a flag given twice", ["--loads=1", "--loads", "2"], { loads: "2" }],
    ["all of a repeatable flag", ["--assert=a<1", "--assert", "b>-5%"], { assert: ["a<1", "b>-5%"] }],
    ["one of a repeatable flag", ["--assert", "a<=1"], { assert: ["a<=1"] }],
    ["text that looks like a number", ["--seed", "007"], { seed: "007" }],
    ["text with =", ["--seed=a=b"], { seed: "a=b" }],
    ["a negative number", ["--loads", "-5"], { loads: "-5" }],
    ["a list that starts with a negative number", ["--loads", "-5,100"], { loads: "-5,100" }],
    ["a switch alone", ["--cleanup"], { cleanup: true }],
    ["a switch before another flag", ["--cleanup", "--strict"], { cleanup: true, strict: true }],
    ["a switch followed by false", ["--console-output", "false"], { "console-output": "false" }],
    ["a switch with =", ["--console-output=no"], { "console-output": "no" }],
    ["a negated switch", ["--no-console-output"], { "console-output": false }],
    ["the last of a switch and its negation", ["--cleanup", "--no-cleanup"], { cleanup: false }],
    ["the last of a negation and its switch", ["--no-cleanup", "--cleanup"], { cleanup: true }],
    ["a negation after a value", ["--cleanup=true", "--no-cleanup"], { cleanup: false }],
    ["a negation that is true", ["--no-cleanup=true"], { cleanup: "false" }],
    ["a negation that is not", ["--no-cleanup=no"], { cleanup: "true" }],
    ["-h", ["-h"], { help: true }],
    ["nothing", [], {}],
  ])("reads %s", (_, argv, values) => {
    expect(parse(argv)).toEqual({ values, diagnostics: [] });
  });

  test.each<[string, string[], string[]]>([
    ["a misspelt flag", ["--lods", "100"], ["--lods: no such option. Did you mean --loads?"]],
    ["a misspelt flag with =", ["--dration=5"], ["--dration: no such option. Did you mean --duration?"]],
    ["an underscore", ["--local_loads", "1"], ["--local_loads: no such option. Did you mean --local-loads?"]],
    [
      "camel case",
      ["--numTransactions=5"],
      ["--numTransactions: no such option. Did you mean --num-transactions?"],
    ],
    ["a misspelt negation", ["--no-cleanpu"], ["--no-cleanpu: no such option. Did you mean --no-cleanup?"]],
    [
      "a flag that begins like another",
      ["--cleanup-thorogh", "--loads-x", "5"],
      [
        "--cleanup-thorogh: no such option. Did you mean --cleanup-thorough?",
        "--loads-x: no such option. Did you mean --loads?",
      ],
    ],
    [
      "a repeatable flag once without its value",
      ["--assert", "--assert=failed<1"],
      [expect.stringMatching(/^--assert: its value is missing\. Give METRIC/) as unknown as string],
    ],
    [
      "a repeatable flag once negated",
      ["--assert=failed<1", "--no-assert"],
      ["--no-assert: only switches can be negated. Remove it, or use --assert 'METRIC<VALUE'."],
    ],
    ["a flag like no other", ["--frobnicate"], ["--frobnicate: no such option. See --help."]],
    ["an unknown short flag", ["-x"], ["-x: no such option. See --help."]],
    [
      "a flag of another command",
      ["--transaction-rate", "5"],
      ["--transaction-rate: no such option. Did you mean --transaction-size?"],
    ],
    ["a name of JavaScript's own", ["--__proto__", "x"], ["--__proto__: no such option. See --help."]],
    ["a stray word", ["100"], [stray("100")]],
    [
      "a stray word after a misspelt flag's value",
      ["--lods", "1", "x"],
      ["--lods: no such option. Did you mean --loads?", stray("x")],
    ],
    ["words after --", ["--", "x"], [stray("x")]],
    [
      "a missing value at the end",
      ["--duration"],
      ["--duration: its value is missing. Give a number of seconds above 0 and up to 604,800."],
    ],
    [
      "a missing value before a flag",
      ["--runtime", "--cleanup"],
      ["--runtime: its value is missing. Give auto, docker or process."],
    ],
    [
      "a negated value",
      ["--no-duration"],
      ["--no-duration: only switches can be negated. Remove it, or use --duration SECS."],
    ],
    [
      "everything at once",
      ["--lods", "1", "--duration", "--no-seed", "y"],
      [
        "--duration: its value is missing. Give a number of seconds above 0 and up to 604,800.",
        "--no-seed: only switches can be negated. Remove it, or use --seed TEXT.",
        "--lods: no such option. Did you mean --loads?",
        stray("y"),
      ],
    ],
  ])("refuses %s", (_, argv, diagnostics) => {
    expect(parse(argv).diagnostics).toEqual(diagnostics);
  });

  const action = (argv: readonly string[], command: CommandName) => {
    const { given, words, diagnostics } = parseArguments(argv, optionsOf(command), operandsOf(command));
    return { words, given: [...given.keys()], diagnostics: diagnostics.map(({ message }) => message) };
  };

  test.each<[string, CommandName, string[], [word: string, given: string]]>([
    ["a word in front", "hosts", ["check", "--json"], ["check", "json"]],
    ["a word behind a value", "hosts", ["--hosts", "h.env", "prepare"], ["prepare", "hosts"]],
    ["a word behind a switch", "hosts", ["--yes", "clean"], ["clean", "yes"]],
    ["a word behind a negated switch", "testbed", ["--no-docker", "up"], ["up", "docker"]],
    ["a word behind a switch and its value", "testbed", ["--docker", "no", "up"], ["up", "docker"]],
  ])("finds what to do: %s", (_, command, argv, [word, given]) => {
    expect(action(argv, command)).toEqual({ words: [word], given: [given], diagnostics: [] });
  });

  test.each<[string, CommandName, string[], string[]]>([
    ["nothing to do", "hosts", [], ["what to do is missing. Give check, prepare or clean."]],
    ["something misspelt", "hosts", ["prepair"], ['"prepair": unknown subcommand. Did you mean prepare?']],
    ["something else", "testbed", ["dance"], ['"dance": unknown subcommand. Give up, ls or down.']],
    ["two things", "testbed", ["up", "down"], [stray("down")]],
    [
      "a misspelt flag in front",
      "hosts",
      ["--host", "h.env", "check"],
      ["--host: no such option. Did you mean --hosts?"],
    ],
  ])("refuses %s", (_, command, argv, diagnostics) => {
    expect(action(argv, command).diagnostics).toEqual(diagnostics);
  });

  test("who asks for help need not say what to do", () => {
    expect(action(["--help"], "hosts").diagnostics).toEqual([]);
  });

  test("no flag but those of the table passes, whatever it begins with", () => {
    const names = optionsOf("benchmark").map(({ name }) => name);
    const flags = names.flatMap((name) => [name, `no-${name}`]);
    const suffixes = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => !text.includes("="));
    fc.assert(
      fc.property(
        fc.constantFrom(...flags),
        suffixes,
        fc.constantFrom([], ["5"], ["--strict"]),
        (flag, suffix, more) => {
          fc.pre(!flags.includes(flag + suffix));
          expect(parse([`--${flag}${suffix}`, ...more]).diagnostics).not.toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });
});

import { describe, expect, test } from "vitest";
import { formatHelp, readSettings } from "../../../src/validator/node/settings.ts";
import { tuningFields } from "../../../src/validator/wire/tuning.ts";

const tuningOf = (argv: readonly string[], env: Record<string, string> = {}) => {
  const { tuning, diagnostics } = readSettings(argv, env);
  expect(diagnostics).toEqual([]);
  return Object.fromEntries(tuning.map(({ name, field, value }) => [field.flag, [name, value]]));
};

const faultsOf = (argv: readonly string[], env: Record<string, string> = {}) =>
  readSettings(argv, env).diagnostics.map(({ message }) => message);

describe("a validator's settings", () => {
  test("come from flags, with or without =, and from the environment, flags first", () => {
    const argv = ["--home", "/data", "--block-size=1000", "--log-sync", "block", "--block-size", "2000"];
    const env = {
      BALEEN_VALIDATOR_BLOCK_SIZE: "5",
      BALEEN_VALIDATOR_MEMPOOL_SIZE: "7",
      BALEEN_VALIDATOR_LOG_LEVEL: "",
      BALEEN_LOADS: "100",
      PATH: "/bin",
    };
    expect(tuningOf(argv, env)).toEqual({
      "block-size": ["--block-size", 2000],
      "log-sync": ["--log-sync", "block"],
      "mempool-size": ["BALEEN_VALIDATOR_MEMPOOL_SIZE", 7],
    });
    expect(readSettings(argv, env)).toMatchObject({ home: "/data", exitWithParent: false, help: false });
    expect(readSettings([], { BALEEN_VALIDATOR_HOME: "/env" }).home).toBe("/env");
    expect(readSettings(["--exit-with-parent", "-h", "--version"], {})).toMatchObject({
      exitWithParent: true,
      help: true,
      version: true,
    });
  });

  test.each<[string[], Record<string, string>, string]>([
    [["--hom", "x"], {}, "--hom: no such flag. Did you mean --home?"],
    [["--frobnicate=1"], {}, "--frobnicate: no such flag. See --help."],
    [["x"], {}, '"x": an argument without a flag. Put --NAME before it; see --help.'],
    [["-x"], {}, '"-x": an argument without a flag. Put --NAME before it; see --help.'],
    [["--home"], {}, "--home: its value is missing. Give --home DIR."],
    [["--home", "--help"], {}, "--home: its value is missing. Give --home DIR."],
    [["--home="], {}, "--home: its value is missing. Give --home DIR."],
    [["--help=yes"], {}, "--help: takes no value. Remove the value."],
    [
      ["--leader-timeout", "-1"],
      {},
      '--leader-timeout: "-1" is not allowed. Give a whole number from 1 to 600000.',
    ],
    [
      ["--log-sync", "sometimes"],
      {},
      '--log-sync: "sometimes" is not allowed. Give one of none, interval, block.',
    ],
    [
      [],
      { BALEEN_VALIDATOR_BLOCK_SIZ: "1" },
      "BALEEN_VALIDATOR_BLOCK_SIZ: no such environment variable. Did you mean BALEEN_VALIDATOR_BLOCK_SIZE?",
    ],
    [
      [],
      { BALEEN_VALIDATOR_RETAIN_HEIGHTS: "many" },
      'BALEEN_VALIDATOR_RETAIN_HEIGHTS: "many" is not allowed. Give a whole number from 0 to 1000000000.',
    ],
  ])("%j and %j are refused with a remedy", (argv, env, message) => {
    expect(faultsOf(argv, env)).toEqual([message]);
  });

  test("tell all faults at once; what follows a misspelt flag is none of its own", () => {
    expect(
      faultsOf(["--hom", "x", "--log-sync=1", "--block-size", "0"], { BALEEN_VALIDATOR_X: "1" }),
    ).toHaveLength(4);
  });
});

test("the help names every flag with its default, in at most 120 columns", () => {
  const help = formatHelp();
  for (const { flag, placeholder } of tuningFields) expect(help).toContain(`  --${flag} ${placeholder}`);
  expect(help).toContain(
    "--min-round-delay MS            shortest time between two own blocks (default: 50)",
  );
  for (const line of help.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
});

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  flag,
  needed,
  number,
  numbers,
  optionalNumber,
  parseCommandLine,
  text,
} from "../../benchmarks/suite/command-line.ts";

const options = {
  into: needed("FOLDER", "where it goes"),
  name: text("NAME", "what it is called", "results"),
  secs: number("how long", 15, 1),
  uncommitted: optionalNumber("how many"),
  delays: numbers("how late", "0,10"),
  sweep: flag("try all"),
};

describe("a suite script's options", () => {
  test("have their values, or what holds where they are left out", () => {
    expect(parseCommandLine(["--into", "there"], options)).toEqual({
      ...{ into: "there", name: "results", secs: 15, uncommitted: undefined, delays: [0, 10], sweep: false },
    });
    const given = [
      "--into=there",
      "--name",
      "x",
      "--secs=2.5",
      "--uncommitted=0",
      "--delays",
      "5",
      "--sweep",
    ];
    expect(parseCommandLine(given, options)).toEqual({
      ...{ into: "there", name: "x", secs: 2.5, uncommitted: 0, delays: [5], sweep: true },
    });
    expect(parseCommandLine(["--help", "--what"], options)).toBeUndefined();
  });

  test.each([
    [["--secs=1"], "--into FOLDER is missing: where it goes."],
    [["--into=x", "--sec", "1"], "--sec: no such option. Did you mean --secs?"],
    [["--into=x", "--no-sweep"], "--no-sweep: no such option. --help lists what there is."],
    [["--into=x", "-q"], "-q: no such option. --help lists what there is."],
    [["--into=x", "more"], '"more" is no option.'],
    [["--into"], "--into needs a value: FOLDER."],
    [["--into=x", "--sweep=yes"], "--sweep takes no value."],
    [["--into=x", "--secs=0"], '--secs: "0" is no number from 1.'],
    [["--into=x", "--delays=1,,2"], '--delays: "" is no number from 0.'],
    [["--into=x", "--uncommitted=Infinity"], '--uncommitted: "Infinity" is no number from 0.'],
  ])("%j is told in a line", (args, message) => {
    expect(() => parseCommandLine(args, options)).toThrow(message);
  });
});

const folder = fileURLToPath(new URL("../../benchmarks/suite/", import.meta.url));

describe.each(["beside-cometbft.ts", "delays.ts", "profile.ts"])("%s", (name) => {
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [folder + name, ...args], {
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  };

  test("lists its options, and names one that it does not have in a line, with exit code 2", () => {
    expect(run("--help")).toEqual({
      status: 0,
      stdout: expect.stringMatching(
        new RegExp(`^Usage: node benchmarks/suite/${name} \\[options\\]\\n\\n.+\\n\\n( {2}--.+\\n)+$`),
      ),
      stderr: "",
    });
    expect(run("--nowhere")).toEqual({
      status: 2,
      stdout: "",
      stderr: `${name}: --nowhere: no such option. --help lists what there is.\n`,
    });
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { number, numberList } from "../../../src/options/rules/number.ts";
import { boolean, choice, type Rule, text } from "../../../src/options/rules/rule.ts";
import { rules } from "../../../src/options/rules/rules.ts";

function read(rule: Rule<unknown>, value: unknown): unknown {
  const reading = rule.read({ name: "--x", value, rank: 0 });
  return "value" in reading ? reading.value : reading.diagnostics.map(({ message }) => message);
}

const loads = numberList({ unit: "tx/s", above: 0, atMost: 1_000_000 }, 1000);
const loadsExpected =
  "Give numbers of tx/s above 0 and up to 1,000,000, separated by single commas, such as 100,200,500.";

describe("numberList", () => {
  test.each<[string, unknown, unknown]>([
    ["one load", "100", [100]],
    ["loads in the order given", "500,100,200", [500, 100, 200]],
    ["duplicates", "100,100", [100, 100]],
    ["fractions and exponents", "0.5,1e3", [0.5, 1000]],
    ["blanks around items", " 100, 200 ", [100, 200]],
    ["a list from a file", [100, "200"], [100, 200]],
    ["one number from a file", 100, [100]],
    ["the maximum itself", "1000000", [1_000_000]],
  ])("reads %s", (_, value, wanted) => {
    expect(read(loads, value)).toEqual(wanted);
  });

  test.each<[string, unknown, string[]]>([
    ["an empty item", "100,,200", [`--x: item 2 of "100,,200" is empty.`]],
    ["a comma at the end", "100,", [`--x: item 2 of "100," is empty.`]],
    ["nothing", "", [`--x: item 1 of "" is empty.`]],
    ["a word", "abc", [`--x: "abc" is not a number.`]],
    ["a unit", "1k", [`--x: "1k" is not a number.`]],
    ["a negative load", "-5", ["--x: -5 is not above 0."]],
    ["zero", "0", ["--x: 0 is not above 0."]],
    ["more than the maximum", "1e9", ["--x: 1e9 is above the maximum of 1,000,000 tx/s."]],
    ["a number beyond all numbers", "1e999", [`--x: "1e999" is not a number.`]],
    ["another notation", "0x10", [`--x: "0x10" is not a number.`]],
    ["infinity", "Infinity", [`--x: "Infinity" is not a number.`]],
    [
      "every faulty item",
      "1,abc,-5",
      [`--x: item 2, "abc", is not a number.`, "--x: item 3, -5, is not above 0."],
    ],
    ["an empty list from a file", [], ["--x: the list is empty."]],
    ["a map from a file", { a: 1 }, [`--x: "{"a":1}" is not a number.`]],
    ["too many items", Array(1001).fill(1), ["--x: 1,001 items are more than the maximum of 1,000."]],
  ])("refuses %s", (_, value, reasons) => {
    expect(read(loads, value)).toEqual(reasons.map((reason) => `${reason} ${loadsExpected}`));
  });

  test("reads what it is given of any list of allowed numbers", () => {
    const load = fc.double({ min: 0, max: 1_000_000, minExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.array(load, { minLength: 1, maxLength: 50 }), (numbers) => {
        expect(read(loads, numbers.join(","))).toEqual(numbers);
      }),
    );
  });

  test("says one line for any text, and never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        const reading = loads.read({ name: "--x", value, rank: 0 });
        if ("diagnostics" in reading) {
          expect(reading.diagnostics.length).toBeGreaterThan(0);
          for (const { message } of reading.diagnostics) expect(message).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });
});

describe("number", () => {
  const seconds = number({ unit: "seconds", above: 0, atMost: 604_800 });
  const nodes = number({ unit: "nodes", whole: true, atLeast: 1, atMost: 128 });
  const port = number({ unit: "", whole: true, atLeast: 1, atMost: 65_535 });
  const bytes = number({ unit: "bytes", whole: true, atLeast: 18, atMost: 70_000, except: [259, 65_540] });
  test.each<[string, Rule<number>, unknown, unknown]>([
    ["a fraction", seconds, "0.5", 0.5],
    ["text with blanks", seconds, " 5 ", 5],
    ["a number of a file", nodes, 4, 4],
    ["the limits", nodes, "128", 128],
    ["what stands beside an exception", bytes, "260", 260],
  ])("reads %s", (_, rule, value, wanted) => {
    expect(read(rule, value)).toBe(wanted);
  });

  const secondsExpected = "Give a number of seconds above 0 and up to 604,800";
  const nodesExpected = "Give a whole number of nodes from 1 to 128";
  test.each<[string, Rule<number>, unknown, string]>([
    ["a unit", seconds, "5s", `--x: "5s" is not a number. ${secondsExpected}, without a unit.`],
    ["two numbers", seconds, "5,6", `--x: "5,6" is not a number. ${secondsExpected}, without a unit.`],
    ["a switch", seconds, true, `--x: true is not a number. ${secondsExpected}, without a unit.`],
    ["zero", seconds, "0", `--x: 0 is not above 0. ${secondsExpected}.`],
    [
      "too much",
      seconds,
      604_801,
      `--x: 604801 is above the maximum of 604,800 seconds. ${secondsExpected}.`,
    ],
    ["too little", nodes, "0", `--x: 0 is below the minimum of 1 nodes. ${nodesExpected}.`],
    ["a fraction of a node", nodes, "3.5", `--x: 3.5 is not a whole number. ${nodesExpected}.`],
    [
      "a bare number outside",
      port,
      "0",
      "--x: 0 is below the minimum of 1. Give a whole number from 1 to 65,535.",
    ],
    [
      "an exception",
      bytes,
      "259",
      "--x: 259 is not possible. Give a whole number of bytes from 18 to 70,000, but not 259 or 65,540.",
    ],
    ["not a number", seconds, Number.NaN, `--x: NaN is not a number. ${secondsExpected}, without a unit.`],
  ])("refuses %s", (_, rule, value, wanted) => {
    expect(read(rule, value)).toEqual([wanted]);
  });
});

describe("boolean", () => {
  test.each<[unknown, boolean]>([
    ["true", true],
    ["yes", true],
    ["1", true],
    [1, true],
    [true, true],
    ["TRUE", true],
    ["false", false],
    ["no", false],
    ["0", false],
    [0, false],
    [false, false],
  ])("reads %j as %s", (value, wanted) => {
    expect(read(boolean, value)).toBe(wanted);
  });

  test.each<unknown>(["maybe", "", "2", "tru", null, {}, { toString: [] }])("refuses %j", (value) => {
    expect(read(boolean, value)).toEqual([
      expect.stringMatching(/^--x: .* is neither true nor false\. Give true or false/),
    ]);
  });
});

describe("choice and text", () => {
  test("a word that is none of the choice is told with all of them", () => {
    expect(read(choice("auto", "docker", "process"), "podman")).toEqual([
      `--x: "podman" is not a known value. Give auto, docker or process.`,
    ]);
  });

  test.each<[string, unknown, unknown]>([
    ["a text", "abc", "abc"],
    ["a number, as YAML reads it", 42, "42"],
    ["nothing", "", [`--x: "" cannot be used. Give a seed of 1 to 8 characters.`]],
    ["too much", "123456789", [`--x: "123456789" cannot be used. Give a seed of 1 to 8 characters.`]],
    ["a NUL", "a\0b", [`--x: "a\\u0000b" cannot be used. Give a seed of 1 to 8 characters.`]],
    ["a list", ["a"], [`--x: "["a"]" is not text. Give a seed of 1 to 8 characters.`]],
  ])("text: %s", (_, value, wanted) => {
    expect(read(text("a seed", 8), value)).toEqual(wanted);
  });
});

test.each(Object.entries(rules))(
  "%s refuses a table that cannot be made a text, and does not throw",
  (_, rule) => {
    const table = { toString: [], valueOf: [] };
    for (const value of [table, [table, table], { committee: table }]) {
      expect(rule.read({ name: "--x", rank: 2, value })).toHaveProperty("diagnostics");
    }
  },
);

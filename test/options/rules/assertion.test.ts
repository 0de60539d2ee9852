import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AssertedMetric, AssertedUnit, Assertion } from "../../../src/contracts/results/assertion.ts";
import { checkParameters, givenFrom } from "../../../src/options/checks/check.ts";
import {
  absoluteLimit,
  assertedMetrics,
  assertionList,
  formatAssertion,
  parseAssertion,
} from "../../../src/options/rules/assertion.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";

function parsed(text: string): Assertion {
  const found = parseAssertion(text);
  if ("problem" in found) throw new Error(found.problem);
  return found.assertion;
}

function problemOf(text: string): string {
  const found = parseAssertion(text);
  return "problem" in found ? found.problem : "none";
}

const unitsOf = (metric: AssertedMetric): readonly AssertedUnit[] =>
  metric === "throughput"
    ? ["tx/s"]
    : metric === "goodput"
      ? ["Mbit/s"]
      : metric === "failed" || metric === "leaking_nodes"
        ? [""]
        : metric === "efficiency" || metric === "success_rate"
          ? ["%"]
          : ["ms", "s", "us"];

const arbitraryAssertion: fc.Arbitrary<Assertion> = fc
  .record({
    metric: fc.constantFrom(...assertedMetrics),
    load: fc.option(fc.double({ min: 1e-9, max: 1e6, noNaN: true }), { nil: undefined }),
    order: fc.constantFrom("<", "<=", ">", ">=" as const),
    size: fc.double({ min: 0, max: 1e12, noNaN: true }),
    change: fc.option(fc.double({ min: -100, max: 1e6, noNaN: true }), { nil: undefined }),
    place: fc.nat(2),
  })
  .map(({ metric, load, order, size, change, place }): Assertion => {
    const units = unitsOf(metric);
    const at = load === undefined ? {} : { loadTps: load };
    if (change !== undefined) {
      return { metric, ...at, order, amount: change + 0, unit: "%", relative: true };
    }
    const unit = units[place % units.length] as AssertedUnit;
    return { metric, ...at, order, amount: size + 0, unit, relative: false };
  });

describe("an assertion", () => {
  test.each([
    ["commit.p99<500ms", { metric: "commit.p99", order: "<", amount: 500, unit: "ms", relative: false }],
    ["commit.p99<500", { metric: "commit.p99", order: "<", amount: 500, unit: "ms", relative: false }],
    [
      "submit.p99.9 <= 2.5 s",
      { metric: "submit.p999", order: "<=", amount: 2.5, unit: "s", relative: false },
    ],
    ["lateness.max<750µs", { metric: "lateness.max", order: "<", amount: 750, unit: "us", relative: false }],
    ["efficiency>=95%", { metric: "efficiency", order: ">=", amount: 95, unit: "%", relative: false }],
    ["throughput>1e3", { metric: "throughput", order: ">", amount: 1000, unit: "tx/s", relative: false }],
    ["failed<=0", { metric: "failed", order: "<=", amount: 0, unit: "", relative: false }],
    ["throughput>-5%", { metric: "throughput", order: ">", amount: -5, unit: "%", relative: true }],
    ["success_rate>=-0%", { metric: "success_rate", order: ">=", amount: 0, unit: "%", relative: true }],
    [
      " latency.mean @ 0.5 < + 10 % ",
      { metric: "latency.mean", loadTps: 0.5, order: "<", amount: 10, unit: "%", relative: true },
    ],
  ])("is read: %s", (text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });

  test.each([
    ["", /^"": not an assertion\. Give METRIC\[@LOAD\], /],
    ["commit.p99", /not an assertion/],
    ["commit.p99=500ms", /not an assertion/],
    ["commit.p99<abc", /not an assertion/],
    ["commit.p99<", /not an assertion/],
    ["comit.p99<5ms", /unknown metric "comit\.p99"\. Did you mean commit\.p99\?$/],
    ["throughputt>5", /Did you mean throughput\?$/],
    ["p99<5ms", /unknown metric "p99"\. (Give throughput, goodput, efficiency|Did you mean)/],
    ["tps_of_my_system>5", /unknown metric "tps_of_my_system"\. Give throughput, goodput, efficiency, /],
    ["efficiency>=0.95", /its unit is missing\. Give its value in %\.$/],
    ["commit.p99<5tx/s", /"tx\/s" is not a unit of commit\.p99\. Give its value in ms, s, us\.$/],
    ["failed<5%", /"%" is not a unit of failed\. Give a number without a unit\.$/],
    ["throughput>-5", /its unit is missing\. Give the change against the baseline in %, such as -5%\.$/],
    ["commit.p99<+5ms", /"ms" is not a unit of a change\./],
    ["throughput>-101%", /nothing can fall by more than 100 %/],
    ["throughput>1e99", /its value is too large\. Give at most 1,000,000,000,000\.$/],
    ["throughput@0>5", /"0" is not a load\. Give one in tx\/s/],
    ["throughput@0x10>5", /"0x10" is not a load/],
    ["throughput@1e7>5", /"1e7" is not a load/],
  ])("is refused, with what to give: %s", (text, problem) => {
    expect(problemOf(text)).toMatch(problem);
  });

  test("reads the same again as it is shown", () => {
    fc.assert(
      fc.property(arbitraryAssertion, (assertion) => {
        expect(parsed(formatAssertion(assertion))).toEqual(assertion);
      }),
      { numRuns: 1000 },
    );
  });

  test("whatever somebody writes is read, or refused in one line without control characters", () => {
    const bits = fc.constantFrom(
      "commit.p99",
      "<",
      ">=",
      "5",
      "%",
      "@",
      "-",
      " ",
      "\u0000",
      "\n",
      "ms",
      "1e",
      "💥",
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(bits, { maxLength: 12 }).map((some) => some.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const found = parseAssertion(text);
        if ("problem" in found) expect(found.problem).not.toMatch(/\p{Cc}/u);
        else expect(parsed(formatAssertion(found.assertion))).toEqual(found.assertion);
      }),
      { numRuns: 2000 },
    );
  });

  test("a line that is too long is refused unread", () => {
    for (const sign of [" ", "<", "1", "e", "@", "a", "."]) {
      expect(assertionList.read({ name: "--assert", value: sign.repeat(100_000), rank: 0 })).toHaveProperty(
        "diagnostics",
      );
    }
  });

  test.each([
    ["commit.p99<1.5s", 1500],
    ["commit.p99<250us", 0.25],
    ["efficiency>=95%", 95],
    ["throughput>95", 95],
  ])("has its limit in the published unit: %s", (text, limit) => {
    expect(absoluteLimit(parsed(text))).toBe(limit);
  });
});

describe("a list of assertions", () => {
  const read = (value: unknown) => assertionList.read({ name: "BALEEN_ASSERT", value, rank: 1 });
  const texts = (value: unknown) => {
    const reading = read(value);
    return "value" in reading
      ? reading.value.map(formatAssertion)
      : reading.diagnostics.map(({ message }) => message);
  };

  test.each([
    ["one text", "failed<=0", ["failed<=0"]],
    [
      "several in a text",
      "failed<=0; throughput>5tx/s;\n efficiency>=95%;",
      ["failed<=0", "throughput>5tx/s", "efficiency>=95%"],
    ],
    ["a list", ["failed<=0", "throughput > 5"], ["failed<=0", "throughput>5tx/s"]],
  ])("is %s", (_, value, expected) => {
    expect(texts(value)).toEqual(expected);
  });

  test("tells of every faulty item at once", () => {
    expect(texts(["faild<1", 5, "commit.p99<1ms", "x"])).toEqual([
      'BALEEN_ASSERT: "faild<1": unknown metric "faild". Did you mean failed?',
      expect.stringMatching(/^BALEEN_ASSERT: 5: not an assertion\. /),
      expect.stringMatching(/^BALEEN_ASSERT: "x": not an assertion\. /),
    ]);
  });

  test("is refused where it holds none, or far too many", () => {
    expect(texts(" ; ")).toEqual([expect.stringMatching(/^BALEEN_ASSERT: it contains no assertion\. /)]);
    expect(texts(Array.from({ length: 1001 }, () => "failed<1"))).toEqual([
      "BALEEN_ASSERT: 1,001 assertions are too many. Give at most 1,000.",
    ]);
  });
});

test("a sweep's assertions name its loads, and changes have a baseline; all that is wrong is told at once", () => {
  const values = {
    loads: [100, 200],
    assert: ["failed@300<1", "x<1", "throughput>-5%", "commit.p99@200<1s"],
  };
  const { diagnostics, parameters } = checkParameters(givenFrom(values), mysticeti);
  expect(diagnostics.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^assert: "x<1": unknown metric "x"\. /),
    'assert: "failed@300<1" is about 300 tx/s, and the loads are 100, 200. Name one of them, or remove @300.',
    'assert: "throughput>-5%" is about a change, and there is no baseline. Give --baseline BUNDLE, or a value without a sign.',
  ]);
  expect(parameters.assertions).toHaveLength(3);
  const good = { loads: [300], assert: ["failed@300<1", "throughput>-5%"], baseline: "A" };
  expect(checkParameters(givenFrom(good), mysticeti).diagnostics).toEqual([]);
});

test("in a search they are about the load that it finds, so that none is named, and no change", () => {
  const values = { search: true, assert: ["failed@300<1", "throughput>-5%", "commit.p99<1s"], baseline: "A" };
  const { diagnostics } = checkParameters(givenFrom(values), mysticeti);
  expect(diagnostics.map(({ message }) => message)).toEqual([
    'assert: "failed@300<1" is about 300 tx/s, but for a search it applies to the highest load found. Remove @300.',
    'assert: "throughput>-5%" is about a change, but the baseline may lack the load that a search finds. Use a value without a sign.',
  ]);
});

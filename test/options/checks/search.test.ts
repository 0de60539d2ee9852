import { describe, expect, test } from "vitest";
import { checkBoth, checkParameters, givenFrom } from "../../../src/options/checks/check.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";

const check = (values: Record<string, unknown>) => checkParameters(givenFrom(values), mysticeti);
const messages = (values: Record<string, unknown>) => check(values).diagnostics.map(({ message }) => message);

describe("a search", () => {
  test("has its own loads and terms, percent as shares", () => {
    const { parameters, diagnostics } = check({
      search: true,
      searchFrom: 50,
      searchTo: 5000,
      searchPrecision: 10,
      searchEfficiency: "95.5",
      searchLatency: 500,
      searchBacklog: 0,
    });
    expect(diagnostics).toEqual([]);
    expect(parameters.loadsTps).toEqual([]);
    expect(parameters.search).toEqual({
      fromTps: 50,
      toTps: 5000,
      precisionRatio: 0.1,
      efficiencyRatio: 0.955,
      latencyMs: 500,
      backlogGrowthRatio: 0,
    });
  });

  test("has a default for each term, and no limit on latency", () => {
    expect(check({ search: true }).parameters.search).toEqual({
      fromTps: 100,
      toTps: 1_000_000,
      precisionRatio: 0.05,
      efficiencyRatio: 0.98,
      latencyMs: undefined,
      backlogGrowthRatio: 0.02,
    });
    expect(check({}).parameters.search).toBeUndefined();
    expect(check({ search: false, loads: [1] }).diagnostics).toEqual([]);
  });

  test.each([
    ["loads", { loads: [100] }, /^loads: a search chooses its own loads/],
    ["loads of its network", { localLoads: [100] }, /^localLoads: a search chooses its own loads/],
    ["repeats", { runs: 5 }, /^runs: a search runs each load once.*--loads and --runs 5/],
    ["a fixed number of transactions", { numTransactions: 1000 }, /^numTransactions: with a fixed number/],
    [
      "one network for all",
      { keepNetwork: true },
      /^keepNetwork: on a shared network, each probe would begin with/,
    ],
    [
      "a window that is too short",
      { duration: 4 },
      /^duration: 4 s is too short to see whether the backlog grows.*at least 5 s/,
    ],
    ["nowhere to go", { searchFrom: 10, searchTo: 5 }, /^searchFrom: a search from 10 to 5 tx\/s/],
    ["too low a load", { searchFrom: 0.1 }, /^searchFrom: 0.1 tx\/s schedules no transaction within 5 s/],
    [
      "crashes from which no window recovers",
      { faults: 1, crashRecovery: true, crashInterval: 5 },
      /^crashInterval: nodes that recover after 5 s do not/,
    ],
    ["a precision that it never reaches", { searchPrecision: 0.5 }, /^searchPrecision: 0.5 is below/],
  ])("is refused together with %s", (_, values, expected) => {
    expect(messages({ search: true, duration: 5, ...values })).toEqual([expect.stringMatching(expected)]);
  });

  test("goes together with a list of the other network, one run, and one load", () => {
    const one = { remoteLoads: [1], runs: 1, searchFrom: 7, searchTo: 7 };
    const values = { search: true, keepNetwork: false, ...one };
    expect(messages(values)).toEqual([]);
  });

  test("is named as missing by each of its terms", () => {
    expect(messages({ searchTo: 100, searchLatency: 5 })).toEqual([
      "searchTo: there is no search. Add --search, or remove it.",
      "searchLatency: there is no search. Add --search, or remove it.",
    ]);
  });

  test("is of one network: both are refused once", () => {
    const values = { networkType: "both", search: true, searchFrom: 7, allowNoFaults: true };
    const { local, remote } = checkBoth(givenFrom(values), mysticeti);
    const reported = [...local.diagnostics, ...remote.diagnostics].map(({ message }) => message);
    expect(reported.filter((message) => message.includes("search"))).toEqual([
      expect.stringMatching(/^search: two searches end at different loads/),
    ]);
  });
});

test("runs repeat each load, 1 to 1000 times", () => {
  expect(check({}).parameters.runs).toBe(1);
  expect(check({ runs: 1000 }).parameters.runs).toBe(1000);
  for (const runs of [0, 1.5, 1001]) expect(messages({ runs })).toEqual([expect.stringMatching(/^runs: /)]);
});

import { describe, expect, test } from "vitest";
import type { LoadProfile } from "../../../src/contracts/load/load-profile.ts";
import { checkBoth, checkParameters, givenFrom } from "../../../src/options/checks/check.ts";
import type { ParameterName } from "../../../src/options/rules/rules.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";

type Values = Partial<Record<ParameterName, unknown>>;

const check = (values: Values) => checkParameters(givenFrom(values), mysticeti);
const messages = (values: Values) => check(values).diagnostics.map(({ message }) => message);
const file = (text: string, path = "load.csv") => ({ path, text });

describe("a profile", () => {
  test.each<[string, LoadProfile]>([
    ["constant", { kind: "constant", level: 1 }],
    ["ramp:0..1", { kind: "ramp", from: 0, to: 1 }],
    ["ramp:.5...75", { kind: "ramp", from: 0.5, to: 0.75 }],
    ["steps:0.25,0.5,1", { kind: "steps", levels: [0.25, 0.5, 1] }],
    ["bursts:0.5..2@1s/4s", { kind: "bursts", base: 0.5, burst: 2, burstSecs: 1, periodSecs: 4 }],
    ["sine:0.5..1.5/20s", { kind: "sine", from: 0.5, to: 1.5, periodSecs: 20 }],
  ])("%s", (profile, expected) => {
    const { parameters, diagnostics } = check({ profile });
    expect(diagnostics).toEqual([]);
    expect(parameters.profile).toEqual(expected);
  });

  test("closed:16,64 names the numbers in flight, one run each", () => {
    const { parameters, diagnostics } = check({ profile: "closed:16,64" });
    expect(diagnostics).toEqual([]);
    expect(parameters).toMatchObject({ profile: { kind: "closed" }, loadsTps: [16, 64] });
    const both = checkBoth(givenFrom({ profile: "closed:16,64" }), mysticeti);
    expect([both.local.parameters.loadsTps, both.local.diagnostics]).toEqual([[16, 64], []]);
  });

  test.each<[string, string]>([
    ["rampe:0..1", '"rampe:0..1" is not a load profile'],
    ["ramp:0", '"ramp:0" is not a load profile'],
    ["ramp:a..-1", '"a" is not a level'],
    ["ramp:a..-1", '"-1" is not a level'],
    ["steps:", '"steps:" is not a load profile'],
    ["steps:1,,2", '"" is not a level'],
    ["steps:0,0", "never offers any load"],
    ["bursts:1..2@4s/4s", "bursts of 4 s leave no rest in a period of 4 s"],
    ["bursts:1..2@1/4", "is not a load profile"],
    ["sine:0..1/0s", '"0" is not a number of seconds'],
    ["closed:0", "0 is below the minimum of 1 transactions in flight"],
    ["closed:1.5", "not a whole number"],
  ])("%s is refused: %s", (profile, reason) => {
    expect(messages({ profile }).some((message) => message.includes(reason))).toBe(true);
  });

  test("does not go together with what contradicts it", () => {
    expect(messages({ profile: "sine:0..1/5s", numTransactions: 10 })).toEqual([
      "numTransactions: the time for a number of transactions is unknown with profile. Use --duration, or remove it.",
    ]);
    expect(messages({ profile: "ramp:0..1", search: true })[0]).toMatch(/constant loads/);
    expect(messages({ profile: "closed:8", loads: [100], arrival: "poisson" })).toHaveLength(2);
    expect(messages({ profile: "ramp:0..3", loads: [500_000] })[0]).toMatch(/reaches 1,500,000 tx\/s/);
    expect(messages({ profile: "bursts:1..2@0.001s/0.002s", duration: 604_800 })[0]).toMatch(/pieces/);
    expect(messages({ profile: "ramp:0..0.1", loads: [1], duration: 2 })[0]).toMatch(/no transaction/);
  });

  test("that offers nothing is told as such, once, whatever the loads are", () => {
    expect(messages({ profile: "bursts:0..1@1s/60s", duration: 30, loads: [1, 2] })).toEqual([
      "profile: it offers no load within 30 s. Use a level above 0, or a longer duration if one comes later.",
    ]);
    const phases = file("- {name: a, duration: 4, level: 0}\n", "day.yaml");
    expect(messages({ phases })).toEqual([
      "phases: it offers no load within 4 s. Use a level above 0, or a longer duration if one comes later.",
    ]);
  });

  test("a ramp with a number of transactions is as long as they take", () => {
    expect(messages({ profile: "ramp:0..1", numTransactions: 10 })).toEqual([]);
  });
});

describe("a trace", () => {
  test("holds each level from its second on; comments and empty lines are let be", () => {
    const text = "\ufeff# measured in May\r\nsecond,level\r\n0,0.5\r\n\r\n 2.5 , 2\r\n";
    const { parameters, diagnostics } = check({ profile: file(text) });
    expect(diagnostics).toEqual([]);
    expect(parameters.profile).toEqual({
      kind: "trace",
      points: [
        { second: 0, level: 0.5 },
        { second: 2.5, level: 2 },
      ],
    });
  });

  test("every faulty line is told", () => {
    const text = "second,level\n0,1\n0,2\nx,1\n3\n4,-1\n5,1";
    const lines = messages({ profile: file(text) }).map((message) => message.split(". ")[0]);
    expect(lines).toEqual([
      "load.csv:3: second 0 does not come after 0",
      'load.csv:4: "x" is not a second',
      'load.csv:5: "3" is not two numbers',
      'load.csv:6: "-1" is not a level',
    ]);
  });

  test.each<[string, string, RegExp]>([
    ["without a header", "0,1\n", /:1: "0,1" is not the header/],
    ["that is empty", "", /:1: "" is not the header/],
    ["without levels", "second,level\n", /there are no levels/],
    ["that begins later", "second,level\n1,1\n", /:2: the first second is not 0/],
    ["of nothing", "second,level\n0,0\n", /never offers any load/],
    ["that is no trace at all", `second,level\n${"x\n".repeat(50)}`, /40 more lines have errors/],
  ])("%s is refused", (_, text, reason) => {
    expect(messages({ profile: file(text) }).join("\n")).toMatch(reason);
  });
});

describe("phases", () => {
  const phases = (text: string, more: Values = {}) => ({ phases: file(text, "day.yaml"), ...more });

  test("make up the window", () => {
    const { parameters, diagnostics } = check(
      phases(`
- {name: night, duration: 2.5, level: 0.2}
- name: morning
  duration: 4
  profile: ramp:0.2..1
- {name: day, duration: 10}
`),
    );
    expect(diagnostics).toEqual([]);
    expect(parameters.durationSecs).toBe(16.5);
    expect(parameters.profile).toEqual({
      kind: "phases",
      phases: [
        { name: "night", durationSecs: 2.5, profile: { kind: "constant", level: 0.2 } },
        { name: "morning", durationSecs: 4, profile: { kind: "ramp", from: 0.2, to: 1 } },
        { name: "day", durationSecs: 10, profile: { kind: "constant", level: 1 } },
      ],
    });
  });

  test("may be shares of the duration", () => {
    const text = "phases:\n- {name: a, share: 0.25}\n- {name: b, share: 0.75, level: 2}\n";
    const { parameters, diagnostics } = check(phases(text, { duration: 20 }));
    expect(diagnostics).toEqual([]);
    expect(parameters.profile).toMatchObject({ phases: [{ durationSecs: 5 }, { durationSecs: 15 }] });
  });

  test("that are no text are shown as they stand in the file, also where they hold themselves", () => {
    expect(messages(phases("- {name: a, duration: 1, profile: {kind: ramp}}"))[0]).toMatch(
      /^day.yaml:1: "{"kind":"ramp"}" is not a load profile, which is text\./,
    );
    const looped = messages(phases("- &a [*a]\n- {name: b, duration: &b [*b], profile: *b}\n"));
    expect(looped[0]).toMatch(/^day.yaml:1: a value that contains itself is not a phase/);
    expect(looped.slice(1).join("; ")).toMatch(
      /a value that contains itself is not a number.*is not a load profile/,
    );
  });

  test("all faults are told at once, with their lines", () => {
    const text = `- nme: a
  duration: 1
- name: b
  duration: -1
  level: x
- name: b
  duration: 1
  share: 0.5
- name: c
  duration: 1
  profile: ramp:1
  level: 2
- 7
`;
    const reported = messages(phases(text)).map((message) => message.split(". ")[0]);
    expect(reported).toEqual([
      "day.yaml:1: nme is not a key of a phase",
      "day.yaml:1: it has no name",
      "day.yaml:4, duration: -1 is not above 0",
      'day.yaml:5, level: "x" is not a number',
      "day.yaml:6: it has both a duration and a share",
      "day.yaml:12: it has both a profile and a level",
      "day.yaml:13: 7 is not a phase",
      'day.yaml:1: "b" is the name of two phases',
      "day.yaml:1: some phases have a share and others a duration",
    ]);
  });

  test.each<[string, string, RegExp]>([
    ["no YAML", "- {name: a", /^day\.yaml:\d+: /],
    ["no list", "name: a", /not a list of phases/],
    ["shares that are not 1", "- {name: a, share: 0.5}", /add up to 0.5, not to 1/],
    [
      "a trace",
      "- {name: a, duration: 1, profile: 'trace:x.csv'}",
      /:1: .* a trace or a closed loop cannot be part of phases/,
    ],
  ])("%s is refused", (_, text, reason) => {
    expect(messages(phases(text)).join("\n")).toMatch(reason);
  });

  test("contradict another duration, and another profile", () => {
    const text = "- {name: a, duration: 3}\n- {name: b, duration: 4}\n";
    expect(messages(phases(text, { duration: 8 }))[0]).toMatch(/last 7 s, not 8 s/);
    expect(messages(phases(text, { duration: 7 }))).toEqual([]);
    expect(messages(phases(text, { profile: "ramp:0..1" }))[0]).toMatch(/phases have their own profiles/);
  });
});

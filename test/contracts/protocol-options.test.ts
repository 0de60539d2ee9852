import { describe, expect, test } from "vitest";
import type { ProtocolOption } from "../../src/contracts/protocol.ts";
import { optionsOnHosts, readProtocolOptions } from "../../src/contracts/protocol-options.ts";

const table: readonly ProtocolOption[] = [
  {
    name: "tuning",
    meaning: "defaults of the others",
    allowed: { kind: "choice", choices: ["default", "load"] },
    default: "default",
  },
  {
    name: "roundMs",
    meaning: "a round",
    allowed: { kind: "number", least: 1, most: 100, whole: true },
    default: 50,
    remoteDefault: 80,
    tuned: { load: 10 },
  },
  {
    name: "shareRatio",
    meaning: "a share",
    allowed: { kind: "number", least: 0, most: 1, whole: false },
    default: 0.5,
  },
  { name: "label", meaning: "a name", allowed: { kind: "text" }, default: "" },
];
const read = (given: Readonly<Record<string, unknown>>) => readProtocolOptions("tiny", table, given);

describe("what nobody gives", () => {
  test("has its default, by the tuning that was chosen", () => {
    const usual = { tuning: "default", roundMs: 50, shareRatio: 0.5, label: "" };
    expect(read({})).toEqual({ values: usual, diagnostics: [] });
    expect(read({ roundMs: undefined })).toEqual({ values: usual, diagnostics: [] });
    expect(read({ tuning: "load" }).values).toEqual({ ...usual, tuning: "load", roundMs: 10 });
    expect(read({ tuning: "load", roundMs: 7 }).values).toEqual({ ...usual, tuning: "load", roundMs: 7 });
  });

  test("has another default on several hosts, which a tuning goes before", () => {
    const remote = optionsOnHosts(table);
    expect(readProtocolOptions("tiny", remote, {}).values.roundMs).toBe(80);
    expect(readProtocolOptions("tiny", remote, { tuning: "load" }).values.roundMs).toBe(10);
  });

  test("is the same when what came out goes in again", () => {
    const { values } = read({ tuning: "load", label: "x" });
    expect(read(values)).toEqual({ values, diagnostics: [] });
  });
});

test("all faults are told at once, with what would do; what is wrong has its default", () => {
  const given = { tuning: "toString", roundMs: 1.5, shareRatio: 2, label: "a\nb", rounds: 1, other: 1 };
  const { values, diagnostics } = read(given);
  expect(diagnostics).toEqual([
    { code: "unknown-protocol-option", message: "tiny has no option rounds. Did you mean roundMs?" },
    {
      code: "unknown-protocol-option",
      message: "tiny has no option other. It has tuning, roundMs, shareRatio, label.",
    },
    {
      code: "protocol-option",
      message: 'tuning (defaults of the others) is "toString"; it must be one of default, load.',
    },
    {
      code: "protocol-option",
      message: "roundMs (a round) is 1.5; it must be a whole number from 1 to 100.",
    },
    { code: "protocol-option", message: "shareRatio (a share) is 2; it must be a number from 0 to 1." },
    { code: "protocol-option", message: 'label (a name) is "a\\nb"; it must be a line of text.' },
  ]);
  expect(values).toEqual({ tuning: "default", roundMs: 50, shareRatio: 0.5, label: "" });
  expect(readProtocolOptions("plain", [], { a: 1 }).diagnostics).toMatchObject([
    { message: "plain has no option a. It has none." },
  ]);
});

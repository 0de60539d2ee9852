import fc from "fast-check";
import { expect, test } from "vitest";
import { describeAllowedValue, isAllowedValue } from "../../../src/core/allowed-value.ts";
import { defaultValidatorTuning } from "../../../src/validator/wire/node-files.ts";
import {
  tuningDefault,
  tuningField,
  tuningFields,
  tuningFromText,
} from "../../../src/validator/wire/tuning.ts";

test("the table names every field of the tuning once, and its default is allowed", () => {
  const all = Object.entries(defaultValidatorTuning).flatMap(([section, fields]) =>
    Object.keys(fields).map((name) => `${section}.${name}`),
  );
  expect(tuningFields.map(({ section, name }) => `${section}.${name}`).sort()).toEqual(all.sort());
  expect(new Set(tuningFields.map(({ flag }) => flag)).size).toBe(tuningFields.length);
  for (const field of tuningFields) expect(isAllowedValue(tuningDefault(field), field.allowed)).toBe(true);
});

test("a whole number of the range is read from its digits, and nothing else is", () => {
  const { allowed } = tuningField("consensus", "minRoundDelayMs");
  expect(describeAllowedValue(allowed)).toBe("a whole number from 0 to 60000");
  fc.assert(
    fc.property(fc.integer({ min: -70_000, max: 70_000 }), (value) => {
      const isWithin = value >= 0 && value <= 60_000;
      expect(isAllowedValue(tuningFromText(String(value), allowed), allowed)).toBe(isWithin);
    }),
  );
  for (const text of ["", " 5", "5 ", "5.0", "0x5", "1e3", "5ms", "9".repeat(400)]) {
    expect([text, isAllowedValue(tuningFromText(text, allowed), allowed)]).toEqual([text, false]);
  }
});

test("one of the words is taken, digits stay text, and nothing inherited is a word", () => {
  const { allowed } = tuningField("log", "sync");
  expect(isAllowedValue(tuningFromText("block", allowed), allowed)).toBe(true);
  for (const text of ["", "Block", "1", "toString"]) expect(isAllowedValue(text, allowed)).toBe(false);
});

import { expect, test } from "vitest";
import * as z from "zod";
import { readDescribedFile } from "../../../src/core/documents/described-file.ts";
import { schemaDiagnostics } from "../../../src/core/documents/schema-issues.ts";

const letters = z.string().regex(/^[a-z]+$/, { error: "must be: lower case letters" });
const schema = z.strictObject({
  name: letters,
  committee: z.number().min(1).optional(),
  kind: z.enum(["docker", "process"]).optional(),
  loads: z
    .xor([z.number(), z.array(z.number())])
    .describe("a number or a list of them")
    .optional(),
  nested: z.strictObject({ deep: z.boolean().optional() }).optional(),
});
const check = (value: unknown) => schemaDiagnostics(schema, value);
const read = (text: string) => readDescribedFile(text, { file: "bench.yaml", code: "config-file", check });

test("a text that is as it should be has no faults", () => {
  const { value, diagnostics } = read("name: abc\ncommittee: 4\nloads: [1, 2]\n");
  expect(diagnostics).toEqual([]);
  expect(value).toEqual({ name: "abc", committee: 4, loads: [1, 2] });
});

test("all faults are told at once, each with its line and what would do", () => {
  const text = "name: ABC\ncomittee: 4\ncommittee: four\nkind: podman\nloads: [a]\nnested:\n  deep: 3\n";
  expect(read(text).diagnostics.map(({ message }) => message)).toEqual([
    "bench.yaml:2: comittee: no such key. Did you mean committee?",
    "bench.yaml:1: name: must be: lower case letters.",
    "bench.yaml:3: committee: must be a number.",
    "bench.yaml:4: kind: must be one of docker, process.",
    "bench.yaml:5: loads: must be: a number or a list of them.",
    "bench.yaml:7: deep: must be true or false.",
  ]);
});

test("what is missing is named, and so is a text that is no YAML", () => {
  expect(read("committee: 4\n").diagnostics).toEqual([
    { code: "config-file", message: "bench.yaml:1: name is missing." },
  ]);
  expect(read("name: [").diagnostics[0]?.message).toMatch(/^bench\.yaml:1: /);
});

test("of several forms, the one that a key names is meant; a key that names none is told the names", () => {
  const shapes = z.discriminatedUnion("by", [
    z.strictObject({ by: z.literal("number"), of: z.number().optional() }),
    z.strictObject({ by: z.literal("text"), of: z.string().optional() }),
  ]);
  expect(schemaDiagnostics(shapes, { by: "text", of: "a" })).toEqual([]);
  expect(schemaDiagnostics(shapes, { by: "text", of: 1 })).toEqual([
    { path: ["of"], message: "of: must be text" },
  ]);
  const unknown = [{ path: [], message: "by must be one of number, text" }];
  expect(schemaDiagnostics(shapes, { by: "txt" })).toEqual(unknown);
  expect(schemaDiagnostics(shapes, { of: 1 })).toEqual(unknown);
});

test("what is of another kind than each of several forms is told the kinds", () => {
  const loads = z.xor([z.number(), z.literal("any")]).describe("a number, or any");
  expect(schemaDiagnostics(loads, true)).toEqual([{ path: [], message: "must be a number or text" }]);
  expect(schemaDiagnostics(loads, "all")).toEqual([{ path: [], message: "must be: a number, or any" }]);
});

test("of one place, one fault is told, and first what is missing, then what has no place there", () => {
  const two = z.strictObject({ a: z.number(), b: z.number(), c: z.string().min(1) });
  expect(schemaDiagnostics(two, { c: 1, other: 1 })).toEqual([
    { path: [], message: "a is missing" },
    { path: ["other"], message: "other: no such key" },
    { path: ["c"], message: "c: must be text" },
  ]);
});

test.each<[string, z.ZodType, unknown, string]>([
  ["a number", z.number().min(1), 0, "must be at least 1"],
  ["a number", z.number().max(5), 6, "must be at most 5"],
  ["a number", z.number().gt(0), 0, "must be above 0"],
  ["a number", z.number().lt(1), 1, "must be below 1"],
  ["a list", z.array(z.number()).min(1), [], "must have at least 1 item"],
  ["a list", z.array(z.number()).max(2), [1, 2, 3], "must have at most 2 items"],
  ["a text", z.string().min(2), "a", "must have at least 2 characters"],
  ["a text", z.string().max(1), "ab", "must have at most 1 character"],
  ["a text", z.literal("a"), "ab", "must be a"],
])("%s that is out of its bounds is refused in words", (_, bounded, value, expected) => {
  expect(schemaDiagnostics(bounded, value)).toEqual([{ path: [], message: expected }]);
});

test("a key that may not be called so is named, at its line", () => {
  const keys = z.record(letters, z.number());
  expect(schemaDiagnostics(keys, { a: 1 })).toEqual([]);
  expect(schemaDiagnostics(keys, { a: 1, B: 2, C: 3 })).toEqual([
    { path: ["B"], message: "B: this key must be: lower case letters" },
    { path: ["C"], message: "C: this key must be: lower case letters" },
  ]);
});

test("a key that no schema looks at is refused", () => {
  const keys = z.record(z.string(), z.number());
  expect(schemaDiagnostics(keys, JSON.parse('{ "__proto__": "a" }'))).toEqual([
    { path: ["__proto__"], message: "__proto__: no such key" },
  ]);
});

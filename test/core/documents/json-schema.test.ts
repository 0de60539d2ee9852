import { expect, test } from "vitest";
import { readDescribedFile } from "../../../src/core/documents/described-file.ts";
import { compileSchema } from "../../../src/core/documents/json-schema.ts";

const check = compileSchema({
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: { type: "string", pattern: "^[a-z]+$", description: "lower case letters" },
    committee: { type: "integer", minimum: 1 },
    kind: { enum: ["docker", "process"] },
    loads: {
      anyOf: [{ type: "number" }, { type: "array", items: { type: "number" } }],
      description: "a number or a list of them",
    },
    nested: { type: "object", additionalProperties: false, properties: { deep: { type: "boolean" } } },
  },
});
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
    "bench.yaml:3: committee: must be a whole number.",
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
  const form = (by: string, of: object) => ({
    type: "object",
    additionalProperties: false,
    required: ["by"],
    properties: { by: { const: by }, of },
  });
  const shapes = compileSchema({
    type: "object",
    discriminator: { propertyName: "by" },
    oneOf: [form("number", { type: "number" }), form("text", { type: "string" })],
  });
  expect(shapes({ by: "text", of: "a" })).toEqual([]);
  expect(shapes({ by: "text", of: 1 })).toEqual([{ path: ["of"], message: "of: must be text" }]);
  const unknown = [{ path: [], message: "by must be one of number, text" }];
  expect(shapes({ by: "txt" })).toEqual(unknown);
  expect(shapes({ of: 1 })).toEqual(unknown);
});

test.each<[object, unknown, string]>([
  [{ type: "integer", minimum: 1 }, 0, "must be at least 1"],
  [{ type: "integer", maximum: 5 }, 6, "must be at most 5"],
  [{ type: "number", exclusiveMinimum: 0 }, 0, "must be above 0"],
  [{ type: "number", exclusiveMaximum: 1 }, 1, "must be below 1"],
  [{ type: "array", minItems: 1 }, [], "must have at least 1 item"],
  [{ type: "array", maxItems: 2 }, [1, 2, 3], "must have at most 2 items"],
  [{ type: "string", minLength: 2 }, "a", "must have at least 2 characters"],
  [{ type: "string", maxLength: 1 }, "ab", "must have at most 1 character"],
])("%j refuses %j in words", (schema, value, expected) => {
  expect(compileSchema(schema)(value)).toEqual([{ path: [], message: expected }]);
});

test("a key that may not be called so is named, at its line", () => {
  const keys = compileSchema({
    type: "object",
    propertyNames: { type: "string", pattern: "^[a-z]+$", description: "lower case letters" },
  });
  expect(keys({ a: 1 })).toEqual([]);
  expect(keys({ a: 1, B: 2, C: 3 })).toEqual([
    { path: ["B"], message: "B: such a key must be: lower case letters" },
    { path: ["C"], message: "C: such a key must be: lower case letters" },
  ]);
});

import { describe, expect, test } from "vitest";
import { checkParameters, givenFrom } from "../../../src/options/checks/check.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";

const check = (values: Record<string, unknown>) => checkParameters(givenFrom(values), mysticeti);
const messages = (values: Record<string, unknown>) => check(values).diagnostics.map(({ message }) => message);

describe("a name", () => {
  test.each([
    ["nightly", "nightly"],
    [" Größe 7, «x» 🐳 ", "Größe 7, «x» 🐳"],
    [42, "42"],
    ["<script>", "<script>"],
  ])("%j is one", (name, kept) => {
    const { parameters, diagnostics } = check({ name });
    expect(diagnostics).toEqual([]);
    expect(parameters.name).toBe(kept);
  });

  test.each([
    [""],
    ["  "],
    ["a\nb"],
    ["\u001b[31mred"],
    ["a\u202eb"],
    ["x".repeat(101)],
    [["a"]],
    ["\ud800"],
  ])("%j is none", (name) => {
    expect(messages({ name })).toEqual([
      expect.stringMatching(/^name: .*Give a printable text of 1 to 100 characters\.$/),
    ]);
  });

  test("is not there unless it is given", () => {
    expect(check({}).parameters).not.toHaveProperty("name");
    expect(check({}).parameters).not.toHaveProperty("tags");
  });
});

describe("tags", () => {
  test.each([
    ["texts", ["branch=main", "cpu=epyc 9"], { branch: "main", cpu: "epyc 9" }],
    ["one text", "branch=main;cpu=a=b", { branch: "main", cpu: "a=b" }],
    ["a table", { build: 17, "a.b_c-d": "x", fast: true }, { build: "17", "a.b_c-d": "x", fast: "true" }],
    ["the last of one key", ["a=1", "a=2"], { a: "2" }],
  ])("are %s", (_, tag, tags) => {
    const { parameters, diagnostics } = check({ tag });
    expect(diagnostics).toEqual([]);
    expect(parameters.tags).toEqual(tags);
  });

  test.each([
    [["branch"], /^tag: "branch" has no value\./],
    [["=x"], /^tag: "=x" has no name\./],
    [["A=x"], /^tag: "A" cannot be a key\./],
    [["__proto__=x"], /^tag: "__proto__" cannot be a key\./],
    [[`${"k".repeat(41)}=x`], /cannot be a key\./],
    [["a="], /^tag: "" cannot be the value of a\./],
    [["a=\u001b]0;x\u0007"], /^tag: "\\u001b.*cannot be the value of a\./],
    [[`a=${"v".repeat(101)}`], /cannot be the value of a\./],
    [{ a: { b: 1 } }, /^tag: a is .*, which is neither a number nor text\./],
    [7, /^tag: 7 has no name\./],
    [
      Array.from({ length: 21 }, (_, index) => `k${index}=v`),
      /^tag: 21 tags are too many. Give at most 20\.$/,
    ],
  ])("%j are none", (tag, message) => {
    expect(messages({ tag })).toEqual([expect.stringMatching(message)]);
  });

  test("tell all that is wrong with them at once", () => {
    expect(messages({ tag: ["A=x", "b", "c="] })).toHaveLength(3);
  });
});

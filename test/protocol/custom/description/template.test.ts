import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compileTemplate,
  escapeTemplate,
  templateDiagnostics,
  templateVariables,
} from "../../../../src/protocol/custom/description/template.ts";

const known = ["node.name", "node.rpc", "options.heartbeat-ms"];
const render = (text: string) => compileTemplate(text).render((name) => `<${name}>`);

describe("a template", () => {
  test.each([
    ["--name=${node.name}", "--name=<node.name>", "a variable within a text"],
    ["${node.name}${node.rpc}", "<node.name><node.rpc>", "one after another"],
    ["${ node.name }", "<node.name>", "spaces do not count"],
    ["$${node.name}", "${node.name}", "two dollars are one, and begin no variable"],
    ["$$$${", "$${", "pairs are taken from the left"],
    ["costs $5, ^a$", "costs $5, ^a$", "a dollar before anything but a brace"],
    ["", "", "nothing"],
  ])("%j becomes %j: %s", (text, rendered) => {
    expect(render(text)).toBe(rendered);
  });

  test("names what it holds, each once, in the order of first places", () => {
    expect(templateVariables("${b} ${a} ${b} $${c}")).toEqual(["b", "a"]);
  });

  test("has its parts in order, for those who lay them out themselves", () => {
    expect(compileTemplate('{"a":"${node.name}"}').parts).toEqual([
      { kind: "text", text: '{"a":"' },
      { kind: "variable", name: "node.name" },
      { kind: "text", text: '"}' },
    ]);
  });
});

describe("faults of a template", () => {
  test("are told all at once, with what was likely meant", () => {
    expect(templateDiagnostics("${node.nam} ${xyzzy} ${node.rpc", known)).toEqual([
      "a variable is not closed: write ${name}, or $$ for a dollar sign",
      "unknown variable ${node.nam}. Did you mean ${node.name}?".replace("${node.name}", "node.name"),
      "unknown variable ${xyzzy}. Known variables: node.name, node.rpc, options.heartbeat-ms",
    ]);
    expect(templateDiagnostics("${any}", [])).toEqual([
      "unknown variable ${any}. No variable is allowed here; write $$ for a dollar sign",
    ]);
  });
});

const texts = fc.string({ unit: fc.constantFrom("$", "{", "}", "a", ".", "\n", "é", "${a}", "$$") });

test("what is escaped is rendered as it was", () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(compileTemplate(escapeTemplate(text)).render(() => "never")).toBe(text);
    }),
  );
});

test("escaped texts around variables stay apart from them", () => {
  const piece = fc.oneof(
    texts.map((text) => ({ written: escapeTemplate(text), meant: text })),
    fc.constantFrom(...known).map((name) => ({ written: `\${${name}}`, meant: `<${name}>` })),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const whole = (key: "written" | "meant") => pieces.map((each) => each[key]).join("");
      expect(render(whole("written"))).toBe(whole("meant"));
    }),
  );
});

test("a template without faults holds only what is known", () => {
  fc.assert(
    fc.property(texts, (text) => {
      if (templateDiagnostics(text, ["a"]).length > 0) return;
      expect(templateVariables(text).every((name) => name === "a")).toBe(true);
    }),
  );
});

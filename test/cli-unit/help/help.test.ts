import { describe, expect, test } from "vitest";
import { formatHelp, formatUmbrellaHelp } from "../../../src/cli/help/help.ts";
import { commandNames } from "../../../src/cli/options/command-table.ts";
import { environmentName } from "../../../src/cli/options/option.ts";
import { options, optionsOf } from "../../../src/cli/options/option-table.ts";
import { wrap } from "../../../src/results/report/text/wrap.ts";

const texts: [string, string][] = [
  ...commandNames.map((name): [string, string] => [name, formatHelp(name, name)]),
  ["baleen", formatUmbrellaHelp()],
];

describe("help", () => {
  test.each(texts)("of %s is the golden one", async (name, text) => {
    await expect(text).toMatchFileSnapshot(`help-${name}.golden.txt`);
  });

  test.each(texts)("of %s is at most 80 columns wide and ends with one line break", (_, text) => {
    const widest = Math.max(...text.split("\n").map((line) => line.length));
    expect(widest).toBeLessThanOrEqual(80);
    expect(text).toMatch(/[^\n]\n$/);
  });

  test.each(commandNames)("of %s names every option once", (name) => {
    const text = formatHelp(name, name);
    for (const option of optionsOf(name)) {
      expect(text.match(new RegExp(`^  --(\\[no-\\])?${option.name}( |$)`, "gm")), option.name).toHaveLength(
        1,
      );
    }
  });

  test("words are not broken", () => {
    expect(wrap("a bb ccc dddddddd e", 6)).toEqual(["a bb", "ccc", "dddddddd", "e"]);
  });
});

describe("option table", () => {
  test("no command has an option twice, and switches alone have no placeholder", () => {
    for (const name of commandNames) {
      const names = optionsOf(name).map((option) => option.name);
      expect(new Set(names).size).toBe(names.length);
    }
    for (const { rule, placeholder, name } of options) {
      // In brackets: a switch that may have a value.
      expect(placeholder === "" || placeholder.startsWith("["), name).toBe(rule.kind === "switch");
    }
  });

  test("every default that is shown is one that its rule accepts, or a sentence", () => {
    for (const { name, rule, default: shown } of options) {
      if (shown === undefined || shown.includes(" ")) continue;
      expect(rule.read({ name, value: shown, rank: 0 }), name).toHaveProperty("value");
    }
  });

  test("names in the environment", () => {
    const names = options.map(environmentName);
    expect(names).toContain("BALEEN_NUM_TRANSACTIONS");
    expect(names.every((name) => /^BALEEN_[A-Z_]+$/.test(name))).toBe(true);
  });
});

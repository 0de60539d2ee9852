import { describe, expect, test } from "vitest";
import { formatInitialFile } from "../../../src/cli/commands/setup/init.ts";
import type { Option } from "../../../src/cli/options/option.ts";
import { fileOptions } from "../../../src/cli/options/sources.ts";
import { parseYaml } from "../../../src/core/documents/yaml.ts";
import { openValidator } from "../../results/schemas.ts";
import { buildBenchSchema } from "./bench-schema.ts";

/** Of each option that row which a benchmark has, where two commands differ in it. */
function benchOptions(): readonly Option[] {
  const names = [...new Set(fileOptions.map(({ name }) => name))];
  return names.flatMap((name) => {
    const rows = fileOptions.filter((option) => option.name === name);
    return rows.find(({ commands }) => commands.includes("benchmark")) ?? rows.slice(0, 1);
  });
}

/** schema/bench.schema.json: what may stand in such a file, for editors. */
const buildSchema = (): object => buildBenchSchema(benchOptions());

const check = await openValidator("bench");
const diagnosticsOf = (text: string) => check(parseYaml(text));

test("schema/bench.schema.json is made of the option table", async () => {
  // After a change of the table: vitest run test/options/file/schema.test.ts --update
  const text = `${JSON.stringify(buildSchema(), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot("../../../schema/bench.schema.json");
});

test("every option of a file has a meaning in it", () => {
  const { properties } = buildSchema() as { readonly properties: Readonly<Record<string, unknown>> };
  for (const { name } of fileOptions) expect(properties).toHaveProperty([name]);
});

describe("the schema", () => {
  test.each<[string, string]>([
    ["what init writes", formatInitialFile("./bench.schema.json")],
    [
      "flat options, in kebab or camel case",
      "duration: 60\nnumTransactions: 5\nloads: [1, 2]\nlocal-loads: 1,2",
    ],
    ["a variable in place of a number", "duration: $" + "{DURATION:-60}"],
    ["a section and its short form", "faults: {nodes: 1}\nsearch: true"],
    ["an empty section", "load:\n  #duration: 5\n"],
    ["hosts in the file", "network: {type: remote, hosts: [{address: a, nodes: [0, 1]}]}"],
    ["phases in the file", "load: {phases: [{name: a, share: 1}]}"],
  ])("takes %s", (_, text) => {
    expect(diagnosticsOf(text)).toEqual([]);
  });

  test.each<[string, string, RegExp]>([
    ["a key that is none", "network: {typ: local}", /^\/network .*"typ"/],
    ["a word that is none", "network: {runtime: podman}", /^\/network\/runtime /],
    ["a number out of range", "duration: -1", /^\/duration /],
    ["a host without an address", "network: {hosts: [{user: me}]}", /^\/network\/hosts.*"address"/],
  ])("refuses %s", (_, text, expected) => {
    expect(diagnosticsOf(text)).toContainEqual(expect.stringMatching(expected));
  });
});

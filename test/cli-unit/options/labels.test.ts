import { expect, test } from "vitest";
import type { CommandName } from "../../../src/cli/options/command-table.ts";
import { gatherOptions, type OptionSources } from "../../../src/cli/options/sources.ts";
import { rules } from "../../../src/options/rules/rules.ts";

function gather(command: CommandName, sources: Partial<OptionSources>, file = "") {
  return gatherOptions(command, { argv: [], env: {}, readFile: () => file, ...sources });
}

test("tags of flags, environment and file count together, of one key the nearest", () => {
  const file = "name: of the file\nresults:\n  tags: { a: file, b: file, c: file }\n";
  const env = { BALEEN_TAG: "a=environment;b=environment", BALEEN_NAME: "of the environment" };
  const { given, read, diagnostics } = gather(
    "benchmark",
    { argv: ["--config=x.yaml", "--tag", "a=flag", "--tag=d=x;y"], env },
    file,
  );
  expect(read(rules.tag, given.tag, {})).toEqual({ a: "flag", b: "environment", c: "file", d: "x;y" });
  expect(read(rules.name, given.name, undefined)).toBe("of the environment");
  expect(diagnostics).toEqual([]);
});

test.each(["ls", "testbed"] as const)("%s takes a name from its flags alone", (command) => {
  const env = { BALEEN_NAME: "nightly", BALEEN_TAG: "a=b", BALEEN_CONFIG: "x.yaml" };
  const { given } = gather(command, { env }, "name: of the file\ntags: { a: b }\n");
  expect(Object.keys(given).filter((name) => name === "name" || name === "tag")).toEqual([]);
  expect(gather(command, { argv: ["--name=x"], env }).given.name?.value).toBe("x");
});

test("each point of a variation has its own values, and its own files", () => {
  const files: Readonly<Record<string, string>> = {
    "x.yaml": "load:\n  vary:\n    timeline: [a.yaml, none.yaml]\n",
    "a.yaml": "timeline: []\n",
  };
  const readFile = (path: string) => {
    const text = files[path];
    if (text === undefined) throw new Error("ENOENT: no such file or directory");
    return text;
  };
  const { variation, diagnostics } = gather("benchmark", { argv: ["--config=x.yaml"], readFile });
  expect(variation?.points.map(({ given }) => given.timeline?.value)).toEqual([
    { path: "a.yaml", text: files["a.yaml"] },
    { path: "none.yaml" },
  ]);
  expect(diagnostics.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^load\.vary\.timeline in x\.yaml:3 \(none\.yaml\).*ENOENT/),
  ]);
});

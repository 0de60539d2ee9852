/** Every command of docs/reference.md, which are the examples of the help, is what the option tables take. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type CommandName, commandNames } from "../../src/cli/options/command-table.ts";
import { camelCase } from "../../src/cli/options/option.ts";
import { optionsOf } from "../../src/cli/options/option-table.ts";
import { gatherOptions } from "../../src/cli/options/sources.ts";
import { openCommandBackend } from "../../src/cli/terminal/command-backend.ts";
import { checkParameters } from "../../src/options/checks/check.ts";
import { checkLocalNetwork, checkRemoteNetwork } from "../../src/options/checks/check-once.ts";
import { checkSystem } from "../../src/run/prepare/system.ts";
import { parsedPage } from "./documented.ts";
import { shownCommands, wordsOf } from "./pages.ts";

/** Files that examples name, as their readers may have them. */
const files: Readonly<Record<string, string>> = {
  "hosts.env": readFileSync(new URL("../../hosts.example.env", import.meta.url), "utf8"),
  "hosts.yaml": "hosts: [{ address: 10.0.1.10, nodes: 4 }]",
  "sweep.yaml": "loads: [100, 200]",
};

/** What is checked besides single values. */
const checks: Partial<Record<CommandName, typeof checkRemoteNetwork>> = {
  benchmark: checkParameters,
  "local-network": checkLocalNetwork,
  "remote-network": checkRemoteNetwork,
};

/** All that is wrong with the words behind a command's name. */
function findDiagnostics(name: CommandName, argv: readonly string[]): string[] {
  const readFile = (path: string) => {
    const text = files[path];
    if (text === undefined) throw new RangeError(`no example has a file ${path}`);
    return text;
  };
  const { given, hosts, diagnostics } = gatherOptions(name, { argv, env: {}, home: "/home/me", readFile });
  const values = optionsOf(name).flatMap((option) => {
    const value = given[camelCase(option.name)];
    const reading = value === undefined ? undefined : option.rule.read(value);
    return reading !== undefined && "diagnostics" in reading ? reading.diagnostics : [];
  });
  const check = checks[name];
  const together =
    check === undefined
      ? []
      : checkSystem(given, openCommandBackend({}), (found, limits) => check(found, limits, hosts))
          .diagnostics;
  return [...diagnostics, ...values, ...together].map(({ message }) => message);
}

/** The command's name and what it is given, without what the shell does with its output. */
function partsOf(line: string): [name: string, argv: string[]] {
  const [npx, program, name = "", ...words] = wordsOf(line);
  expect([npx, program], line).toEqual(["npx", "baleen"]);
  const end = words.findIndex((word) => word === ">" || word === "&&");
  return [name, end === -1 ? words : words.slice(0, end)];
}

test.each(shownCommands(parsedPage))("$line", ({ line }) => {
  const [name, argv] = partsOf(line);
  expect(commandNames).toContain(name);
  expect(findDiagnostics(name as CommandName, argv)).toEqual([]);
});

test("every command has an example", () => {
  const shown = shownCommands(parsedPage).map(({ line }) => partsOf(line)[0]);
  expect([...new Set(shown)].sort()).toEqual([...commandNames].sort());
});

test.each([
  ["an option that there is not", "ls", ["--committee", "4"]],
  ["a value out of its range", "clean", ["--run", "x".repeat(65)]],
  ["options that do not go together", "benchmark", ["--network-type", "local", "--crash-recovery"]],
  ["a word too many", "ls", ["results", "more"]],
  ["a file that nobody has", "benchmark", ["--config", "missing.yaml"]],
] as const)("%s is found", (_, name, argv) => {
  expect(findDiagnostics(name, argv)).not.toEqual([]);
});

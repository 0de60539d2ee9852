/** What the scripts of examples/ say of options by themselves is what the binaries know of them. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { formatHelp } from "../../src/cli/help/help.ts";
import { environmentName } from "../../src/cli/options/option.ts";
import { options, optionsOf } from "../../src/cli/options/option-table.ts";
import { number } from "../../src/options/rules/number.ts";
import type { Rule } from "../../src/options/rules/rule.ts";
import { mysticeti } from "../../src/protocol/mysticeti.ts";

const read = (name: string) =>
  readFile(fileURLToPath(new URL(`../../examples/${name}`, import.meta.url)), "utf8");
const scripts = (
  await Promise.all(["lib.sh", "local_network.sh", "remote_network.sh", "run_benchmark.sh"].map(read))
).join("\n");

/** Two where commands differ in it. */
const optionsNamed = (variable: string) => options.filter((option) => environmentName(option) === variable);

/** ask "QUESTION" "${BALEEN_…:-default}" check terms */
const questions = [...scripts.matchAll(/^ *ask "([^"]+)" "\$\{(BALEEN_\w+):-(.+)\}" (\w+) ?([\d ]*)$/gm)].map(
  ([, question = "", variable = "", fallback = "", check = "", terms = ""]) => ({
    ...{ question, variable, check },
    fallback: fallback.replace(/^\$\{\w+:-(.*)\}$/, "$1"),
    terms: terms.split(" ").filter(Boolean).map(Number),
  }),
);

const { smallestBytes: atLeast, largestBytes: atMost } = mysticeti.transactions;
/** The one whose limits are the protocol's; and a wizard makes no committee that tolerates no fault. */
const narrower: Readonly<Record<string, Rule<unknown>>> = {
  BALEEN_TRANSACTION_SIZE: number({ unit: "bytes", whole: true, atLeast, atMost }),
  BALEEN_COMMITTEE: number({ unit: "nodes", whole: true, atLeast: 4, atMost: 128 }),
};

describe("questions", () => {
  test("are found", () => {
    expect(questions.map(({ variable }) => variable).sort()).toEqual(
      [
        ...["BALEEN_COMMITTEE", "BALEEN_DURATION", "BALEEN_NETWORK_TYPE", "BALEEN_NUM_TRANSACTIONS"],
        ...["BALEEN_OUTPUT_DIR", "BALEEN_SSH_TIMEOUT", "BALEEN_STARTUP_WAIT", "BALEEN_TRANSACTION_RATE"],
        "BALEEN_TRANSACTION_SIZE",
      ].sort(),
    );
  });

  test.each(questions)("$question: variable, default and limits are those of the option", (asked) => {
    const named = optionsNamed(asked.variable);
    expect(named.map((option) => option.default)).toContain(asked.fallback);
    const [option] = named;
    const rule = narrower[asked.variable] ?? option?.rule;
    const accepts = (value: number) => "value" in (rule?.read({ name: "it", value, rank: 0 }) ?? {});
    const [first = 0, last = first] = asked.terms;
    if (asked.check === "whole_number") {
      expect([first - 1, first, last, last + 1].map(accepts)).toEqual([false, true, true, false]);
    }
    if (asked.check === "number") {
      expect([0, 0.001, last, last + 0.001].map(accepts)).toEqual([false, true, true, false]);
    }
  });
});

describe("run_benchmark_auto.sh --help", async () => {
  const script = fileURLToPath(new URL("../../examples/run_benchmark_auto.sh", import.meta.url));
  const { stdout: help } = await promisify(execFile)(script, ["--help"]);
  const rows = [
    ...help.matchAll(/^ {2}--(?:\[no-\])?([a-z-]+)(?: ([A-Z.,]+))?(?: +|\n {10,})(.*(?:\n {10,}.*)*)/gm),
  ];

  test("names all options that the document of the scripts has", () => {
    expect(rows.map(([, name]) => name)).toEqual([
      ...["network-type", "local-committee", "remote-committee", "local-loads", "remote-loads", "duration"],
      ...["transaction-size", "startup-wait", "ssh-timeout", "docker-compose-path", "output-dir"],
      ...["console-output", "file-output", "cleanup", "cleanup-thorough", "help"],
    ]);
  });

  test.each(rows.map(([, name = "", placeholder = "", text = ""]) => ({ name, placeholder, text })))(
    "--$name is an option of benchmark, with that default",
    ({ name, placeholder, text }) => {
      const option = optionsOf("benchmark").find((one) => one.name === name);
      expect(option?.placeholder).toBe(placeholder);
      const [, fallback] = /\(default:\s+(.*)\)/.exec(text) ?? [];
      const shared = name.endsWith("-committee") ? "4" : option?.default;
      if (name !== "docker-compose-path") expect(fallback).toBe(shared);
    },
  );

  test("fits 80 columns, and tells the exit codes as benchmark does", () => {
    expect(help.split("\n").filter((line) => line.length > 80)).toEqual([]);
    const codes = (text: string) => /^Exit codes:\n( {2}.*\n)+/m.exec(text)?.[0];
    expect(codes(help)).toBe(codes(formatHelp("benchmark", "benchmark")));
  });
});

test("what an option is called in the environment is a name that the binaries read", () => {
  const named = new Set(scripts.match(/BALEEN_[A-Z_]+/g));
  named.delete("BALEEN_");
  expect([...named].filter((name) => optionsNamed(name).length === 0)).toEqual([]);
});

/**
 * The load generator's whole performance suite: `npm run bench`, or parts of it, `npm run bench -- ceiling pacing`.
 *
 * Runs each part as a script of its own, one after the other, and writes what was found into the README of benchmarks/.
 * A part that fails is told, and the others go on.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeError } from "../../src/core/errors.ts";
import { suggestion } from "../../src/core/text/nearest.ts";
import { CommandLineError, formatUsage, parseCommandLine } from "./command-line.ts";
import { benchOptions } from "./generator/options.ts";
import { formatSection, readAllFindings, replaceSection } from "./generator/readme-section.ts";

const parts = ["ceiling", "open-loop", "pacing", "accuracy", "workers", "recording", "memory"] as const;
type Part = (typeof parts)[number];
/** What recording knows of the options; it needs no sink. */
const recordingOptions = ["quick", "results"];

const purpose =
  `Runs the load generator's performance suite, or the parts of it that are named first: ${parts.join(", ")}. ` +
  "Their own scripts have further options.";

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const firstOption = args.findIndex((each) => each.startsWith("-"));
  const names = firstOption === -1 ? args : args.slice(0, firstOption);
  const options = firstOption === -1 ? [] : args.slice(firstOption);
  const values = parseCommandLine(options, benchOptions);
  if (values === undefined) {
    process.stdout.write(formatUsage("bench.ts [PART …]", purpose, benchOptions));
    return;
  }
  const chosen = names.length === 0 ? parts : names.map(readPart);
  const failed: string[] = [];
  for (const part of chosen) {
    console.error(`── ${part}`);
    const own = part === "recording" ? recordingArguments(values) : options;
    if ((await run(part, own)) !== 0) failed.push(part);
  }
  // A short version says that all works; its figures are not for the README.
  if (!values.quick) {
    const readme = join(import.meta.dirname, "..", "README.md");
    const section = formatSection(await readAllFindings(values.results));
    await writeFile(readme, replaceSection(await readFile(readme, "utf8"), section));
  }
  if (failed.length > 0) {
    console.error(`Failed: ${failed.join(", ")}.`);
    process.exitCode = 1;
  }
}

function readPart(name: string): Part {
  const part = parts.find((each) => each === name);
  if (part !== undefined) return part;
  throw new CommandLineError(
    `"${name}" is no part of the suite.${suggestion(name, [...parts])} It has ${parts.join(", ")}.`,
  );
}

function recordingArguments(values: { readonly quick: boolean; readonly results: string }): string[] {
  return recordingOptions.flatMap((name) =>
    name === "quick" ? (values.quick ? ["--quick"] : []) : [`--${name}`, values.results],
  );
}

/** @returns its exit code. A signal that asks this process to end ends the script, and then this process. */
async function run(part: Part, options: readonly string[]): Promise<number> {
  const script = join(import.meta.dirname, `${part}.ts`);
  const child = spawn(process.execPath, [script, ...options], { stdio: "inherit" });
  // At a terminal the script has the signal too, and ends all that it started.
  const passOn = (signal: NodeJS.Signals) => {
    child.kill(signal);
    child.once("close", () => process.kill(process.pid, signal));
  };
  process.once("SIGINT", passOn);
  process.once("SIGTERM", passOn);
  const [code] = (await once(child, "close")) as [number | null];
  process.off("SIGINT", passOn);
  process.off("SIGTERM", passOn);
  return code ?? 1;
}

main().catch((error: unknown) => {
  console.error(`bench: ${error instanceof CommandLineError ? error.message : describeError(error)}`);
  process.exitCode = error instanceof CommandLineError ? 2 : 1;
});

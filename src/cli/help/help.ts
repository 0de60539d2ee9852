import { noBreak, wrap } from "../../results/report/text/wrap.ts";
import { commandGroups, type Operand } from "../options/command-descriptor.ts";
import { type CommandName, commandNames, describeCommand, operandsOf } from "../options/command-table.ts";
import { flagOf, type Option } from "../options/option.ts";
import { optionsOf } from "../options/option-table.ts";

const width = 80;
const column = 30;

/** How a command ends, and what that means. */
export const exitCodes: readonly (readonly [code: number, meaning: string])[] = [
  [0, "success"],
  [1, "the run failed"],
  [2, "usage or configuration error; nothing was started"],
  [3, "finished, but a verdict or an assertion failed"],
  [130, "interrupted"],
];

const exitCodeLines = [
  "Exit codes:",
  ...exitCodes.map(([code, meaning]) => `  ${String(code).padEnd(4)} ${meaning}`),
];

const sources = [
  "You can also set any option of a run in the environment",
  "(BALEEN_NUM_TRANSACTIONS) or in the file of --config, under its name. Flags",
  "override the environment, which overrides the file. If you repeat a flag, the",
  "last one counts. Switches take true or false; --no-NAME means --NAME false.",
];

function formatOption(option: Option): string[] {
  const placeholder = option.placeholder === "" ? "" : ` ${option.placeholder}`;
  const left = `  ${flagOf(option)}${placeholder}`;
  const fallback = option.default === undefined ? "" : `(default: ${option.default})`;
  // A short default is not broken over two lines.
  const joined = fallback.length > width - column ? fallback : fallback.replaceAll(" ", noBreak);
  const right = wrap(`${option.description} ${joined}`.trimEnd(), width - column);
  const indented = right.map((line) => `${" ".repeat(column)}${line}`);
  if (left.length + 2 > column) return [left, ...indented];
  return [`${left.padEnd(column)}${right[0] ?? ""}`, ...indented.slice(1)];
}

/** "[FILE]", "BUNDLE..." or "up|down", as usage lines have it. */
export function formatOperand({ words, placeholder, optional, several }: Operand): string {
  const word = `${words?.join("|") ?? placeholder ?? "WORD"}${several ? "..." : ""}`;
  return optional ? `[${word}]` : word;
}

/** Help for one command, at most 80 columns wide. `program`: how it was called, "benchmark" or "baleen benchmark". */
export function formatHelp(command: CommandName, program: string): string {
  const table = optionsOf(command);
  const { summary, details, examples } = describeCommand(command);
  const groups = [...new Set(table.map((option) => option.group))].map((title) => [
    `${title}:`,
    ...table.filter((option) => option.group === title).flatMap(formatOption),
  ]);
  const blocks = [
    [`Usage: ${[program, ...operandsOf(command).map(formatOperand)].join(" ")} [options]`],
    wrap(details === undefined ? summary : `${summary} ${details}`, width),
    ...groups,
    ["Examples:", ...examples.map((rest) => `  ${program} ${rest}`.trimEnd())],
    sources,
    exitCodeLines,
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

export function formatUmbrellaHelp(): string {
  const groups = commandGroups.map((group) => [
    `${group}:`,
    ...commandNames.filter((name) => describeCommand(name).group === group).flatMap(formatCommand),
  ]);
  const blocks = [
    ["Usage: baleen COMMAND [options]"],
    ...groups,
    ["baleen COMMAND --help shows a command's options, baleen --version the version."],
    exitCodeLines,
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function formatCommand(name: CommandName): string[] {
  const lines = wrap(describeCommand(name).summary, width - 18);
  return lines.map((line, index) => `  ${(index === 0 ? name : "").padEnd(16)}${line}`);
}

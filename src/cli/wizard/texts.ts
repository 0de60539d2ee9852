/** What the wizard shows at its end: a command line and a file that say the same. Pure. */
import { dirname } from "node:path";
import { formatYaml } from "../../core/documents/yaml.ts";
import { quoteArgv } from "../../core/text/quote.ts";
import type { Option } from "../options/option.ts";
import { type Answers, placeText } from "./answers.ts";

const columns = 80;

/** A command line on lines of 80 columns, where its words allow it. @param unset variables that it must not see */
export function formatCommand(argv: readonly string[], unset: readonly string[] = []): string {
  const before = unset.length === 0 ? [] : [["env"], ...unset.map((name) => ["-u", name])];
  const words = [...before, ["npx", "baleen", "benchmark"], ...pairs(argv)].map(quoteArgv);
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    // Two columns more for the backslash that goes on.
    if (last !== undefined && `${last} ${word} \\`.length <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(last === undefined ? word : `  ${word}`);
  }
  return lines.join(" \\\n");
}

/** A flag and its value stay on one line. */
function pairs(argv: readonly string[]): string[][] {
  const found: string[][] = [];
  for (const word of argv) {
    const last = found.at(-1);
    if (word.startsWith("--") || last === undefined) found.push([word]);
    else last.push(word);
  }
  return found;
}

/** The same as a file of options, in the order and groups of the help. @param path paths count from its folder */
export function formatOptions(answers: Answers, table: readonly Option[], path: string): string {
  const isOff = ({ rule, name, default: usual }: Option) =>
    rule.kind === "switch" && usual === undefined && answers.get(name)?.[0] === "false";
  const reported = table.filter((option) => answers.has(option.name) && !isOff(option));
  const groups = [...new Set(reported.map(({ group }) => group))].map((title) => {
    const own = reported.filter(({ group }) => group === title);
    return [`# ${title}`, ...own.map((option) => formatLine(option, answers.get(option.name) ?? [], path))];
  });
  return `${groups.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function formatLine(option: Option, texts: readonly string[], path: string): string {
  const key = option.nameInFiles ?? option.name;
  const [text = ""] = texts;
  const reading = option.rule.read({ name: option.name, value: text, rank: 0 });
  const value = "value" in reading && !option.repeatable ? reading.value : undefined;
  if (typeof value === "number" || typeof value === "boolean") return `${key}: ${value}`;
  if (Array.isArray(value) && value.every((item) => typeof item === "number"))
    return `${key}: [${value.join(", ")}]`;
  // A dollar begins a variable there.
  const placed = texts.map((one) => placeText(option, one, dirname(path)).replaceAll("$", "$$$$"));
  return formatYaml({ [key]: option.repeatable ? placed : placed[0] }).trimEnd();
}

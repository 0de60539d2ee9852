/** What somebody answered, as the flags that say the same. Pure. */
import { isAbsolute, relative, resolve } from "node:path";
import { boolean, type Given } from "../../options/rules/rule.ts";
import { camelCase, type Option } from "../options/option.ts";

/** By the option's name in kebab case: the texts of its flags; of a switch "true" or "false". */
export type Answers = ReadonlyMap<string, readonly string[]>;

/** What flags and environment say already. */
export function answersFrom(given: Readonly<Record<string, Given>>, table: readonly Option[]): Answers {
  const answers = new Map<string, readonly string[]>();
  for (const option of table) {
    const one = given[camelCase(option.name)];
    if (one !== undefined) answers.set(option.name, textsOf(one, option));
  }
  return answers;
}

function textsOf({ name, value, rank, farther }: Given, option: Option): string[] {
  if (option.rule.kind === "switch") {
    const reading = boolean.read({ name, value, rank });
    return [String("value" in reading && reading.value)];
  }
  const before = farther === undefined ? [] : textsOf(farther, option);
  return [...before, ...ownTexts(value, option)];
}

function ownTexts(value: unknown, option: Option): string[] {
  if (Array.isArray(value)) return value.map(String);
  // A file was put in place of its name.
  if (typeof value === "object" && value !== null && "path" in value) {
    return [`${option.name === "profile" ? tracePrefix : ""}${String(value.path)}`];
  }
  return parseAnswer(option, String(value));
}

/** The texts of an answer: of an option that may be given several times, one for each part between ";". */
export function parseAnswer({ repeatable }: Pick<Option, "repeatable">, answer: string): string[] {
  if (!repeatable) return [answer];
  const parts = answer.split(/[;\r\n]/).map((part) => part.trim());
  return parts.filter((part) => part !== "");
}

/** The same with another answer; no text takes it away. */
export function withAnswer(answers: Answers, name: string, texts: readonly string[]): Answers {
  const others = [...answers].filter(([other]) => other !== name);
  return new Map(texts.length === 0 ? others : [...others, [name, texts]]);
}

/** Flags that say all but the defaults. @param pinned said even then, since something farther away says otherwise */
export function buildArgv(
  answers: Answers,
  table: readonly Option[],
  pinned: ReadonlySet<string> = new Set(),
): readonly string[] {
  return table.flatMap((option) => {
    const texts = answers.get(option.name);
    if (texts === undefined || (isUsual(option, texts) && !pinned.has(option.name))) return [];
    if (option.rule.kind === "switch") return [`--${texts[0] === "true" ? "" : "no-"}${option.name}`];
    return texts.flatMap((text) =>
      text.startsWith("-") ? [`--${option.name}=${text}`] : [`--${option.name}`, text],
    );
  });
}

const isUsual = ({ rule, default: usual }: Option, texts: readonly string[]) =>
  texts.length === 1 && texts[0] === (usual ?? (rule.kind === "switch" ? "false" : undefined));

const tracePrefix = "trace:";

/** A text with the paths in it as they are seen from another folder, as a file of options there must have them. */
export function placeText(option: Option, text: string, folder: string): string {
  if (option.name === "profile") {
    return text.startsWith(tracePrefix)
      ? `${tracePrefix}${placePath(text.slice(tracePrefix.length), folder)}`
      : text;
  }
  if (option.name === "protocol") return /\/|\.ya?ml$/.test(text) ? placePath(text, folder) : text;
  if (option.name === "node-binary") return text.includes("/") ? placePath(text, folder) : text;
  return option.rule.isPath ? placePath(text, folder) : text;
}

function placePath(path: string, folder: string): string {
  if (isAbsolute(path) || path.startsWith("~/") || resolve(folder) === resolve(".")) return path;
  const placed = relative(folder, path).replaceAll("\\", "/");
  return placed.startsWith(".") ? placed : `./${placed}`;
}

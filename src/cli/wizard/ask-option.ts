import type { Diagnostic } from "../../core/errors.ts";
import { protocols } from "../../protocol/registry.ts";
import type { Option } from "../options/option.ts";
import type { Choice } from "../terminal/prompt.ts";
import { type Answers, parseAnswer, withAnswer } from "./answers.ts";
import { rivalsOf } from "./asked.ts";
import { breakQuestion, describeDiagnostics, reportDiagnostics, type WizardSetting } from "./setting.ts";

interface OptionTerms {
  /** Where nothing was answered yet; default: that of the table. */
  readonly usual?: string | undefined;
  /** What is wrong with the answers, once they hold this one. */
  readonly check: (answers: Answers) => readonly Diagnostic[];
}

export async function askOption(
  option: Option,
  answers: Answers,
  terms: OptionTerms,
  { dialogue, context }: WizardSetting,
): Promise<Answers> {
  const usual = answers.get(option.name)?.join("; ") ?? terms.usual ?? usualOf(option);
  const others = rivalsOf(option.name).reduce((left, rival) => withAnswer(left, rival, []), answers);
  const withText = (text: string) =>
    withAnswer(others, option.name, text === "" ? [] : parseAnswer(option, text));
  const question = questionOf(option);
  const words = wordsOf(option);
  const askText = async () => {
    if (option.rule.kind === "switch")
      return String(await dialogue.confirm(`${question}?`, usual === "true"));
    const check = (text: string) => describeDiagnostics(terms.check(withText(text.trim())));
    if (words === undefined) return await dialogue.text(question, { usual, check });
    const { more } = words;
    const isListed = usual === undefined || words.choices.some(({ value }) => value === usual);
    const chosen = await dialogue.choose(question, {
      choices: more === undefined ? words.choices : [...words.choices, { value: typed, name: more }],
      usual: isListed ? usual : typed,
    });
    if (chosen !== typed) return chosen;
    return await dialogue.text(`${more}:`, { usual: isListed ? undefined : usual, check });
  };
  for (;;) {
    const next = withText(await askText());
    const diagnostics = terms.check(next);
    if (diagnostics.length === 0) return next;
    reportDiagnostics(context, diagnostics);
  }
}

/** The default, where it is a value and no sentence about one. */
export function usualOf({ rule, default: usual, name }: Option): string | undefined {
  if (usual === undefined) return undefined;
  return "value" in rule.read({ name, value: usual, rank: 3 }) && !usual.includes(" ") ? usual : undefined;
}

/** Chosen where the answer is to be typed in. */
const typed = "";

/** The words that it may be. @returns `more`: what else it may be; undefined where there are no such words */
function wordsOf({
  name,
  rule: { schema },
}: Option): { readonly choices: readonly Choice[]; readonly more?: string } | undefined {
  if (name === "protocol") {
    // Tests in browsers have a command of their own, which makes their page.
    const choices = protocols
      .filter(({ routines, flows }) => routines === undefined && flows === undefined)
      .map((one) => ({ value: one.name, name: one.name, description: one.title }));
    return { choices, more: "Path of a description in YAML" };
  }
  if (schema === undefined || !("enum" in schema)) return undefined;
  return { choices: (schema.enum as readonly string[]).map((word) => ({ value: word, name: word })) };
}

/** "Duration (SECS): measurement window of each run" */
function questionOf(option: Option): string {
  const label = option.name.replaceAll("-", " ").replace(/^./, (letter) => letter.toUpperCase());
  const isTyped = option.rule.kind === "value" && wordsOf(option) === undefined;
  return breakQuestion(`${label}${isTyped ? ` (${option.placeholder})` : ""}: ${option.description}`);
}

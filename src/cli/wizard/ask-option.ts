import type { Diagnostic } from "../../core/errors.ts";
import type { Option } from "../options/option.ts";
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
    if (words !== undefined) {
      return await dialogue.choose(question, {
        choices: words.map((word) => ({ value: word, name: word })),
        usual,
      });
    }
    const check = (text: string) => describeDiagnostics(terms.check(withText(text.trim())));
    return await dialogue.text(question, { usual, check });
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

/** The only words that it may be, where it may be nothing else. */
function wordsOf({ rule: { schema } }: Option): readonly string[] | undefined {
  return schema !== undefined && "enum" in schema ? (schema.enum as readonly string[]) : undefined;
}

/** "Duration (SECS): measurement window of each run" */
function questionOf(option: Option): string {
  const label = option.name.replaceAll("-", " ").replace(/^./, (letter) => letter.toUpperCase());
  const isTyped = option.rule.kind === "value" && wordsOf(option) === undefined;
  return breakQuestion(`${label}${isTyped ? ` (${option.placeholder})` : ""}: ${option.description}`);
}

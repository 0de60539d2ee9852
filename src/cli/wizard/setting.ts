import type { Diagnostic } from "../../core/errors.ts";
import { formatForeign } from "../../core/text/foreign-text.ts";
import { wrap } from "../../results/report/text/wrap.ts";
import type { Option } from "../options/option.ts";
import type { CommandBackend } from "../terminal/command-backend.ts";
import type { CommandContext } from "../terminal/context.ts";
import type { Dialogue } from "../terminal/prompt.ts";

export interface WizardSetting {
  readonly dialogue: Dialogue;
  readonly context: CommandContext;
  readonly backend: CommandBackend;
  /** What may be asked for. */
  readonly table: readonly Option[];
}

const columns = 80;

/** Tells a text on standard error, broken at 80 columns; lines of one paragraph after the first are indented as it is. */
export function notify({ terminal }: Pick<CommandContext, "terminal">, text: string): void {
  const [indent = ""] = /^ */.exec(text) ?? [];
  const lines = text === "" ? [""] : wrap(formatForeign(text), columns - indent.length);
  for (const line of lines) terminal.note(`${indent}${line}`);
}

/** A question, broken for 80 columns behind the mark that stands before it. */
export function breakQuestion(text: string): string {
  return wrap(formatForeign(text), columns - 4).join("\n  ");
}

/** What is wrong with an answer, as it is shown below its question; undefined: nothing. */
export function describeDiagnostics(diagnostics: readonly Pick<Diagnostic, "message">[]): string | undefined {
  return diagnostics.length === 0
    ? undefined
    : diagnostics.flatMap(({ message }) => wrap(formatForeign(message), columns - 2)).join("\n");
}

export function reportDiagnostics(
  context: Pick<CommandContext, "terminal">,
  diagnostics: readonly Diagnostic[],
): void {
  // As wide as the label.
  for (const { message } of diagnostics)
    context.terminal.note(wrap(formatForeign(message), columns - "error: ".length).join("\n"), "error");
}

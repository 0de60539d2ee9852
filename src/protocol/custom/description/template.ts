import { suggestion } from "../../../core/text/nearest.ts";

/** A part of a template: text as it stands, or a variable. */
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "variable"; readonly name: string };

/** Where a node's index belongs in a value by index. */
export const indexPlace = "{index}";

/** A text with variables in `${…}`; `$$` is a dollar, and so is one before anything but a brace. */
export interface Template {
  readonly parts: readonly TemplatePart[];
  /** Puts a text in each variable's place. */
  readonly render: (textFor: (variable: string) => string) => string;
}

/** @param text that `templateDiagnostics` says nothing of */
export function compileTemplate(text: string): Template {
  const { parts } = splitTemplate(text);
  return {
    parts,
    render: (textFor) =>
      parts.map((part) => (part.kind === "text" ? part.text : textFor(part.name))).join(""),
  };
}

/** All that is wrong with a template, without full stops: unknown variables, braces that do not close. */
export function templateDiagnostics(text: string, allowed: readonly string[]): string[] {
  const { isClosed } = splitTemplate(text);
  const unclosed = isClosed ? [] : ["a variable is not closed: write ${name}, or $$ for a dollar sign"];
  const unknown = templateVariables(text).filter((name) => !allowed.includes(name));
  return [...unclosed, ...unknown.map((name) => `unknown variable \${${name}}.${remedyFor(name, allowed)}`)];
}

/** Names of the variables of any text, known ones or not, each once, in the order of their first places. */
export function templateVariables(text: string): readonly string[] {
  const { parts } = splitTemplate(text);
  return [...new Set(parts.flatMap((part) => (part.kind === "variable" ? [part.name] : [])))];
}

/** The template that renders to exactly this text. */
export function escapeTemplate(text: string): string {
  return text.replaceAll("$", "$$$$");
}

function splitTemplate(text: string): { parts: TemplatePart[]; isClosed: boolean } {
  const parts: TemplatePart[] = [];
  let plain = "";
  let isClosed = true;
  const flush = () => {
    if (plain !== "") parts.push({ kind: "text", text: plain });
    plain = "";
  };
  for (const [token, name] of text.matchAll(/\$\$|\$\{([^{}\n]*)\}|\$\{|\$|[^$]+/g)) {
    if (name !== undefined) {
      flush();
      parts.push({ kind: "variable", name: name.trim() });
    } else {
      if (token === "${") isClosed = false;
      plain += token === "$$" ? "$" : token;
    }
  }
  flush();
  return { parts, isClosed };
}

function remedyFor(name: string, allowed: readonly string[]): string {
  if (allowed.length === 0) return " No variable is allowed here; write $$ for a dollar sign";
  return suggestion(name, allowed) || ` Known variables: ${allowed.join(", ")}`;
}

/** HTML that is safe by its type: whatever else stands in a template becomes text. */
import { formatForeignLines } from "../../core/text/foreign-text.ts";

/** Text of HTML that needs no escaping any more. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Html | string | number | undefined | readonly Content[];

/** Longer texts from outside are cut: nobody reads a line of a megabyte, and the page is to stay small. */
const longestText = 2_000;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML shows it: control characters readable, the end of a very long one cut off and said so. */
export function escapeHtml(text: string): string {
  const cut = text.length > longestText ? `${text.slice(0, longestText)}… (${text.length} characters)` : text;
  // Half of a pair of UTF-16 becomes U+FFFD when the page is written.
  return formatForeignLines(cut).replace(/[&<>"']/g, (one) => entities[one] ?? one);
}

function render(content: Content): string {
  if (content === undefined) return "";
  if (content instanceof Html) return content.text;
  if (typeof content === "string" || typeof content === "number") return escapeHtml(String(content));
  return content.map(render).join("");
}

/** HTML as it is written, with what is put in escaped unless it is HTML itself; lists one after the other. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(parts.map((part, at) => `${part}${render(contents[at])}`).join(""));
}

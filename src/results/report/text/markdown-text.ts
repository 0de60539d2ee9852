/** Markdown as GitHub shows it. */
import { formatForeign } from "../../../core/text/foreign-text.ts";
import type { Column } from "./table.ts";

/** Signs that mean something to HTML or to a table. */
const signs: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "|": "&#124;",
};

/** Longer foreign texts would push the rest out of a comment. */
const longest = 500;

/** What means nothing to Markdown within a line; but a colon before a slash, and the point of "www.", make links. */
const meaningful = /[^\p{L}\p{N} .,:;/%=+()-]|:(?=\/)|(?<=www)\./giu;

/**
 * Foreign text on one line, shown as it is: nothing in it is markup, a link, or calls anybody. Inside of `<code>` GitHub
 * looks for no names, which it would find in escaped text too; and what else Markdown knows is escaped.
 */
export function quoteMarkdown(text: string): string {
  const line = formatForeign(text);
  const short = line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
  const escaped = short.replace(meaningful, (sign) => signs[sign] ?? `&#${sign.codePointAt(0)};`);
  return `<code>${escaped}</code>`;
}

/** Heads are of one line, and cells are Markdown already. */
export function formatMarkdownTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ head }) => head)),
    line(columns.map(({ align }) => (align === "right" ? "---:" : ":---"))),
    ...rows.map((row) => line(columns.map(({ cell }) => cell(row)))),
  ].join("\n");
}

/** Closed until somebody opens it. */
export function formatDetails(title: string, body: string): string {
  return `<details>\n<summary>${title}</summary>\n\n${body}\n\n</details>`;
}

/** Text of several lines as it is. HTML, since a fence of back-ticks could be closed by the text itself. */
export function formatPreformatted(text: string): string {
  return `<pre>\n${text.replace(/[&<>"|]/g, (sign) => signs[sign] ?? sign)}\n</pre>`;
}

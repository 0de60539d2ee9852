import type { Column } from "../report/text/table.ts";
import { type Content, type Html, html } from "./html.ts";

/** The rows of a console's table as one of HTML: the same columns, so that both say the same. */
export function htmlTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Html {
  const side = ({ align }: Column<Row>) => html`${align === "right" ? html` class="n"` : undefined}`;
  const heads = columns.map((column) => html`<th${side(column)} scope="col">${oneLine(column.head)}</th>`);
  const body = rows.map(
    (row) =>
      html`<tr>${columns.map((column) => html`<td${side(column)}>${oneLine(column.cell(row))}</td>`)}</tr>`,
  );
  return html`<div class="table" tabindex="0"><table><thead><tr>${heads}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** Consoles break lines to save columns. */
const oneLine = (text: string) => text.replace("-\n", "-").replace("\n", " ").trim();

/** Names and values beside each other; those that are undefined are left out. */
export function htmlList(entries: readonly (readonly [name: string, value: Content])[]): Html {
  const shown = entries.filter(([, value]) => value !== undefined);
  return html`<dl>${shown.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** What stands in a document of JSON, as lists in lists. */
export function htmlValue(value: unknown): Content {
  if (Array.isArray(value) && value.every((item) => typeof item !== "object"))
    return value.map(String).join(", ");
  if (typeof value === "object" && value !== null) {
    return htmlList(Object.entries(value).map(([name, item]) => [name, htmlValue(item)] as const));
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

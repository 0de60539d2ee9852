/** Markdown of what was measured. Pure. */

/** A table whose columns also line up as plain text: the first one names its row, the others hold figures. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((cells) => cells.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) => Math.max(3, ...all.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
    return `| ${padded.join(" | ")} |`;
  };
  const rules = widths.map((width, column) => `-${"-".repeat(width)}${column === 0 ? "-" : ":"}`);
  const [first = "", ...others] = all.map(line);
  return [first, `|${rules.join("|")}|`, ...others].join("\n");
}

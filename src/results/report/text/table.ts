import CliTable from "cli-table3";

/** A column: its head, which may take two lines, and what stands in it for a row. */
export interface Column<Row> {
  readonly head: string;
  readonly align: "left" | "right";
  readonly cell: (row: Row) => string;
}

export const left = <Row>(head: string, cell: (row: Row) => string): Column<Row> => ({
  head,
  align: "left",
  cell,
});

export const right = <Row>(head: string, cell: (row: Row) => string): Column<Row> => ({
  ...left(head, cell),
  align: "right",
});

const borderless = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: " ",
};

/** A plain table: heads of one line or two, a rule, the rows; no colours. Ends without a line break. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const headLines = columns.some(({ head }) => head.includes("\n")) ? 2 : 1;
  const table = new CliTable({
    head: columns.map(({ head }) => (head.includes("\n") || headLines === 1 ? head : `${head}\n`)),
    colAligns: columns.map(({ align }) => align),
    chars: borderless,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
  });
  for (const row of rows) table.push(columns.map(({ cell }) => cell(row)));
  const lines = table.toString().split("\n");
  const rule = "-".repeat(Math.max(...lines.map((line) => line.length)));
  return [...lines.slice(0, headLines), rule, ...lines.slice(headLines)]
    .map((line) => line.trimEnd())
    .join("\n");
}

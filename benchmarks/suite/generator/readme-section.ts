/** The part of benchmarks/README.md that holds the last figures; written by `npm run bench`. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { formatTable } from "../markdown.ts";
import { claimColumns, claimRow, type Findings, formatMachine } from "./findings.ts";

const [begin, end] = ["<!-- results of npm run bench: begin -->", "<!-- end -->"];

/** All findings that lie in a folder, by name. */
export async function readAllFindings(folder: string): Promise<readonly Findings[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json")).sort();
  const all = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(folder, file), "utf8")) as unknown),
  );
  return all.filter(isFindings);
}

/** The folder has results of other scripts too. */
function isFindings(value: unknown): value is Findings {
  return typeof value === "object" && value !== null && "claims" in value && "method" in value;
}

/** One table of all that is claimed, and under it each part's machine, time and command. */
export function formatSection(all: readonly Findings[]): string {
  const rows = all.flatMap(({ name, claims }) =>
    claims.map((claim) => {
      const [what = "", ...rest] = claimRow(claim);
      return [`[${name}](suite/results/${name}.md): ${what}`, ...rest];
    }),
  );
  const about = all.map(
    ({ name, command, machine, notes }) =>
      `- ${name}: \`${command}\`; ${formatMachine(machine)}${notes.length === 0 ? "" : ` ${notes.join("; ")}.`}`,
  );
  return [formatTable(claimColumns, rows), about.join("\n")].join("\n\n");
}

/** Puts the section where the last one stands. */
export function replaceSection(readme: string, section: string): string {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from === -1 || to < from)
    throw new Error(`benchmarks/README.md has no place for results: ${begin} … ${end}.`);
  return `${readme.slice(0, from)}${begin}\n\n${section}\n\n${readme.slice(to)}`;
}

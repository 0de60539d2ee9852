/** What a script of the suite found, in one form for all: a page in results/, its JSON, and rows of the README. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MachineFacts } from "../machine.ts";
import { formatTable } from "../markdown.ts";

/** Something that the tool is held to. */
export interface Claim {
  readonly what: string;
  readonly asked: string;
  readonly measured: string;
  /** undefined: it could not be measured here; `measured` says why. */
  readonly holds: boolean | undefined;
}

export interface FindingsTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Findings {
  readonly name: string;
  readonly title: string;
  /** How it is measured, for who reads the table. */
  readonly method: string;
  readonly command: string;
  readonly machine: MachineFacts;
  /** Peers' names and versions, and the cores that were used. */
  readonly setting: readonly string[];
  readonly claims: readonly Claim[];
  readonly tables: readonly FindingsTable[];
  /** What a reader must know: what is missing, what failed, and why. */
  readonly notes: readonly string[];
  /** All that was measured, for other programs. */
  readonly raw: unknown;
}

export const resultsFolder: string = join(import.meta.dirname, "..", "results");

/** Above this much load before the start somebody else was using the machine. */
const busyLoad = 0.5;

export const claimColumns = ["what", "asked", "measured", "holds"] as const;

export function claimRow({ what, asked, measured, holds }: Claim): string[] {
  return [what, asked, measured, holds === undefined ? "not measured" : holds ? "yes" : "NO"];
}

/** Options that say where things lie on one machine, and nothing of what is measured. */
const placeOptions = ["--results", "--cache"];

/** The command that made these findings, as a person would repeat it elsewhere. */
export function commandLine(): string {
  const [, script = "", ...rest] = process.argv;
  const said = rest.filter(
    (word, i) => !placeOptions.includes(word) && !placeOptions.includes(rest[i - 1] ?? ""),
  );
  return ["node", `benchmarks/suite/${script.split("/").at(-1)}`, ...said].join(" ");
}

export function formatMachine({
  cpu,
  cores,
  memoryGib,
  kernel,
  node,
  loadBefore,
  startedAt,
}: MachineFacts): string {
  const busy = loadBefore > busyLoad ? " THE MACHINE WAS NOT IDLE." : "";
  const facts = `${cpu}, ${cores} cores, ${memoryGib} GiB, ${kernel}, Node ${node}`;
  return `${facts}; load ${loadBefore.toFixed(2)} before; ${startedAt}.${busy}`;
}

export function formatFindings(findings: Findings): string {
  const { title, method, command, machine, setting, claims, tables, notes } = findings;
  const list = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join("\n");
  return [
    `# ${title}`,
    method,
    `${formatMachine(machine)} \`${command}\``,
    ...(setting.length === 0 ? [] : [list(setting)]),
    ...(claims.length === 0 ? [] : [formatTable(claimColumns, claims.map(claimRow))]),
    ...tables.flatMap(({ title: about, head, rows }) => [`## ${about}`, formatTable(head, rows)]),
    ...(notes.length === 0 ? [] : ["## Notes", list(notes)]),
    "",
  ].join("\n\n");
}

/** Writes `NAME.md` and `NAME.json`, and prints the page. */
export async function writeFindings(
  found: Omit<Findings, "command" | "machine">,
  { machine, folder }: { readonly machine: MachineFacts; readonly folder: string },
): Promise<void> {
  const findings: Findings = { ...found, command: commandLine(), machine };
  await mkdir(folder, { recursive: true });
  const page = formatFindings(findings);
  await writeFile(join(folder, `${findings.name}.json`), `${JSON.stringify(findings, null, 2)}\n`);
  await writeFile(join(folder, `${findings.name}.md`), page);
  process.stdout.write(page);
}

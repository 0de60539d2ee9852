import { type BundleNameParts, parseBundleName } from "../../bundle/find-bundle.ts";
import type { ListedBundle, ListedSweep } from "../../bundle/list-bundles.ts";
import { formatAsked, formatFigure, formatForeign, nothingSeen } from "../text/figures.ts";
import { formatTable, type TableColumn } from "../text/table.ts";

const left = (first: string, second: string): TableColumn => ({ head: [first, second], align: "left" });
const right = (first: string, second: string): TableColumn => ({ head: [first, second], align: "right" });

const columns = [
  left("Bundle", ""),
  left("Began", "UTC"),
  left("Net-", "work"),
  left("Protocol", ""),
  right("No-", "des"),
  right("Loads", "tx/s"),
  right("Runs", ""),
  right("Best", "tx/s"),
  left("State", ""),
] as const;

/** One row for each, at most 80 columns wide for usual names, then what is wrong with some. Ends without a line break. */
export function formatBundleTable(bundles: readonly ListedBundle[]): string {
  const notes = bundles.flatMap(({ name, state, reason }) => {
    if (reason === undefined) return [];
    // A reason why it cannot be read names the file.
    const what = state === "broken" ? reason : `${name} ended early: ${reason}`;
    return [`  ${formatForeign(what)}`];
  });
  const table = formatTable(columns, bundles.map(row));
  return [table, ...(notes.length === 0 ? [] : ["", ...notes])].join("\n");
}

function row({ name, startedAt, state, sweep }: ListedBundle): string[] {
  const parts = parseBundleName(name.split("/", 1)[0] ?? "");
  const began = startedAt?.slice(0, 16).replace("T", " ") ?? nothingSeen;
  const common = [shortName(name, parts), began];
  if (sweep === undefined)
    return [...common, parts?.kind ?? nothingSeen, ...Array(5).fill(nothingSeen), state];
  const { networkType, protocol, nodes, finishedRuns, plannedRuns, bestThroughputTps: best } = sweep;
  return [
    ...common,
    formatForeign(networkType),
    formatForeign(protocol).slice(0, longestName),
    String(nodes),
    formatLoads(sweep),
    plannedRuns === undefined ? String(finishedRuns) : `${finishedRuns}/${plannedRuns}`,
    best === undefined ? nothingSeen : formatFigure(best),
    formatState(state, sweep),
  ];
}

const longestName = 10;
const longestLoads = 8;

/** The id is enough to name it. */
function shortName(name: string, parts: BundleNameParts | undefined): string {
  const [first = "", inside] = name.split("/");
  const short = formatForeign(parts?.id ?? first);
  return inside === undefined ? short : `${short}\n/${inside}`;
}

/** All of them where they are few. */
function formatLoads({ loads, isClosedLoop }: ListedSweep): string {
  if (loads === undefined) return "search";
  const shown = [...new Set(loads)].map(formatAsked);
  const all = shown.join(",");
  const text = all.length > longestLoads ? `${shown[0]}..${shown.at(-1)}` : all;
  return isClosedLoop ? `closed:${text}` : text;
}

const howItEnded: Readonly<Record<ListedBundle["state"], readonly string[]>> = {
  ended: [],
  "ended-early": ["ended early"],
  "under-way": ["under way"],
  unfinished: ["unfinished"],
  broken: ["broken"],
};

/** How it ended, where not well, and what was found of its runs: one line as a rule. */
function formatState(state: ListedBundle["state"], { verdicts, finishedRuns }: ListedSweep): string {
  const counts = Object.entries(verdicts).map(([status, count]) => {
    const short = status.replace("generator-limited", "gen.-limited");
    return count === finishedRuns ? short : `${count} ${short}`;
  });
  return [...howItEnded[state], ...counts].join("\n");
}

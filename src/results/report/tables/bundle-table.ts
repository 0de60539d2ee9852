import { formatForeign } from "../../../core/text/foreign-text.ts";
import { parseBundleName } from "../../bundle/find-bundle.ts";
import type { ListedBundle, ListedSweep } from "../../bundle/list-bundles.ts";
import { formatAsked, formatFigure, nothingSeen, seen } from "../text/figures.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";

const ofSweep = (
  column: typeof left<ListedBundle>,
  head: string,
  show: (sweep: ListedSweep) => string,
): Column<ListedBundle> => column(head, ({ sweep }) => seen(sweep, show));

const columns: readonly Column<ListedBundle>[] = [
  left("Bundle", formatName),
  left("Began\nUTC", ({ startedAt }) => startedAt?.slice(0, 16).replace("T", " ") ?? nothingSeen),
  left("Net-\nwork", ({ name, sweep }) =>
    sweep === undefined ? (partsOf(name)?.kind ?? nothingSeen) : formatForeign(sweep.networkType),
  ),
  ofSweep(left, "Protocol", ({ protocol }) => formatForeign(protocol).slice(0, longestName)),
  ofSweep(right, "No-\ndes", ({ nodes }) => String(nodes)),
  ofSweep(right, "Loads\ntx/s", formatLoads),
  ofSweep(right, "Runs", ({ finishedRuns, plannedRuns }) =>
    [finishedRuns, plannedRuns ?? []].flat().join("/"),
  ),
  ofSweep(right, "Best\ntx/s", ({ bestThroughputTps }) => seen(bestThroughputTps, formatFigure)),
  left("State", ({ state, sweep }) => (sweep === undefined ? state : formatState(state, sweep))),
];

/** One row for each, at most 80 columns wide for usual names, then what is wrong with some. Ends without a line break. */
export function formatBundleTable(bundles: readonly ListedBundle[]): string {
  const notes = bundles.flatMap(({ name, state, reason }) => {
    if (reason === undefined) return [];
    // A reason why it cannot be read names the file.
    const what = state === "broken" ? reason : `${name} ended early: ${reason}`;
    return [`  ${formatForeign(what)}`];
  });
  const table = formatTable(columns, bundles);
  return [table, ...(notes.length === 0 ? [] : ["", ...notes])].join("\n");
}

const partsOf = (name: string) => parseBundleName(name.split("/", 1)[0] ?? "");

const longestName = 10;
const longestLoads = 8;

const longestLine = 20;

/** The id is enough to name it; then what people call it. */
function formatName({ name, sweep }: ListedBundle): string {
  const [first = "", inside] = name.split("/");
  const { label, tags = {} } = sweep ?? {};
  return [
    formatForeign(partsOf(name)?.id ?? first),
    ...(inside === undefined ? [] : [`/${formatForeign(inside).replaceAll(",", ",\n")}`]),
    ...(label === undefined ? [] : [shorten(`"${formatForeign(label)}"`)]),
    ...Object.entries(tags).map(([key, value]) => shorten(formatForeign(`${key}=${value}`))),
  ].join("\n");
}

const shorten = (text: string) => (text.length > longestLine ? `${text.slice(0, longestLine - 1)}…` : text);

/** All of them where they are few. */
function formatLoads({ loads, isClosedLoop }: ListedSweep): string {
  if (loads === undefined) return "search";
  const shown = [...new Set(loads)].map(formatAsked);
  const all = shown.join(",");
  const text = all.length > longestLoads ? `${shown[0]}..${shown.at(-1)}` : all;
  return isClosedLoop ? `closed:${text}` : text;
}

/** How it ended, where not well, and what was found of its runs: one line as a rule. */
function formatState(state: ListedBundle["state"], { verdicts, finishedRuns }: ListedSweep): string {
  const counts = Object.entries(verdicts).map(([status, count]) => {
    const short = status.replace("generator-limited", "gen.-limited");
    return count === finishedRuns ? short : `${count} ${short}`;
  });
  return [...(state === "ended" ? [] : [state.replace("-", " ")]), ...counts].join("\n");
}

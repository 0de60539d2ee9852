import { resolve } from "node:path";
import {
  type HistoryCheck,
  historyCheckForm,
  historyListForm,
  type ListedSeries,
  type ShownSeries,
  shownSeriesForm,
} from "../../../contracts/results/history.ts";
import { writeForm } from "../../../core/documents/write-form.ts";
import { ConfigurationError, type Diagnostic } from "../../../core/errors.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import {
  historyChanges,
  publishedMetric,
  seriesOfMetric,
} from "../../../results/analysis/history/changes.ts";
import { checkHistory } from "../../../results/analysis/history/check.ts";
import type { KeyedEntry } from "../../../results/analysis/history/entries.ts";
import { historyMetricNames } from "../../../results/analysis/history/metrics.ts";
import { findBundle } from "../../../results/bundle/find-bundle.ts";
import { checkOutputDir } from "../../../results/bundle/folders.ts";
import { findHistoryCharts } from "../../../results/charts/data/history-charts.ts";
import { openDrawing } from "../../../results/charts/draw/draw.ts";
import { readHistoryEntries } from "../../../results/history/read-bundle.ts";
import {
  addToHistory,
  pruneHistory,
  readHistory,
  type StoredSeries,
} from "../../../results/history/store.ts";
import {
  describeSeries,
  formatHistoryList,
  formatHistoryMarkdown,
  formatHistorySeries,
} from "../../../results/report/documents/history.ts";
import {
  formatHistoryCheck,
  formatHistoryCheckJunit,
  formatHistoryCheckMarkdown,
} from "../../../results/report/documents/history-check.ts";
import { formatCountOf } from "../../../results/report/text/figures.ts";
import { verifyBundle } from "../../../results/verify/verify.ts";
import { type Check, diagnosed, preflight, preflightLook, refuse } from "../../../run/prepare/preflight.ts";
import { limitsOfKept } from "../../../run/prepare/system.ts";
import { readOutputDir, readOwn, refuseUnused } from "../../options/command-options.ts";
import type { CommandBackend } from "../../terminal/command-backend.ts";
import {
  type Command,
  type CommandContext,
  type CommandRequest,
  type ExitCode,
  openSteps,
  printFound,
} from "../../terminal/context.ts";
import { checkFile, writeReport } from "./report-files.ts";

/** Folder of the history where none is named. */
export const usualHistory = "./history";

type Action = "add" | "list" | "show" | "check" | "prune";

/** What an action needs, with its options. */
interface HistoryRequest {
  readonly request: CommandRequest;
  readonly context: CommandContext;
  readonly backend: CommandBackend;
  /** Behind the action. */
  readonly words: readonly string[];
  readonly options: ReturnType<typeof readOptions>;
}

/** `history add|list|show|check|prune`: bundles over time, and where their figures change. */
export const runHistory: Command = async (request, context, backend) => {
  const [word = "", ...words] = request.words;
  const options = readOptions(request);
  const known = actions[word as Action];
  if (known !== undefined) {
    refuseUnused(request, known.unused, `history ${word}`);
    request.diagnostics.push(...countWords(word, words, known));
  } else refuse(request.diagnostics);
  return await (known ?? actions.list).run({ request, context, backend, words, options });
};

function readOptions(request: CommandRequest) {
  const usual = { history: usualHistory, keep: undefined, before: undefined, minEffect: undefined };
  const files = { junit: undefined, markdown: undefined, svg: undefined };
  const { minEffect, history, junit, markdown, ...options } = readOwn(request, { ...usual, ...files });
  return {
    ...options,
    folder: history,
    outputDir: readOutputDir(request),
    analysis: { minEffectRatio: minEffect === undefined ? undefined : minEffect / 100 },
    junit: junit === undefined ? undefined : resolve(junit),
    markdown: markdown === undefined ? undefined : resolve(markdown),
  };
}

interface KnownAction {
  readonly run: (of: HistoryRequest) => Promise<ExitCode>;
  /** How many words may follow it. */
  readonly fewest: number;
  readonly most: number;
  /** By camel-case name. */
  readonly unused: readonly string[];
}

const ofPrune = ["keep", "before"];
const ofReports = ["junit", "markdown", "svg"];

const actions: Readonly<Record<Action, KnownAction>> = {
  add: {
    run: add,
    fewest: 1,
    most: Number.POSITIVE_INFINITY,
    unused: [...ofPrune, ...ofReports, "minEffect"],
  },
  list: { run: list, fewest: 0, most: 0, unused: [...ofPrune, ...ofReports] },
  show: { run: show, fewest: 0, most: 1, unused: [...ofPrune, "junit"] },
  check: { run: check, fewest: 1, most: 1, unused: [...ofPrune, "svg"] },
  prune: { run: prune, fewest: 0, most: 0, unused: [...ofReports, "minEffect"] },
};

function countWords(action: string, words: readonly string[], { fewest, most }: KnownAction): Diagnostic[] {
  if (words.length < fewest) {
    return [{ code: "missing-argument", message: `the bundle is missing. Use: history ${action} BUNDLE` }];
  }
  return words.slice(most).map((word) => ({
    code: "stray-argument",
    message: `"${formatForeign(word)}": history ${action} takes ${most === 0 ? "no argument" : "one argument"}. Remove it.`,
  }));
}

/** Nothing is added unless all bundles agree with themselves. */
async function add({ request, context, backend, words, options }: HistoryRequest): Promise<ExitCode> {
  const { folder, outputDir } = options;
  const onStep = openSteps(context);
  const entries: KeyedEntry[] = [];
  const look = (word: string) => async (): Promise<readonly Diagnostic[]> => {
    const path = await findBundle(word, outputDir);
    onStep(path, "verifying");
    const { differences } = await verifyBundle(path, (kept) => limitsOfKept(kept, backend));
    const [first] = differences;
    if (first !== undefined) return [notVerified(path, differences.length, first)];
    entries.push(...(await readHistoryEntries(path)));
    return [];
  };
  const diagnostics = [...request.diagnostics];
  // One after the other: each may take hundreds of megabytes.
  for (const word of words) {
    context.signal.throwIfAborted();
    diagnostics.push(...(await diagnosed(look(word))));
  }
  await preflight(diagnostics, [writable(folder)], context.signal);
  const { added, known } = await addToHistory(folder, entries);
  const documentOf = ({ series, entry }: KeyedEntry) => ({ series: series.id, bundle: entry.bundle });
  printFound(
    context,
    () => ({
      schema: "baleen.history-added/1",
      history: resolve(folder),
      added: added.map(documentOf),
      known: known.map(documentOf),
    }),
    [
      ...added.map((one) => `Added to ${one.series.id}: ${nameEntry(one)}`),
      ...known.map((one) => `In ${one.series.id} already: ${nameEntry(one)}`),
      ...(entries.length === 0 ? ["Nothing to add: these bundles have no run that counts."] : []),
    ].join("\n"),
  );
  return 0;
}

const nameEntry = ({ series, entry }: KeyedEntry) =>
  `${formatForeign(entry.bundle)}, ${formatCountOf(entry.counted, "run")} of ${describeSeries(series)}`;

function notVerified(
  path: string,
  count: number,
  { file, key }: { readonly file: string; readonly key: string },
): Diagnostic {
  const message = `${path}: ${formatCountOf(count, "number")} in it did not follow from the others, first ${formatForeign(`${file}, ${key}`)}. Look with: npx baleen verify ${path}`;
  return { code: "history-bundle", message };
}

const writable =
  (folder: string): Check =>
  async () => {
    const diagnostic = await checkOutputDir(folder);
    return diagnostic === undefined ? [] : [{ ...diagnostic, message: `--history: ${diagnostic.message}` }];
  };

async function list({ request, context, options }: HistoryRequest): Promise<ExitCode> {
  const { folder, analysis } = options;
  const stored = await preflightLook(request.diagnostics, () => readHistory(folder), context.signal);
  const series = stored.map(({ series, entries }) => ({
    ...series,
    entries: entries.length,
    lastAt: entries.at(-1)?.at ?? "",
    last: lastMeans(entries),
    lastChange: historyChanges(entries, analysis).at(-1),
  }));
  const listed: ListedSeries = { series };
  printFound(context, () => writeForm(historyListForm, listed), formatHistoryList(listed, folder));
  return 0;
}

function lastMeans(entries: StoredSeries["entries"]): Readonly<Record<string, number>> {
  const known = historyMetricNames.flatMap((metric) => {
    const mean = seriesOfMetric(metric, entries.slice(-1)).means[0];
    return mean === undefined ? [] : [[publishedMetric[metric], mean] as const];
  });
  return Object.fromEntries(known);
}

async function show({ request, context, words, options }: HistoryRequest): Promise<ExitCode> {
  const { folder, analysis, markdown, svg } = options;
  if (svg !== undefined && context.settings.json) {
    const message = "--svg and --json both print a document of their own. Use one of them.";
    request.diagnostics.push({ code: "contradiction", message });
  }
  const look = async () => findSeries(words[0], await readHistory(folder), folder);
  const { series, entries } = await preflightLook(request.diagnostics, look, context.signal, [
    fileCheck("--markdown", markdown),
  ]);
  const shown: ShownSeries = { ...series, entries, changes: historyChanges(entries, analysis) };
  if (markdown !== undefined) await writeReport(markdown, formatHistoryMarkdown(shown));
  if (svg === undefined) {
    printFound(context, () => writeForm(shownSeriesForm, shown), formatHistorySeries(shown));
    return 0;
  }
  const charts = findHistoryCharts(svg, shown);
  const drawing = await openDrawing();
  const [first, second] = charts;
  const isAlone = first !== undefined && second === undefined;
  const text = isAlone ? drawing.drawFile(first) : drawing.drawSheet(describeSeries(shown), charts);
  context.terminal.print(text);
  return 0;
}

function fileCheck(option: string, path: string | undefined): Check {
  return async () => (path === undefined ? [] : await checkFile({ option, path }));
}

/** By how its id begins; where there is just one, it need not be named. @throws ConfigurationError */
function findSeries(word: string | undefined, stored: readonly StoredSeries[], folder: string): StoredSeries {
  const found = word === undefined ? stored : stored.filter(({ series }) => series.id.startsWith(word));
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  const what =
    word === undefined
      ? `${folder} has ${stored.length} series`
      : `"${formatForeign(word)}" stands for ${found.length} series in ${folder}`;
  const message = `history show: ${what}. Name one as npx baleen history list does.`;
  throw new ConfigurationError([{ code: "unknown-argument", message }]);
}

async function check({ request, context, words, options }: HistoryRequest): Promise<ExitCode> {
  const { folder, outputDir, analysis, junit, markdown } = options;
  const look = async () => {
    const path = await findBundle(words[0] ?? "", outputDir);
    return { path, entries: await readHistoryEntries(path), stored: await readHistory(folder) };
  };
  const { path, entries, stored } = await preflightLook(request.diagnostics, look, context.signal, [
    fileCheck("--junit", junit),
    fileCheck("--markdown", markdown),
  ]);
  const cases = entries.map((one) => {
    const own = stored.find(({ series }) => series.id === one.series.id);
    return { ...one, entries: own?.entries ?? [] };
  });
  const known = stored.map((one) => one.series);
  const series = checkHistory(cases, known, analysis);
  const hasRegression = series.some(({ metrics }) => metrics.some(({ outcome }) => outcome === "regression"));
  const checked: HistoryCheck = { bundle: resolve(path), passed: !hasRegression, series };
  if (junit !== undefined) await writeReport(junit, formatHistoryCheckJunit(checked));
  if (markdown !== undefined) await writeReport(markdown, formatHistoryCheckMarkdown(checked));
  printFound(context, () => writeForm(historyCheckForm, checked), formatHistoryCheck(checked));
  return hasRegression ? 3 : 0;
}

async function prune({ request, context, options }: HistoryRequest): Promise<ExitCode> {
  const { folder, keep, before } = options;
  if ((keep === undefined) === (before === undefined)) {
    const message = "history prune: use either --keep ENTRIES or --before DATE.";
    request.diagnostics.push({ code: "configuration", message });
  }
  await preflightLook(request.diagnostics, () => readHistory(folder), context.signal, [writable(folder)]);
  const { removed, left } = await pruneHistory(
    folder,
    keep === undefined ? { from: before ?? "" } : { latest: keep },
  );
  printFound(
    context,
    () => ({ schema: "baleen.history-pruned/1", history: resolve(folder), removed, left }),
    `Entries removed: ${removed}, left: ${left}`,
  );
  return 0;
}

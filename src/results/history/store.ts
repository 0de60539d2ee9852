/**
 * A history on the disk: a folder with a file of lines for each series, its first line what the series is, each further
 * one an entry. Lines are appended and flushed; a line that was cut short is none. It is no database, because the one
 * that Node.js has prints a warning before version 24, and a file of lines is read whole in a few milliseconds.
 */
import { readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  type HistoryEntry,
  type HistorySeries,
  historyEntryForm,
  historySeriesForm,
} from "../../contracts/results/history.ts";
import { readForm } from "../../core/documents/check-form.ts";
import type { Form } from "../../core/documents/form.ts";
import { writeForm } from "../../core/documents/write-form.ts";
import { systemCode } from "../../core/errors.ts";
import { claim, LockedError } from "../../core/process/lock.ts";
import type { KeyedEntry } from "../analysis/history/entries.ts";
import { inForm } from "../bundle/document.ts";
import { writeFileAtomically } from "../bundle/files/atomic-file.ts";
import { readBundleText } from "../bundle/files/bundle-file.ts";
import { LineFile } from "../bundle/files/line-file.ts";
import { makeFolders } from "../bundle/folders.ts";
import { BundleWriteError, writing } from "../bundle/write-error.ts";
import { BundleReadError, unreadable } from "../schema/read-error.ts";

/** A series as it is kept. */
export interface StoredSeries {
  readonly series: HistorySeries;
  /** By time. */
  readonly entries: readonly HistoryEntry[];
}

const fileName = /^([0-9a-f]{12})\.ndjson$/;

const pathOf = (folder: string, id: string) => join(folder, `${id}.ndjson`);

/** All series, by id; none where the folder does not exist. @throws BundleReadError */
export async function readHistory(folder: string): Promise<readonly StoredSeries[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw unreadable(folder, error);
  });
  const found: StoredSeries[] = [];
  for (const name of names.sort()) {
    const id = fileName.exec(name)?.[1];
    const file = id === undefined ? undefined : await readFile(folder, id);
    if (file !== undefined) found.push(file);
  }
  return found;
}

/** Whole lines of a series' file; undefined where there is none. @throws BundleReadError */
async function readText(folder: string, id: string): Promise<string | undefined> {
  try {
    const text = await readBundleText(pathOf(folder, id));
    // What stands behind the last line break was cut short.
    return text.slice(0, text.lastIndexOf("\n") + 1);
  } catch (error) {
    if (error instanceof BundleReadError && systemCode(error.cause) === "ENOENT") return undefined;
    throw error;
  }
}

/** undefined where there is none. @throws BundleReadError naming the line that is not of its form */
async function readFile(folder: string, id: string): Promise<StoredSeries | undefined> {
  const path = pathOf(folder, id);
  const [first, ...others] = (await readText(folder, id))?.split("\n").slice(0, -1) ?? [];
  if (first === undefined) return undefined;
  const series = parseLine(historySeriesForm, path, { line: first, number: 1 });
  if (series.id !== id) throw new BundleReadError(path, "line 1: it is another series' file.");
  const entries = others.map((line, place) => parseLine(historyEntryForm, path, { line, number: place + 2 }));
  return { series, entries: byTime(entries) };
}

function parseLine<T>(
  form: Form<T>,
  path: string,
  { line, number }: { readonly line: string; readonly number: number },
): T {
  return inForm(path, () => readForm(form, parseJson(path, line, number)), `line ${number}: `);
}

function parseJson(path: string, line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw unreadable(path, error, `line ${number} is not JSON.`);
  }
}

const byTime = (entries: readonly HistoryEntry[]) =>
  entries.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));

export interface Added {
  readonly added: readonly KeyedEntry[];
  /** Those that were there already. */
  readonly known: readonly KeyedEntry[];
}

/**
 * Adds entries, and makes the folder where it is missing. One of a run that is there already is passed over.
 *
 * @throws BundleWriteError, BundleReadError, or LockedError where another command changes the history
 */
export async function addToHistory(folder: string, entries: readonly KeyedEntry[]): Promise<Added> {
  await writing(folder, () => makeFolders(resolve(folder)));
  await using _lock = await lock(folder);
  const found = { added: [] as KeyedEntry[], known: [] as KeyedEntry[] };
  for (const [id, own] of Map.groupBy(entries, ({ series }) => series.id)) {
    const text = await readText(folder, id);
    const there = new Set<string>();
    const fresh = own.filter((one) => {
      const isKnown = there.has(nameOf(one.entry)) || text?.includes(nameOf(one.entry)) === true;
      there.add(nameOf(one.entry));
      (isKnown ? found.known : found.added).push(one);
      return !isKnown;
    });
    const [first] = fresh;
    if (first === undefined) continue;
    if (text) await append(pathOf(folder, id), Buffer.byteLength(text), fresh);
    else
      await writeSeries(
        folder,
        first.series,
        fresh.map(({ entry }) => entry),
      );
  }
  return found;
}

const lineOf = (entry: HistoryEntry) => JSON.stringify(writeForm(historyEntryForm, entry));

/** How the line of an entry begins. A sweep has no two windows that begin at one moment. */
const nameOf = ({ run, at }: HistoryEntry) => `\n${JSON.stringify({ run, at }).slice(0, -1)},`;

async function append(path: string, wholeBytes: number, entries: readonly KeyedEntry[]): Promise<void> {
  const file = await LineFile.continue(path, wholeBytes);
  for (const { entry } of entries) file.append(lineOf(entry));
  await file.close();
  if (file.failure !== undefined) throw file.failure;
}

async function writeSeries(
  folder: string,
  series: HistorySeries,
  entries: readonly HistoryEntry[],
): Promise<void> {
  const lines = [JSON.stringify(writeForm(historySeriesForm, series)), ...entries.map(lineOf)];
  await writeFileAtomically(pathOf(folder, series.id), lines.map((line) => `${line}\n`).join(""));
}

async function lock(folder: string): Promise<AsyncDisposable> {
  const owner = { run: "history", command: "baleen history", inUse: "The history is being changed" };
  try {
    return await claim(join(folder, "lock"), owner);
  } catch (error) {
    throw error instanceof LockedError ? error : new BundleWriteError(folder, { cause: error });
  }
}

/** Which entries stay: the latest ones of each series, or those from a moment on. */
export type KeepRule = { readonly latest: number } | { readonly from: string };

/**
 * Removes the entries that a rule does not keep; a series without entries goes.
 *
 * @returns how many were removed, and how many are left
 * @throws as addToHistory
 */
export async function pruneHistory(
  folder: string,
  rule: KeepRule,
): Promise<{ readonly removed: number; readonly left: number }> {
  let [removed, left] = [0, 0];
  if ((await readHistory(folder)).length === 0) return { removed, left };
  await using _lock = await lock(folder);
  for (const { series, entries } of await readHistory(folder)) {
    const kept = "latest" in rule ? entries.slice(-rule.latest) : entries.filter(({ at }) => at >= rule.from);
    removed += entries.length - kept.length;
    left += kept.length;
    if (kept.length === 0) await rm(pathOf(folder, series.id));
    else if (kept.length < entries.length) await writeSeries(folder, series, kept);
  }
  return { removed, left };
}

import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { nativeRunSchema } from "../../contracts/results/native/native.ts";
import { runSchema } from "../../contracts/results/result.ts";
import type { VerdictStatus } from "../../contracts/results/verdict.ts";
import { mapBounded } from "../../core/async.ts";
import { FormError } from "../../core/documents/check-form.ts";
import { present } from "../../core/documents/numbers.ts";
import { describeError, systemCode } from "../../core/errors.ts";
import type { Fields } from "../schema/fields.ts";
import { BundleReadError, unreadable } from "../schema/read-error.ts";
import { nativeSummarySchema, summarySchema } from "../schema/summary.ts";
import { readBundleHolder } from "./claim.ts";
import { inForm, readDocument } from "./document.ts";
import { listFolders, parseBundleName } from "./find-bundle.ts";
import { manifestName } from "./manifest.ts";
import { partsOf } from "./parts.ts";
import { isRunFile } from "./reader.ts";

/** What a bundle shows at a glance. Nothing of it is verified. */
export interface ListedBundle {
  /** In its output folder: "20240115T103000Z-local-3f9a2c1e", and with "/local" behind it of two networks. */
  readonly name: string;
  /** Absolute path. */
  readonly folder: string;
  /** Wall time, RFC 3339 UTC, where the name tells it. */
  readonly startedAt?: string | undefined;
  /** "unfinished": its sweep was killed. "broken": it cannot be read. */
  readonly state: "ended" | "ended-early" | "under-way" | "unfinished" | "broken";
  /** Why it ended early, or cannot be read. */
  readonly reason?: string | undefined;
  /** Absent where it cannot be read. */
  readonly sweep?: ListedSweep | undefined;
}

export interface ListedSweep {
  /** What people call it. */
  readonly label?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly networkType: string;
  readonly protocol: string;
  readonly nodes: number;
  /** tx/s, or with a closed loop transactions in flight; absent in a search. */
  readonly loads?: readonly number[] | undefined;
  readonly isClosedLoop: boolean;
  /** Length of a run's window, seconds; absent where a number of transactions was asked for. */
  readonly durationSecs?: number | undefined;
  readonly finishedRuns: number;
  /** Absent in a search. */
  readonly plannedRuns?: number | undefined;
  readonly verdicts: Readonly<Partial<Record<VerdictStatus, number>>>;
  /** tx/s, of the runs that are not invalid; absent where there is none. */
  readonly bestThroughputTps?: number | undefined;
  /** Headline latency of the run with that throughput, milliseconds; absent where it is known by bounds alone. */
  readonly bestP50Ms?: number | undefined;
  readonly bestP99Ms?: number | undefined;
}

const atOnce = 8;

/**
 * Lists the bundles of a folder, newest first; others than bundles are left out.
 *
 * @throws BundleReadError where the folder is there and cannot be read
 */
export async function listBundles(outputDir: string): Promise<readonly ListedBundle[]> {
  const names = await listFolders(outputDir).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw unreadable(outputDir, error);
  });
  const found = await mapBounded(names.toReversed(), atOnce, (name) => listBundle(outputDir, name));
  const time = ({ startedAt = "" }: ListedBundle) => startedAt;
  return found.flat().toSorted((a, b) => (time(a) < time(b) ? 1 : time(a) > time(b) ? -1 : 0));
}

/** One folder: a bundle, or those of both networks or of a calibration; none where it is something else. */
export async function listBundle(outputDir: string, name: string): Promise<readonly ListedBundle[]> {
  const folder = resolve(outputDir, name);
  const startedAt = parseBundleName(name)?.startedAt;
  const broken = (why: string): ListedBundle => {
    return { name, folder, startedAt, state: "broken", reason: `Cannot use ${folder}: ${why}.` };
  };
  try {
    const files = await readdir(folder);
    if (files.includes("parameters.json")) return [await lookInto({ name, folder, startedAt }, files)];
    const inside = await partsOf(folder, files);
    const parts = inside.map(async (one) => {
      const part = join(folder, one);
      return await lookInto({ name: `${name}/${one}`, folder: part, startedAt }, await readdir(part));
    });
    if (inside.length > 0 || startedAt === undefined) return await Promise.all(parts);
    return [broken("parameters.json is missing")];
  } catch (error) {
    if (error instanceof BundleReadError) return [{ ...broken(""), reason: error.message }];
    return [broken(describeError(error))];
  }
}

async function lookInto(
  place: Pick<ListedBundle, "name" | "folder" | "startedAt">,
  files: readonly string[],
): Promise<ListedBundle> {
  const { folder } = place;
  try {
    const parameters = await readDocument(join(folder, "parameters.json"), "baleen.parameters/1");
    const asked = inForm(join(folder, "parameters.json"), () => readAsked(parameters));
    if (files.includes(manifestName)) {
      const { reason, ...reported } = await readSummary(join(folder, "summary.json"));
      const state = reason === undefined ? "ended" : "ended-early";
      return { ...place, state, reason, sweep: { ...asked, ...reported } };
    }
    const state = (await readBundleHolder(folder)) === undefined ? "unfinished" : "under-way";
    return { ...place, state, sweep: { ...asked, ...(await readRuns(folder, files)) } };
  } catch (error) {
    if (!(error instanceof BundleReadError)) throw error;
    return { ...place, state: "broken", reason: error.message };
  }
}

/** What was asked for, as far as it is told by a sweep that has not ended, too. */
function readAsked(parameters: Fields) {
  const loads = parameters.optional("loads", (key) => parameters.list(key, readLoad));
  const runs = parameters.has("runs") ? parameters.count("runs") : 1;
  return {
    label: parameters.textIfAny("name"),
    tags: parameters.optional("tags", (key) => readTags(parameters.object(key))),
    networkType: parameters.text("network_type"),
    protocol: parameters.text("protocol"),
    nodes: parameters.count("nodes"),
    loads,
    isClosedLoop: parameters.has("profile") && parameters.object("profile").value("kind") === "closed",
    durationSecs: parameters.has("num_transactions") ? undefined : parameters.numberIfAny("duration"),
    plannedRuns: loads && loads.length * runs,
  };
}

const readTags = (tags: Fields) => Object.fromEntries(tags.keys().map((key) => [key, tags.text(key)]));

function readLoad(item: unknown, path: string): number {
  if (typeof item !== "number") throw new FormError(path, "a number");
  return item;
}

async function readSummary(path: string) {
  const summary = await readDocument(path, summarySchema, nativeSummarySchema);
  return inForm(path, () => ({
    reason: summary.textIfAny("ended_early"),
    ...summarize(summary.objects("runs", (row) => readRow(row, row))),
    plannedRuns: summary.optional("planned_runs", (key) => summary.count(key)),
  }));
}

async function readRuns(folder: string, files: readonly string[]) {
  const names = files.filter(isRunFile);
  const rows = await mapBounded(names, atOnce, async (name) => {
    const path = join(folder, name);
    const run = await readDocument(path, runSchema, nativeRunSchema);
    return inForm(path, () => readRow(run, run.object("results")));
  });
  return summarize(rows);
}

interface Row {
  readonly status: VerdictStatus;
  readonly throughputTps: number | undefined;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
}

function readRow(run: Fields, results: Fields): Row {
  const status = run.object("verdict").choice("status", "valid", "generator-limited", "invalid");
  // A summary has the headline latency alone, a run's file all kinds.
  const kind = results.textIfAny("latency_kind");
  const all = results.has("latency") ? results.object("latency") : undefined;
  const headline = kind !== undefined && all?.has(kind) ? all.object(kind) : results;
  return {
    status,
    throughputTps: results.numberIfAny("throughput"),
    p50Ms: headline.numberIfAny("p50_ms"),
    p99Ms: headline.numberIfAny("p99_ms"),
  };
}

function summarize(rows: readonly Row[]) {
  const verdicts: Partial<Record<VerdictStatus, number>> = {};
  for (const { status } of rows) verdicts[status] = (verdicts[status] ?? 0) + 1;
  const sound = rows.filter(
    ({ status, throughputTps }) => status !== "invalid" && throughputTps !== undefined,
  );
  const best = sound.toSorted((a, b) => (b.throughputTps ?? 0) - (a.throughputTps ?? 0))[0];
  return {
    finishedRuns: rows.length,
    verdicts,
    bestThroughputTps: best?.throughputTps,
    bestP50Ms: best?.p50Ms,
    bestP99Ms: best?.p99Ms,
  };
}

export function buildBundlesJson(outputDir: string, bundles: readonly ListedBundle[]) {
  return { schema: "baleen.bundles/1", output_dir: outputDir, bundles: bundles.map(bundleJson) };
}

function bundleJson({ name, folder, startedAt, state, reason, sweep }: ListedBundle) {
  return present({
    name,
    folder,
    started: startedAt,
    state: state.replace("-", "_"),
    reason,
    ...(sweep === undefined ? {} : sweepJson(sweep)),
  });
}

function sweepJson(sweep: ListedSweep) {
  return {
    label: sweep.label,
    tags: sweep.tags,
    network_type: sweep.networkType,
    protocol: sweep.protocol,
    nodes: sweep.nodes,
    loads: sweep.loads,
    closed_loop: sweep.isClosedLoop || undefined,
    finished_runs: sweep.finishedRuns,
    planned_runs: sweep.plannedRuns,
    verdicts: sweep.verdicts,
    best_throughput: sweep.bestThroughputTps,
    p50_ms: sweep.bestP50Ms,
    p99_ms: sweep.bestP99Ms,
  };
}

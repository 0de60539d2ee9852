import { realpath, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { SideRuns } from "../../contracts/results/comparison.ts";
import { type LinkRow, linkProbesForm } from "../../contracts/results/links/link-certificate.ts";
import type { MeasuredRun, NativeResult } from "../../contracts/results/native/native.ts";
import type { RunResult } from "../../contracts/results/result.ts";
import { FormError, readForm } from "../../core/documents/check-form.ts";
import type { Of } from "../../core/documents/form.ts";
import { systemCode } from "../../core/errors.ts";
import { isDriven, isNative } from "../../metrics/stats/run-metrics.ts";
import { listLinkRows } from "../analysis/links/certify.ts";
import type { Fields } from "../schema/fields.ts";
import { makesOwnLoad, parseMeasuredRun, runFileName } from "../schema/published-run.ts";
import { BundleReadError, notEnded, unreadable } from "../schema/read-error.ts";
import { nativeSummarySchema, summarySchema, sweepEndForm } from "../schema/summary.ts";
import { inForm, readDocument, readJson } from "./document.ts";
import { hashBundleFile } from "./files/bundle-file.ts";
import { manifestForm, manifestName, manifestSchema } from "./manifest.ts";
import { bundlesIn, listNames, noBundle } from "./parts.ts";
import { linkProbesFile } from "./writer.ts";

/** A bundle as it lies on the disk, every file of it checked. Its finished runs are in order, numbered from 1 without gaps. */
export type StoredBundle = BundleFacts &
  (
    | { readonly generator: "clients"; readonly runs: readonly RunResult[] }
    /** The nodes made the load. */
    | { readonly generator: "native"; readonly runs: readonly NativeResult[] }
  );

interface BundleFacts {
  /** Absolute path. */
  readonly folder: string;
  readonly parameters: Fields;
  /** What the end of the sweep left; absent where it was killed, or goes on. */
  readonly end?: BundleEnd | undefined;
}

/** What is known of a sweep that came to an end, if to an early one. */
export type BundleEnd = Of<typeof sweepEndForm>;

const runFile = /^(local|remote)_(benchmark|native)_\d+_.+(txs|inflight)\.json$/;

export const isRunFile = (name: string) => runFile.test(name);

/**
 * Reads a bundle. One whose sweep was ended (also early) is held to its manifest: every file has its hash, and no run
 * stands beside it.
 *
 * @throws BundleReadError naming the file that is missing, changed or not of its form
 */
export async function readBundle(path: string): Promise<StoredBundle> {
  const { folder, names } = await checkBundle(path);
  const listed = names.includes(manifestName) ? await checkManifest(folder) : undefined;
  const parameters = await readDocument(join(folder, "parameters.json"), "baleen.parameters/1");
  const generator = makesOwnLoad(parameters) ? "native" : "clients";
  const runs: MeasuredRun[] = [];
  for (const name of names.filter(isRunFile)) {
    const path = join(folder, name);
    if (listed?.has(name) === false) {
      throw new BundleReadError(path, "it is not in manifest.json: it was added later.");
    }
    const run = await readRun(path, name);
    if (isNative(run) !== (generator === "native")) {
      const reason = "it contradicts parameters.json on whether clients or nodes generated the load.";
      throw new BundleReadError(path, reason);
    }
    runs.push(run);
  }
  runs.sort((a, b) => a.benchmarkNumber - b.benchmarkNumber);
  const missing = runs.findIndex((run, index) => run.benchmarkNumber !== index + 1);
  if (missing >= 0) throw new BundleReadError(folder, `the file of run ${missing + 1} is missing.`);
  const end = listed && (await readEnd(folder, generator, runs.length));
  const facts = { folder, parameters, end };
  return generator === "native"
    ? { ...facts, generator, runs: runs.filter(isNative) }
    : { ...facts, generator, runs: runs.filter(isDriven) };
}

/** @throws BundleReadError where it is none; of a folder that holds some, with their paths */
export async function checkBundle(path: string) {
  const folder = resolve(path);
  const names = await listNames(folder);
  if (!names.includes("parameters.json")) throw await noBundle(folder, names);
  return { folder, names };
}

/** Reads one run's file. @param name that it must have, where it stands in a bundle */
export async function readRun(path: string, name?: string): Promise<MeasuredRun> {
  const document = await readJson(path);
  const run = inForm(path, () => parseMeasuredRun(document), "it is not the file of a run: ");
  if (name === undefined || runFileName(run) === name) return run;
  throw new BundleReadError(path, "its name does not match the run in it.");
}

/** @returns the paths that the manifest lists, all of them as it says */
async function checkManifest(folder: string): Promise<ReadonlySet<string>> {
  const path = join(folder, manifestName);
  const manifest = await readDocument(path, manifestSchema);
  const { files } = inForm(path, () => readForm(manifestForm, manifest.all()));
  for (const file of files) {
    const where = join(folder, file.path);
    if (!where.startsWith(join(folder, "/"))) {
      throw new BundleReadError(path, `${JSON.stringify(file.path)} leads out of the bundle.`);
    }
    if ((await hashIfAny(where, folder, file.sizeBytes)) !== file.sha256) {
      const reason = "it has changed since the sweep ended: its hash is not the one in manifest.json.";
      throw new BundleReadError(where, reason);
    }
  }
  return new Set(files.map((file) => file.path));
}

/** @returns undefined where it has another size */
async function hashIfAny(path: string, folder: string, sizeBytes: number): Promise<string | undefined> {
  try {
    return await hashBundleFile(path, { folder, sizeBytes });
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    throw unreadable(path, error, "it is in manifest.json, but missing.");
  }
}

async function readEnd(
  folder: string,
  generator: StoredBundle["generator"],
  finishedRuns: number,
): Promise<BundleEnd> {
  const path = join(folder, "summary.json");
  const summary = await readDocument(path, generator === "native" ? nativeSummarySchema : summarySchema);
  return inForm(path, () => {
    if (summary.count("finished_runs") !== finishedRuns) {
      throw new FormError("finished_runs", `${finishedRuns}, the number of runs that are there`);
    }
    return readForm(sweepEndForm, summary.all());
  });
}

/**
 * A bundle whose sweep came to an end, or a run's file, as one side.
 *
 * @throws BundleReadError naming what is missing or wrong
 */
export async function readSide(path: string): Promise<SideRuns> {
  if (await isRegular(path)) {
    // Somebody named it: a link to it is as good.
    const run = await readRun(await realpath(path));
    const linkRows = await readLinkRows(dirname(await realpath(path)), [run]);
    return { path, networkType: run.parameters.networkType, runs: [run], linkRows };
  }
  const bundle = await readBundle(path);
  const end = endOf(bundle, path);
  const linkRows = await readLinkRows(bundle.folder, bundle.runs);
  return {
    path,
    networkType: networkTypeOf(bundle),
    runs: bundle.runs,
    linkRows,
    endedEarly: end.endedEarly,
  };
}

/** What was measured of every link, of the runs beside which the file of it stands. */
async function readLinkRows(folder: string, runs: readonly MeasuredRun[]): Promise<SideRuns["linkRows"]> {
  const names = new Set(await listNames(folder));
  const rows = new Map<number, readonly LinkRow[]>();
  for (const { benchmarkNumber } of runs.filter((run) => "linkCertificate" in run && run.linkCertificate)) {
    const name = linkProbesFile(benchmarkNumber);
    if (!names.has(name)) continue;
    const path = join(folder, name);
    const document = await readJson(path);
    const probes = inForm(path, () => readForm(linkProbesForm, document));
    if (probes.benchmarkNumber === benchmarkNumber) rows.set(benchmarkNumber, listLinkRows(probes));
  }
  return rows.size === 0 ? undefined : rows;
}

export const networkTypeOf = ({ folder, parameters }: StoredBundle) =>
  inForm(join(folder, "parameters.json"), () => parameters.choice("network_type", "local", "remote"));

/** What may be compared of what a path names: a run's file, a bundle, or each of those in a folder. @throws BundleReadError */
export const sidesIn = async (path: string): Promise<readonly string[]> =>
  (await isRegular(path)) ? [path] : await bundlesIn(path);

const isRegular = (path: string) =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** @throws BundleReadError where its sweep has not come to an end, however early */
export function endOf({ folder, end }: StoredBundle, path: string): BundleEnd {
  if (end === undefined) throw notEnded(folder, path);
  return end;
}

import { readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { MeasuredRun } from "../../contracts/results/native/native.ts";
import { systemCode } from "../../core/errors.ts";
import { type CsvTable, hostLoadTable, secondsTable } from "../schema/csv.ts";
import { BundleReadError } from "../schema/read-error.ts";
import { claimBundle } from "./claim.ts";
import { eventsFile, readTold } from "./events.ts";
import { checkEntries, readBundleText } from "./files/bundle-file.ts";
import { LineFile } from "./files/line-file.ts";
import { manifestName } from "./manifest.ts";
import { readBundle, type StoredBundle } from "./reader.ts";
import { writing } from "./write-error.ts";
import { BundleWriter, pageName } from "./writer.ts";

/** A bundle whose sweep ended, or was killed, held for this process so that nobody else goes on with it. */
export interface HeldBundle extends AsyncDisposable {
  readonly stored: StoredBundle;
  readonly run: string;
  /** Wall time, RFC 3339 UTC; absent where the sweep was killed before it said anything. */
  readonly startedAt?: string | undefined;
  /** By source: what follows its last event. */
  readonly nextSeqs: ReadonlyMap<string, number>;
  /** A run whose file is there and whose end no event tells: the process was killed in between. */
  readonly unreported?: MeasuredRun | undefined;
  /** Makes it ready for its next run. From here on it has no end, until the writer makes one. */
  readonly open: () => Promise<ContinuedBundle>;
}

export interface ContinuedBundle {
  readonly writer: BundleWriter;
  /** What was cut off, a sentence each. */
  readonly cut: readonly string[];
}

/**
 * Holds a bundle and reads it. Disposing lets it go, unless it was opened: then its writer does.
 *
 * @throws BundleReadError, BundleWriteError; LockedError naming the process that writes it
 */
export async function holdBundle(path: string, command: string): Promise<HeldBundle> {
  const { folder } = await readBundle(path);
  // Writing follows links.
  await checkEntries(folder);
  // Its run is not known before it is read, and it is not read whole before it is held.
  const claim = await claimBundle(folder, { run: basename(folder), command });
  try {
    const stored = await readBundle(folder);
    const events = readTold(await readText(join(folder, eventsFile)));
    const run = events.first?.run ?? basename(folder).replace(/^.*-/, "");
    if (!/^\w[\w.-]*$/.test(run)) {
      throw new BundleReadError(folder, "neither its events nor its name contain the id of its run.");
    }
    return {
      stored,
      run,
      startedAt: events.first?.t,
      nextSeqs: events.nextSeqs,
      unreported: [...stored.runs].find((one) => one.benchmarkNumber === events.unfinished),
      open: () => open(stored, events, claim),
      [Symbol.asyncDispose]: () => Promise.resolve(claim[Symbol.asyncDispose]()),
    };
  } catch (error) {
    await claim[Symbol.asyncDispose]();
    throw error;
  }
}

async function open(
  { folder, runs, generator }: StoredBundle,
  told: ReturnType<typeof readTold>,
  claim: AsyncDisposable,
): Promise<ContinuedBundle> {
  const cut: string[] = [];
  await writing(folder, () => removeStale(folder));
  if (told.tornBytes > 0) {
    cut.push(`events.ndjson ended within a line; its last ${told.tornBytes} bytes were cut off.`);
  }
  // What was opened is closed where the next one cannot be.
  await using opened = new AsyncDisposableStack();
  const rowsOf = async (file: CsvTable) => {
    const rows = await keptRows(folder, file, runs.length);
    if (rows.cut > 0) {
      const what = rows.cut === 1 ? "1 line was" : `${rows.cut} lines were`;
      cut.push(`${file.name}: ${what} cut off, of a run that had not finished.`);
    }
    const kept = opened.use(await LineFile.continue(join(folder, file.name), rows.keptBytes));
    if (rows.keptBytes === 0) kept.append(file.header);
    return kept;
  };
  const events = opened.use(await LineFile.continue(join(folder, eventsFile), told.keptBytes));
  const seconds = generator === "clients" ? await rowsOf(secondsTable) : undefined;
  const hostLoad = await rowsOf(hostLoadTable);
  opened.move();
  return { writer: new BundleWriter(folder, { events, seconds, hostLoad, claim }), cut };
}

/** What tells of an end that is none any more (the manifest first), and what a killed process left half-written. */
async function removeStale(folder: string): Promise<void> {
  const all = await readdir(folder, { recursive: true });
  const torn = all.filter((name) => /^\..+\.[0-9a-f]{12}\.tmp$/.test(basename(name)));
  for (const name of [manifestName, "summary.json", "summary.txt", pageName, ...torn]) {
    await rm(join(folder, name), { force: true });
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readBundleText(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return "";
    throw error;
  }
}

/** The head and the whole rows of finished runs: what follows is of one that will be done again. */
async function keptRows(folder: string, { name, header }: CsvTable, finishedRuns: number) {
  const text = await readText(join(folder, name));
  const lines = text.split("\n");
  const whole = lines.slice(0, -1);
  const cells = header.split(",").length;
  const isKept = (line: string, index: number) =>
    index === 0
      ? line === header
      : /^\d+,/.test(line) && line.split(",").length === cells && Number.parseInt(line, 10) <= finishedRuns;
  const firstCut = whole.findIndex((line, index) => !isKept(line, index));
  const kept = firstCut < 0 ? whole : whole.slice(0, firstCut);
  const cut = lines.filter((line) => line !== "").length - kept.length;
  return { keptBytes: kept.reduce((bytes, line) => bytes + Buffer.byteLength(line) + 1, 0), cut };
}

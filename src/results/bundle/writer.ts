import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { BaleenEvent, SecondRow } from "../../contracts/events.ts";
import type { HostSecond } from "../../contracts/hosts/host-load.ts";
import type { SweepParameters } from "../../contracts/parameters.ts";
import { type LinkProbes, linkProbesForm } from "../../contracts/results/links/link-certificate.ts";
import type { MeasuredRun } from "../../contracts/results/native/native.ts";
import { formatJson } from "../../core/documents/numbers.ts";
import { writeForm } from "../../core/documents/write-form.ts";
import { InvalidArgumentError, systemCode } from "../../core/errors.ts";
import { logHead } from "../../metrics/stats/hlog.ts";
import { hostLoadLine, secondsLine } from "../schema/csv.ts";
import { buildParametersJson } from "../schema/parameters.ts";
import { measuredRunJson, runFileName } from "../schema/published-run.ts";
import { type MeasuredSummary, measuredSummaryJson } from "../schema/summary.ts";
import { type FileContent, writeFileAtomically } from "./files/atomic-file.ts";
import { LineFile } from "./files/line-file.ts";
import { buildManifest, manifestName } from "./manifest.ts";
import { formatRunTimeline, runTimelineFile } from "./run-timeline.ts";
import { BundleWriteError } from "./write-error.ts";

/** A name that stays inside its folder; node names may come from files that others wrote. */
export function checkedFileName(name: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name)) return name;
  throw new InvalidArgumentError(
    `Cannot use ${JSON.stringify(name)} as a file name: letters, digits, "_", "." and "-" only.`,
  );
}

/** Name of a run's headline latencies second by second, among its histograms. */
export const secondsLogName = (benchmarkNumber: number) => `${benchmarkNumber}-seconds`;

/** What the nodes of a run showed of themselves, in OpenMetrics. */
export const nodeMetricsFile = (benchmarkNumber: number) => `metrics/${benchmarkNumber}-nodes.openmetrics`;

/** The page of a sweep, and of a comparison in the folder that holds it. */
export const pageName = "report.html";

/** What was measured of the emulated links of a run. */
export const linkProbesFile = (benchmarkNumber: number) => `links-${benchmarkNumber}.json`;

/** What the peers of a run told of their messages. */
export const peerEventsFile = (benchmarkNumber: number) => `peer-events-${benchmarkNumber}.ndjson`;

/** Results of the test that the peers of a run took part in, as the results server keeps them. */
export const testResultsFile = (benchmarkNumber: number) => `test-results-${benchmarkNumber}.json`;

/** Packets of an interface of a node, as it dumped them in a run. */
export const captureFile = (
  benchmarkNumber: number,
  { node, iface }: { readonly node: string; readonly iface: string },
) => `capture-${benchmarkNumber}-${checkedFileName(node)}.${checkedFileName(iface)}.pcapng`;

interface OpenFiles {
  readonly events: LineFile;
  /** Where clients made the load. */
  readonly seconds?: LineFile | undefined;
  readonly hostLoad: LineFile;
  readonly claim: AsyncDisposable;
}

/**
 * The folder a sweep leaves behind, while it is being written. Each file appears whole or not at all; events
 * and seconds grow by whole lines. Disposing closes it; only `finish` makes summary and manifest.
 */
export class BundleWriter implements AsyncDisposable {
  /** Absolute path of the bundle. */
  readonly folder: string;
  readonly #files: OpenFiles;
  /** Of the run that goes on. */
  #histograms: LineFile | undefined;
  #peerEvents: LineFile | undefined;

  /** Use `openBundle` or `holdBundle`. */
  constructor(folder: string, files: OpenFiles) {
    this.folder = folder;
    this.#files = files;
  }

  get #growing(): readonly (LineFile | undefined)[] {
    const { events, seconds, hostLoad } = this.#files;
    return [events, seconds, hostLoad, this.#histograms, this.#peerEvents];
  }

  /** The first failure of a file that grows, which stopped growing then. */
  get failure(): BundleWriteError | undefined {
    return this.#growing.find((file) => file?.failure !== undefined)?.failure;
  }

  /** Never throws, never waits; see `failure`. Ignored after the end. */
  appendEvent(event: BaleenEvent): void {
    this.#files.events.append(JSON.stringify(event));
  }

  /**
   * Opens histograms/<n>-seconds.hlog, in place of what a run that did not finish may have left there.
   *
   * @throws BundleWriteError
   */
  async beginRun(benchmarkNumber: number): Promise<void> {
    await this.#histograms?.close();
    const path = join(this.folder, "histograms", `${secondsLogName(benchmarkNumber)}.hlog`);
    this.#histograms = await LineFile.continue(path, 0);
  }

  /** When that run's window will begin, milliseconds since 1970 UTC: its seconds count from there. */
  beginSeconds(windowStartsAtMs: number): void {
    for (const line of logHead(windowStartsAtMs)) this.#histograms?.append(line);
  }

  /** Never throws, never waits; see `failure`. Ignored after the end. */
  appendSecond(benchmarkNumber: number, row: SecondRow): void {
    this.#files.seconds?.append(secondsLine(benchmarkNumber, row));
    if (row.histogram !== undefined) this.#histograms?.append(row.histogram);
  }

  /** Never throws, never waits; see `failure`. Ignored after the end. */
  appendHostSecond(benchmarkNumber: number, row: HostSecond): void {
    this.#files.hostLoad.append(hostLoadLine(benchmarkNumber, row));
  }

  /** Opens peer-events-<n>.ndjson, in place of what a run that did not finish may have left there. @throws BundleWriteError */
  async beginPeerEvents(benchmarkNumber: number): Promise<void> {
    await this.#peerEvents?.close();
    this.#peerEvents = await LineFile.continue(join(this.folder, peerEventsFile(benchmarkNumber)), 0);
  }

  /** Resolves when the disk has them. Never rejects; see `failure`. @param lines each without its line break */
  async appendPeerEvents(lines: readonly string[]): Promise<void> {
    for (const line of lines) this.#peerEvents?.append(line);
    await this.#peerEvents?.written();
  }

  /** @throws BundleWriteError */
  async writeParameters(parameters: SweepParameters): Promise<void> {
    await this.#write("parameters.json", formatJson(buildParametersJson(parameters)));
  }

  /**
   * @param facts plain JSON: hosts, CPUs, kernels, engine, image digests, versions; never a secret
   * @param fromRun the first run that was made in it; a later command's goes into a file of its own
   * @throws BundleWriteError
   */
  async writeEnvironment(facts: Readonly<Record<string, unknown>>, fromRun = 1): Promise<void> {
    const name = fromRun === 1 ? "environment.json" : `environment-from-run-${fromRun}.json`;
    await this.#write(name, formatJson(facts));
  }

  /**
   * Saves one run, and ends its histograms by second.
   *
   * @returns the file's absolute path
   * @throws BundleWriteError
   */
  async writeRun(result: MeasuredRun): Promise<string> {
    await this.#histograms?.close();
    await this.#peerEvents?.close();
    return await this.#write(runFileName(result), formatJson(measuredRunJson(result)));
  }

  /**
   * @param name becomes logs/<name>.log, and replaces one of the same name
   * @throws InvalidArgumentError for a name that is none, BundleWriteError
   */
  async writeLog(name: string, text: string): Promise<void> {
    await this.#write(join("logs", `${checkedFileName(name)}.log`), text);
  }

  /**
   * @param name becomes histograms/<name>.hlog
   * @param text in the HdrHistogram log format
   * @throws InvalidArgumentError for a name that is none, BundleWriteError
   */
  async writeHistogram(name: string, text: string): Promise<void> {
    await this.#write(join("histograms", `${checkedFileName(name)}.hlog`), text);
  }

  /** @param text in OpenMetrics, with timestamps @throws BundleWriteError */
  async writeNodeMetrics(benchmarkNumber: number, text: string): Promise<void> {
    const folder = join(this.folder, "metrics");
    try {
      await mkdir(folder);
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw new BundleWriteError(folder, { cause: error });
    }
    await this.#write(nodeMetricsFile(benchmarkNumber), text);
  }

  /** @throws BundleWriteError */
  async writeLinkProbes(probes: LinkProbes): Promise<void> {
    await this.#write(linkProbesFile(probes.benchmarkNumber), formatJson(writeForm(linkProbesForm, probes)));
  }

  /** @param entries plain JSON, as timelines have it @throws BundleWriteError */
  async writeTimeline(benchmarkNumber: number, entries: readonly unknown[]): Promise<void> {
    await this.#write(runTimelineFile(benchmarkNumber), formatRunTimeline(entries));
  }

  /** @param text of the test's document @throws BundleWriteError */
  async writeTestResults(benchmarkNumber: number, text: string): Promise<void> {
    await this.#write(testResultsFile(benchmarkNumber), text);
  }

  /** @param name of `captureFile` @throws BundleWriteError */
  async writeCapture(name: string, content: Uint8Array): Promise<void> {
    await this.#write(name, content);
  }

  /**
   * Writes summary.json, summary.txt, the page and, last, the manifest of all files.
   *
   * @param text the report in words, made by report/
   * @param makePage makes report.html, of the files that are there then; undefined: there is none
   * @throws BundleWriteError
   */
  async finish(
    summary: MeasuredSummary,
    text: string,
    makePage: () => Promise<string | undefined> = async () => undefined,
  ): Promise<void> {
    await this.#close();
    try {
      await this.#save("summary.json", formatJson(measuredSummaryJson(summary)));
      await this.#save("summary.txt", text);
      const page = await makePage();
      if (page !== undefined) await this.#save(pageName, page);
      await this.#save(manifestName, formatJson(await buildManifest(this.folder)));
    } finally {
      await this.#files.claim[Symbol.asyncDispose]();
    }
    if (this.failure !== undefined) throw this.failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    await this.#files.claim[Symbol.asyncDispose]();
  }

  async #close(): Promise<void> {
    await Promise.all(this.#growing.map((file) => file?.close()));
  }

  /** Saves first and tells of an earlier failure afterwards, so that a result that still fits is not lost. */
  async #write(name: string, content: FileContent): Promise<string> {
    const path = await this.#save(name, content);
    if (this.failure !== undefined) throw this.failure;
    return path;
  }

  async #save(name: string, content: FileContent): Promise<string> {
    const path = join(this.folder, name);
    await writeFileAtomically(path, content);
    return path;
  }
}

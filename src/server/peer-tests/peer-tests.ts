/** Tests of peers: what clients report of them, kept in a folder. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { PeerMetrics } from "../../contracts/peer-tests/metrics.ts";
import { expectedPeerId, expectedTestId, isPeerId, isTestId } from "../../contracts/peer-tests/names.ts";
import type { TestStatus } from "../../contracts/peer-tests/results.ts";
import { describeError, systemCode, unlessAbsent } from "../../core/errors.ts";
import { writeFileAtomically } from "../../results/bundle/files/atomic-file.ts";
import { readFinishedStatus } from "./finished-test.ts";
import { FolderRight } from "./folder-right.ts";
import { lastPointPieces } from "./last-points.ts";
import { type PeerTestLimits, peerTestLimits } from "./limits.ts";
import { causedBy, limitReached, PeerTestError, storing } from "./peer-test-error.ts";
import { documentPieces } from "./test-document.ts";
import { alreadyFinished, TestLog } from "./test-log.ts";
import {
  endsFinished,
  isFile,
  listTests,
  logExtension,
  resultsExtension,
  sweepFolder,
} from "./tests-folder.ts";

/** A data point for a database of time series. */
export interface RelayedPoint {
  readonly testId: string;
  readonly peerId: string;
  /** Milliseconds since 1970 UTC; no other point of this peer has the same. */
  readonly atMs: number;
  readonly metrics: PeerMetrics;
}

export interface PeerTestsOptions {
  /** Made with the first test. */
  readonly folder: string;
  /** Never waits and never throws. */
  readonly onPoint?: (point: RelayedPoint) => void;
  readonly limits?: Partial<PeerTestLimits>;
  /** Milliseconds since 1970 UTC. */
  readonly wallMs?: () => number;
}

/**
 * The tests in a folder, of which one process at a time may write. What a method took is on disk when it returns, so
 * that the next process goes on where this one was killed: in the log `<id>.ndjson`, and from the finish on in the
 * results `<id>.json`.
 *
 * All methods throw PeerTestError where they refuse something.
 */
export class PeerTests implements AsyncDisposable {
  readonly #options: PeerTestsOptions;
  readonly #limits: PeerTestLimits;
  readonly #wallMs: () => number;
  readonly #right: FolderRight;
  readonly #logs = new Map<string, TestLog>();
  /** Results that are being written. */
  readonly #finishing = new Map<string, Promise<void>>();

  private constructor(options: PeerTestsOptions) {
    this.#options = options;
    this.#limits = { ...peerTestLimits, ...options.limits };
    this.#wallMs = options.wallMs ?? Date.now;
    this.#right = new FolderRight(options.folder);
  }

  /**
   * Opens the tests of a folder, which need not be there. Finishes in the background what a killed process was finishing,
   * unless another process uses the folder: then this one only reads results.
   */
  static async open(options: PeerTestsOptions): Promise<PeerTests> {
    const tests = new PeerTests(options);
    if (!existsSync(options.folder)) return tests;
    // What fails here fails again, and is reported, when somebody asks for a test.
    const left = await tests.#right
      .hold()
      .then(() => sweepFolder(options.folder))
      .catch(() => []);
    for (const id of left) tests.finish(id).catch(() => undefined);
    return tests;
  }

  get limits(): PeerTestLimits {
    return this.#limits;
  }

  /** @param id undefined: a random one */
  async create(id: string | undefined, isStarted: boolean): Promise<TestStatus> {
    const atMs = this.#wallMs();
    const name = id ?? `${atMs}-${randomBytes(6).toString("hex")}`;
    checkTestId(name);
    const path = this.#path(name, logExtension);
    return await storing(path, async () => {
      mkdirSync(this.#options.folder, { recursive: true });
      await this.#right.hold();
      this.#checkRoom();
      if (existsSync(this.#path(name, resultsExtension))) throw alreadyExists(name);
      const log = createLog(path, name, this.#limits, atMs);
      this.#logs.set(name, log);
      if (isStarted) log.start(atMs);
      return log.status;
    });
  }

  async status(id: string): Promise<TestStatus> {
    checkTestId(id);
    const status =
      (await this.#findLog(id))?.status ?? (await readFinishedStatus(this.#path(id, resultsExtension), id));
    if (status === undefined) throw notFound(id);
    return status;
  }

  /** Starting it again changes nothing. */
  async start(id: string): Promise<TestStatus> {
    const log = await this.#unfinished(id);
    await storing(log.path, () => log.start(this.#wallMs()));
    return log.status;
  }

  /** @returns the data point as JSON */
  async addPoint(id: string, peerId: string, metrics: PeerMetrics): Promise<string> {
    checkPeerId(peerId);
    const log = await this.#unfinished(id);
    const { json, seriesMs } = await storing(log.path, () => log.addPoint(peerId, this.#wallMs(), metrics));
    this.#options.onPoint?.({ testId: id, peerId, atMs: seriesMs, metrics });
    return json;
  }

  /** @returns the results as JSON */
  async addResults(id: string, peerId: string, body: Readonly<Record<string, unknown>>): Promise<string> {
    checkPeerId(peerId);
    const log = await this.#unfinished(id);
    return await storing(log.path, () => log.addResults(peerId, this.#wallMs(), body));
  }

  async addTopology(id: string, topology: unknown): Promise<TestStatus> {
    const log = await this.#unfinished(id);
    await storing(log.path, () => log.addTopology(this.#wallMs(), topology));
    return log.status;
  }

  /** What each peer of a test under way said last, as JSON. */
  async lastPoints(id: string): Promise<Readable> {
    const instead = `GET /test/${id}?dataPoints=true has all its data points.`;
    const { path, lastPoints, status } = await this.#unfinished(id, instead);
    const log = status.finished === undefined ? await unlessAbsent(open(path, "r")) : undefined;
    if (log === undefined) throw alreadyFinished(id, instead);
    return streamOf(log, lastPointPieces(log, lastPoints));
  }

  /** Its results as JSON: of a test under way those so far. */
  async results(id: string): Promise<Readable> {
    checkTestId(id);
    const parts = (await this.#findLog(id))?.parts;
    const log = parts && (await unlessAbsent(open(parts.path, "r")));
    if (parts !== undefined && log !== undefined) return streamOf(log, documentPieces(log, parts));
    const finished = await unlessAbsent(open(this.#path(id, resultsExtension), "r"));
    if (finished === undefined) throw notFound(id);
    return finished.createReadStream();
  }

  /** Writes its results. Where that failed, it can be called again, also by the next process. */
  async finish(id: string): Promise<TestStatus> {
    const log = await this.#unfinished(id);
    const isUnderWay = this.#finishing.get(id);
    if (isUnderWay !== undefined) {
      await isUnderWay;
      throw alreadyFinished(id);
    }
    const finishing = this.#finish(id, log).finally(() => this.#finishing.delete(id));
    this.#finishing.set(id, finishing);
    await finishing;
    return log.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#finishing.values());
    for (const log of this.#logs.values()) log[Symbol.dispose]();
    this.#logs.clear();
    await this.#right[Symbol.asyncDispose]();
  }

  async #finish(id: string, log: TestLog): Promise<void> {
    await storing(log.path, () => log.finish(this.#wallMs()));
    const path = this.#path(id, resultsExtension);
    await storing(path, async () => {
      await using file = await open(log.path, "r");
      await writeFileAtomically(path, documentPieces(file, log.parts));
    });
    this.#logs.delete(id);
    log[Symbol.dispose]();
    await rm(log.path, { force: true });
  }

  #path(id: string, extension: string): string {
    return join(this.#options.folder, `${id}${extension}`);
  }

  /** The log of a test that has no results yet; one that a process was killed before removing is removed. */
  async #findLog(id: string): Promise<TestLog | undefined> {
    const path = this.#path(id, logExtension);
    if (!this.#logs.has(id) && isFile(path)) await storing(path, () => this.#right.hold());
    // Another request may have opened or finished it meanwhile.
    const known = this.#logs.get(id);
    if (known !== undefined || !isFile(path)) return known;
    if (isFile(this.#path(id, resultsExtension))) {
      // Of a log that has not finished these are not the results.
      if (endsFinished(path)) rmSync(path, { force: true });
      return undefined;
    }
    const log = openLog(path, id, this.#limits);
    this.#logs.set(id, log);
    return log;
  }

  async #unfinished(id: string, remedy?: string): Promise<TestLog> {
    checkTestId(id);
    const log = await this.#findLog(id);
    if (log !== undefined) return log;
    throw isFile(this.#path(id, resultsExtension)) ? alreadyFinished(id, remedy) : notFound(id);
  }

  #checkRoom(): void {
    const { tests, unfinishedTests } = this.#limits;
    const { folder } = this.#options;
    const { all, unfinished } = listTests(folder);
    if (all >= tests) throw limitReached("tests", tests, `Move some away from ${folder}.`);
    if (unfinished >= unfinishedTests) {
      throw limitReached("unfinished tests", unfinishedTests, "Finish some.");
    }
  }
}

function streamOf(file: FileHandle, pieces: AsyncIterable<Uint8Array>): Readable {
  const stream = Readable.from(pieces, { objectMode: false });
  return stream.once("close", () => void file.close().catch(() => undefined));
}

function createLog(path: string, id: string, limits: PeerTestLimits, atMs: number): TestLog {
  try {
    return TestLog.create(path, id, limits, atMs);
  } catch (error) {
    throw systemCode(error) === "EEXIST" ? alreadyExists(id) : error;
  }
}

function openLog(path: string, id: string, limits: PeerTestLimits): TestLog {
  try {
    return new TestLog(path, id, limits);
  } catch (error) {
    if (error instanceof PeerTestError) throw error;
    throw causedBy(error, "unreadable", `Cannot read ${path}: ${describeError(error)}. Fix this.`);
  }
}

function checkTestId(id: string): void {
  if (!isTestId(id)) throw new PeerTestError("invalid-test-id", `A test id has ${expectedTestId}.`);
}

function checkPeerId(id: string): void {
  if (!isPeerId(id)) throw new PeerTestError("invalid-peer-id", `A peer id has ${expectedPeerId}.`);
}

const alreadyExists = (id: string) =>
  new PeerTestError("test-already-exists", `There is a test ${id} already. Choose another id.`);

const notFound = (id: string) =>
  new PeerTestError("test-not-found", `There is no test ${id}. Create it: POST /test/${id}.`);

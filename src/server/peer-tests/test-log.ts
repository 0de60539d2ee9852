import { closeSync, openSync } from "node:fs";
import type { PeerMetrics } from "../../contracts/peer-tests/metrics.ts";
import type { TestStatus } from "../../contracts/peer-tests/results.ts";
import { LineLog } from "../../core/documents/line-log.ts";
import type { PeerTestLimits } from "./limits.ts";
import { momentLine, parseLogLine, pointLine, resultsLine, topologyLine } from "./log-lines.ts";
import { limitReached, PeerTestError } from "./peer-test-error.ts";

/** Bytes of a log. */
export interface Place {
  readonly at: number;
  readonly bytes: number;
}

/** What results are made of: lines of a log up to some byte, and where those are that do not come in their order. */
export interface LogParts {
  readonly path: string;
  readonly status: TestStatus;
  readonly bytes: number;
  readonly topologies: readonly Place[];
  readonly results: ReadonlyMap<string, Place>;
}

/** The last data point of a peer, and how many it has sent. */
export interface LastPoint {
  readonly peerId: string;
  readonly points: number;
  readonly place: Place;
}

/** What memory holds of a peer. */
interface LoggedPeer {
  /** When its last point came, in its series; 0 of one without a point. */
  seriesMs: number;
  points: number;
  last?: Place;
}

const finishIt = "Finish this test, and start another.";

/**
 * A test that is not finished, as a file of lines: what a method took is in the file when it returns, and is there for
 * the next process if this one is killed. Memory holds what there is of each peer, and no point.
 */
export class TestLog implements Disposable {
  readonly path: string;
  readonly #id: string;
  readonly #limits: PeerTestLimits;
  readonly #log: LineLog;
  #started: number | undefined;
  #finished: number | undefined;
  #points = 0;
  readonly #peers = new Map<string, LoggedPeer>();
  readonly #topologies: Place[] = [];
  readonly #results = new Map<string, Place>();

  /** Goes on with a log; half a line that a killed process left is cut off. @throws PeerTestError for any other file */
  constructor(path: string, id: string, limits: PeerTestLimits) {
    this.path = path;
    this.#id = id;
    this.#limits = limits;
    let at = 0;
    this.#log = new LineLog(path, (line) => {
      const bytes = Buffer.byteLength(line) + 1;
      if (!this.#take(line, { at, bytes })) {
        throw new PeerTestError("unreadable", `${path} is no log of a test, at byte ${at}. Move it away.`);
      }
      at += bytes;
    });
  }

  /** @throws the system's error, EEXIST where there is one */
  static create(path: string, id: string, limits: PeerTestLimits, atMs: number): TestLog {
    // Never another test's: some file systems do not tell upper from lower case.
    closeSync(openSync(path, "wx", 0o644));
    const log = new TestLog(path, id, limits);
    log.#append(momentLine("created", atMs));
    return log;
  }

  get status(): TestStatus {
    return { id: this.#id, started: this.#started, finished: this.#finished };
  }

  get points(): number {
    return this.#points;
  }

  get parts(): LogParts {
    return {
      path: this.path,
      status: this.status,
      bytes: this.#log.bytes,
      topologies: [...this.#topologies],
      results: new Map(this.#results),
    };
  }

  /** Of each peer that has sent one, in the order of their ids. */
  get lastPoints(): readonly LastPoint[] {
    return [...this.#peers]
      .flatMap(([peerId, { points, last }]) => (last === undefined ? [] : [{ peerId, points, place: last }]))
      .sort((a, b) => (a.peerId < b.peerId ? -1 : 1));
  }

  /** The first start counts. */
  start(atMs: number): void {
    if (this.#finished !== undefined) throw alreadyFinished(this.#id);
    if (this.#started === undefined) this.#append(momentLine("started", atMs));
  }

  /** From then on nothing is taken. The first time counts. */
  finish(atMs: number): void {
    if (this.#started === undefined) throw notStarted(this.#id);
    if (this.#finished === undefined) this.#append(momentLine("finished", atMs));
  }

  /**
   * @returns the data point as JSON, and the time of its series: never that of an earlier point of this peer
   */
  addPoint(peerId: string, atMs: number, metrics: PeerMetrics) {
    this.#checkPeer(peerId);
    if (this.#points >= this.#limits.pointsOfTest) {
      throw limitReached("data points in a test", this.#limits.pointsOfTest, finishIt);
    }
    const latestMs = this.#peers.get(peerId)?.seriesMs ?? Number.NEGATIVE_INFINITY;
    const { json, line } = pointLine(peerId, atMs, metrics);
    this.#append(line);
    const seriesMs = Math.max(atMs, latestMs + 1);
    this.#peerOf(peerId).seriesMs = seriesMs;
    return { json, seriesMs };
  }

  /** The last results of a peer count. @returns them as JSON */
  addResults(peerId: string, atMs: number, body: Readonly<Record<string, unknown>>): string {
    this.#checkPeer(peerId);
    const { json, line } = resultsLine(peerId, atMs, body);
    this.#append(line);
    return json;
  }

  addTopology(atMs: number, topology: unknown): void {
    this.#checkOngoing();
    const { topologiesOfTest: most } = this.#limits;
    if (this.#topologies.length >= most) throw limitReached("topologies in a test", most, finishIt);
    this.#append(topologyLine(atMs, topology));
  }

  [Symbol.dispose](): void {
    this.#log[Symbol.dispose]();
  }

  #checkOngoing(): void {
    if (this.#started === undefined) throw notStarted(this.#id);
    if (this.#finished !== undefined) throw alreadyFinished(this.#id);
  }

  #checkPeer(peerId: string): void {
    this.#checkOngoing();
    const { peersOfTest: most } = this.#limits;
    if (!this.#peers.has(peerId) && this.#peers.size >= most)
      throw limitReached("peers in a test", most, finishIt);
  }

  #append(line: string): void {
    const { lineBytes, bytesOfTest } = this.#limits;
    const bytes = Buffer.byteLength(line);
    if (bytes > lineBytes) {
      throw new PeerTestError("body-too-large", `A body written out has at most ${lineBytes} bytes.`);
    }
    // A test must always be able to end.
    const isEnd = line.startsWith('{"finished"');
    if (!isEnd && this.#log.bytes + bytes > bytesOfTest) {
      throw limitReached("bytes in a test", bytesOfTest, finishIt);
    }
    const at = this.#log.bytes;
    this.#log.append(line);
    this.#take(line.slice(0, -1), { at, bytes });
  }

  #peerOf(peerId: string): LoggedPeer {
    const known = this.#peers.get(peerId);
    if (known !== undefined) return known;
    const peer: LoggedPeer = { seriesMs: 0, points: 0 };
    this.#peers.set(peerId, peer);
    return peer;
  }

  /** @returns false where it is no line of a log */
  #take(line: string, { at, bytes }: Place): boolean {
    const entry = parseLogLine(line);
    switch (entry?.kind) {
      case "created":
        break;
      case "started":
        this.#started = entry.atMs;
        break;
      case "finished":
        this.#finished = entry.atMs;
        break;
      case "point": {
        this.#points++;
        const peer = this.#peerOf(entry.peerId);
        peer.points++;
        peer.seriesMs = Math.max(entry.atMs, peer.seriesMs);
        peer.last = inside(at, bytes, entry.bodyAt);
        break;
      }
      case "topology":
        this.#topologies.push(inside(at, bytes, entry.bodyAt));
        break;
      case "results":
        this.#peerOf(entry.peerId);
        this.#results.set(entry.peerId, inside(at, bytes, entry.bodyAt));
        break;
      default:
        return false;
    }
    return true;
  }
}

/** Without the last "}" and the line break. What stands before it is ASCII, so characters are bytes. */
const inside = (at: number, bytes: number, from: number): Place => ({
  at: at + from,
  bytes: bytes - from - 2,
});

const notStarted = (id: string) =>
  new PeerTestError("test-not-started", `The test ${id} has not started. Start it: PUT /test/${id}/start.`);

export const alreadyFinished = (id: string, remedy = "Start another one.") =>
  new PeerTestError("test-already-finished", `The test ${id} has finished. ${remedy}`);

import type { CheckpointSource, CheckpointSummary } from "../consensus/checkpoint.ts";
import type { OpenedSegment } from "./opening.ts";
import type { WriteAheadLog } from "./write-ahead-log.ts";

/** What is kept of the log beyond what a new start needs. */
export interface LogRetention {
  /** A segment is deleted once all of it is this many heights old … */
  readonly retainHeights: number;
  /** … or the log is larger than this. */
  readonly retainBytes: number;
}

/** Which checkpoints the log's segments begin with, and which of the segments may go. */
export class LogHistory implements CheckpointSource {
  readonly #log: WriteAheadLog;
  readonly #retention: LogRetention;
  readonly #segments: OpenedSegment[] = [];

  constructor(log: WriteAheadLog, retention: LogRetention) {
    this.#log = log;
    this.#retention = retention;
  }

  /** Tells of a segment that the log has after those told of before. */
  opened(segment: OpenedSegment): void {
    this.#segments.push(segment);
  }

  /** Deletes what need not be kept at a height, the oldest first, and never the last segment. */
  retain(height: number): void {
    const { retainHeights, retainBytes } = this.#retention;
    for (;;) {
      const next = this.#segments[1];
      if (next === undefined) return;
      const isOld = heightOf(next) <= height - retainHeights;
      if (!isOld && this.#log.sizeBytes <= retainBytes) return;
      this.#segments.shift();
      this.#log.dropBelow(next.start);
    }
  }

  readonly oldestHeight = (): number => heightOf(this.#segments[0]);

  readonly list = (): readonly CheckpointSummary[] =>
    this.#segments.flatMap(({ checkpoint }) => checkpoint ?? []);

  readonly read = (height: number): Buffer | undefined => {
    const segment = this.#segments.find((each) => each.checkpoint?.height === height);
    if (segment === undefined) return undefined;
    const parts = segment.parts.flatMap((position) => this.#log.read(position)?.payload ?? []);
    const encoded = Buffer.concat(parts);
    return encoded.length === segment.checkpoint?.sizeBytes ? encoded : undefined;
  };
}

function heightOf(segment: OpenedSegment | undefined): number {
  return segment?.checkpoint?.height ?? 0;
}

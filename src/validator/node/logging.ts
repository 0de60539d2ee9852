import type { Clock } from "../../core/clock.ts";
import type { OutputLevel } from "../wire/node-files.ts";

/** Takes one line of what a validator tells of itself. The message is fixed; what differs stands in the facts. */
export type Log = (level: OutputLevel, message: string, facts?: Record<string, unknown>) => void;

export type LogSink = ReturnType<typeof openLog>;

const gravity: Readonly<Record<OutputLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Lines of one message. */
const repeatLimits = { mostInWindow: 20, windowMs: 10_000 };

/** Longest text in a line, characters: what a peer said may be part of it. */
const longestText = 300;

/**
 * Writes JSON lines: time, level, message, facts. Of one message the first lines of a window are written, and then how
 * many more there were.
 */
export function openLog(parts: {
  readonly level: OutputLevel;
  readonly write: (line: string) => void;
  readonly clock: Clock;
}) {
  const limit = new RepeatLimit(repeatLimits);
  const write: Log = (level, message, facts) => {
    const t = new Date(parts.clock.wallMs()).toISOString();
    parts.write(`${JSON.stringify({ t, level, message, ...facts }, shortened)}\n`);
  };
  const notify = (nowMs: number) => {
    for (const { key, more } of limit.ended(nowMs)) {
      const [level = "info", message = ""] = key.split(/ (.*)/s, 2);
      write(
        level as OutputLevel,
        `… and ${more} more in the last ${repeatLimits.windowMs / 1000} s: ${message}`,
      );
    }
  };
  const log: Log = (level, message, facts) => {
    if (gravity[level] < gravity[parts.level]) return;
    const nowMs = parts.clock.monotonicMs();
    notify(nowMs);
    if (limit.admits(`${level} ${message}`, nowMs)) write(level, message, facts);
  };
  return {
    log,
    /** Tells how many lines were left out in the windows that are over. Call it from time to time. */
    reportRepeats: () => notify(parts.clock.monotonicMs()),
    /** The same for all windows. */
    end: () => notify(Number.POSITIVE_INFINITY),
  };
}

function shortened(_key: string, value: unknown): unknown {
  return typeof value === "string" && value.length > longestText ? `${value.slice(0, longestText)}…` : value;
}

/** Admits the first few of a kind in each window of time, and counts the others. Pure: times are handed in, in ms. */
export class RepeatLimit {
  readonly #options: Readonly<typeof repeatLimits>;
  readonly #windows = new Map<string, { readonly startMs: number; count: number }>();

  constructor(options: Readonly<typeof repeatLimits>) {
    this.#options = options;
  }

  /** @param key the kind; there should be few of them */
  admits(key: string, nowMs: number): boolean {
    const window = this.#windows.get(key) ?? { startMs: nowMs, count: 0 };
    this.#windows.set(key, window);
    return ++window.count <= this.#options.mostInWindow;
  }

  /** Forgets the windows that are over, and gives those in which something was left out. */
  ended(nowMs: number): { readonly key: string; readonly more: number }[] {
    const repeats = [];
    for (const [key, { startMs, count }] of this.#windows) {
      if (nowMs - startMs < this.#options.windowMs) continue;
      this.#windows.delete(key);
      const more = count - this.#options.mostInWindow;
      if (more > 0) repeats.push({ key, more });
    }
    return repeats;
  }
}

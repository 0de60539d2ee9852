import type { Clock } from "../../core/clock.ts";
import type { OutputLevel } from "../wire/node-files.ts";
import { RepeatLimit } from "./repeat-limit.ts";

/** Takes one line of what a validator tells of itself. The message is fixed; what differs stands in the facts. */
export type Log = (level: OutputLevel, message: string, facts?: Record<string, unknown>) => void;

export interface LogSink {
  readonly log: Log;
  /** Tells how many lines were left out in the windows that are over. Call it from time to time. */
  readonly reportRepeats: () => void;
  /** The same for all windows. */
  readonly end: () => void;
}

const gravity: Readonly<Record<OutputLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

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
}): LogSink {
  const limit = new RepeatLimit({ mostInWindow: 20, windowMs: 10_000 });
  const write: Log = (level, message, facts) => {
    const t = new Date(parts.clock.wallMs()).toISOString();
    parts.write(`${JSON.stringify({ t, level, message, ...facts }, shortened)}\n`);
  };
  const notify = (nowMs: number) => {
    for (const { key, more, windowMs } of limit.ended(nowMs)) {
      const [level = "info", message = ""] = key.split(/ (.*)/s, 2);
      write(level as OutputLevel, `… and ${more} more in the last ${windowMs / 1000} s: ${message}`);
    }
  };
  return {
    log: (level, message, facts) => {
      if (gravity[level] < gravity[parts.level]) return;
      const nowMs = parts.clock.monotonicMs();
      notify(nowMs);
      if (limit.admits(`${level} ${message}`, nowMs)) write(level, message, facts);
    },
    reportRepeats: () => notify(parts.clock.monotonicMs()),
    end: () => notify(Number.POSITIVE_INFINITY),
  };
}

function shortened(_key: string, value: unknown): unknown {
  return typeof value === "string" && value.length > longestText ? `${value.slice(0, longestText)}…` : value;
}

import type { SchemaDiagnostic } from "../../core/documents/schema-issues.ts";
import type { TimelineItem } from "./spec.ts";

/** An entry as it happens once. Times in milliseconds since the start of the window. */
export interface Occurrence {
  readonly item: TimelineItem;
  /** Place of its entry. */
  readonly entry: number;
  readonly startMs: number;
  /** undefined: it lasts. */
  readonly endMs?: number | undefined;
}

/** Most beginnings of all entries of a timeline together. */
const mostOccurrences = 10_000;

/**
 * All times at which entries happen, in the order of their start, then of the entries. What is repeated ends within the
 * window each time; a single entry that does not is a problem.
 */
export function listOccurrences(items: readonly TimelineItem[], windowMs: number) {
  const problems: SchemaDiagnostic[] = [];
  const all: Occurrence[] = [];
  for (const [entry, item] of items.entries()) {
    problems.push(...findBeyond(item, entry, windowMs));
    for (const startMs of startsOf(item, windowMs)) {
      if (all.length === mostOccurrences) {
        const message = `every: the timeline would do more than ${mostOccurrences} things; use a longer time`;
        return { occurrences: [], problems: [...problems, { path: [entry, "every"], message }] };
      }
      all.push({ item, entry, startMs, endMs: item.forMs === undefined ? undefined : startMs + item.forMs });
    }
  }
  const occurrences = all.sort((a, b) => a.startMs - b.startMs || a.entry - b.entry);
  return { occurrences, problems };
}

function* startsOf({ atMs, forMs = 0, everyMs, untilMs = windowEnd }: TimelineItem, windowMs: number) {
  const isWithin = (startMs: number) => startMs < Math.min(untilMs, windowMs) && startMs + forMs <= windowMs;
  if (everyMs === undefined) {
    yield atMs;
    return;
  }
  for (let count = 0; isWithin(atMs + count * everyMs); count += 1) yield atMs + count * everyMs;
}

const windowEnd = Number.POSITIVE_INFINITY;

function findBeyond(
  { atMs, forMs = 0, untilMs = 0 }: TimelineItem,
  entry: number,
  windowMs: number,
): SchemaDiagnostic[] {
  const window = `the window of ${seconds(windowMs)}`;
  const remedy = "use an earlier time, or a longer --duration";
  if (atMs >= windowMs)
    return [{ path: [entry, "at"], message: `at: ${seconds(atMs)} is not within ${window}; ${remedy}` }];
  if (atMs + forMs > windowMs) {
    const message = `for: it would last until ${seconds(atMs + forMs)}, beyond ${window}; use a shorter time, or a longer --duration`;
    return [{ path: [entry, "for"], message }];
  }
  if (untilMs <= windowMs) return [];
  return [{ path: [entry, "until"], message: `until: ${seconds(untilMs)} is beyond ${window}; ${remedy}` }];
}

/** "2.5 s" */
export const seconds = (ms: number) => `${Number((ms / 1000).toFixed(3))} s`;

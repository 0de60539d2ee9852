import type { BaleenEvent, RunFigures, SecondRow } from "../../../contracts/events.ts";
import { eventsFile, parseEvent } from "../../bundle/events.ts";
import { type Files, textOf } from "./files.ts";
import type { Findings } from "./findings.ts";

/** Every line of events.ndjson; told are lines that are no events of this sweep, and gaps in their numbers. */
export function readEvents(files: Files, findings: Findings): readonly BaleenEvent[] {
  const lines = textOf(files, eventsFile, findings)?.split("\n");
  if (lines === undefined) return [];
  const found = findings.in(eventsFile);
  found.same("its last line", lines.pop(), "");
  const events: BaleenEvent[] = [];
  const next = new Map<string, number>();
  for (const [index, line] of lines.entries()) {
    const key = `line ${index + 1}`;
    const event = parseEvent(line);
    if (typeof event?.source !== "string") {
      found.add(key, line.slice(0, 80), "an event");
      continue;
    }
    const { v, run, source, seq, t } = event;
    found.same(`${key}, v`, v, 1);
    found.same(`${key}, run`, run, events[0]?.run ?? run);
    found.same(`${key}, seq`, seq, next.get(source) ?? 0);
    found.holds(`${key}, t`, t, toIso(t) === t, "a wall time, RFC 3339 UTC with milliseconds");
    found.same(key, line, JSON.stringify(event));
    next.set(source, seq + 1);
    events.push(event);
  }
  return events;
}

function toIso(t: unknown): string | undefined {
  const ms = typeof t === "string" ? Date.parse(t) : Number.NaN;
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

/** What the events tell of one run that finished. */
export interface ReportedRun {
  readonly loadTps: number;
  readonly closedLoop?: true | undefined;
  readonly status: string;
  readonly file: string | undefined;
  readonly figures?: RunFigures | undefined;
  readonly seconds: readonly SecondRow[];
  readonly all: readonly BaleenEvent[];
}

/** Finished runs by their number. Of a run that was begun again after a kill, the last time counts. */
export function runsInEvents(events: readonly BaleenEvent[]): ReadonlyMap<number, ReportedRun> {
  const runs = new Map<number, ReportedRun>();
  let open: (Pick<ReportedRun, "loadTps" | "closedLoop"> & { all: BaleenEvent[] }) | undefined;
  for (const event of events) {
    if (event.type === "run-created") {
      open = { loadTps: event.loadTps, closedLoop: event.closedLoop, all: [] };
    }
    open?.all.push(event);
    if (event.type !== "run-finished" || open === undefined) continue;
    const seconds = open.all.filter((one) => one.type === "load-second");
    runs.set(event.benchmarkNumber, {
      ...open,
      status: event.status,
      file: event.file,
      figures: event.figures,
      seconds,
    });
    open = undefined;
  }
  return runs;
}

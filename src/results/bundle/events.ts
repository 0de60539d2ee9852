/** events.ndjson, while a sweep writes it and after it was killed. */
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { BaleenEvent } from "../../contracts/events.ts";
import type { LockHolder } from "../../core/process/lock.ts";
import { readBundleHolder } from "./claim.ts";
import { longestText, openBundleFile } from "./files/bundle-file.ts";

export const eventsFile = "events.ndjson";

/** undefined for a line that is no event, or is torn; but for the type nothing of one is checked. */
export function parseEvent(line: string): BaleenEvent | undefined {
  try {
    const event = JSON.parse(line) as Partial<BaleenEvent> | null;
    return typeof event?.type === "string" ? (event as BaleenEvent) : undefined;
  } catch {
    return undefined;
  }
}

const hasEnvelope = ({ run, seq, t }: Partial<BaleenEvent> = {}) =>
  typeof run === "string" && typeof seq === "number" && typeof t === "string";

/** What a killed sweep told; a torn end, and what a power cut made of the lines before it, is not kept. */
export function readTold(text: string) {
  const lines = text.split("\n").slice(0, -1);
  while (lines.length > 0 && !hasEnvelope(parseEvent(lines.at(-1) ?? ""))) lines.pop();
  const keptBytes = lines.reduce((bytes, line) => bytes + Buffer.byteLength(line) + 1, 0);
  const nextSeqs = new Map<string, number>();
  let unfinished: number | undefined;
  for (const line of lines) {
    const event = parseEvent(line);
    if (event === undefined || !hasEnvelope(event)) continue;
    nextSeqs.set(event.source, event.seq + 1);
    if (event.type === "run-created") unfinished = event.benchmarkNumber;
    if (event.type === "run-finished") unfinished = undefined;
  }
  const first = parseEvent(lines[0] ?? "");
  return {
    first: hasEnvelope(first) ? first : undefined,
    last: parseEvent(lines.at(-1) ?? ""),
    /** By source: what follows its last event. */
    nextSeqs,
    /** Number of the run that began last, where no event tells its end. */
    unfinished,
    keptBytes,
    tornBytes: Buffer.byteLength(text) - keptBytes,
  };
}

type EventOf<T extends BaleenEvent["type"]> = Extract<BaleenEvent, { type: T }>;

/** How far the sweep of a bundle is that is being written. */
export interface SweepProgress {
  readonly holder: LockHolder;
  /** The run that goes on; absent before the first one, and between two. */
  readonly created?: EventOf<"run-created"> | undefined;
  readonly second?: EventOf<"load-second"> | undefined;
  /** In place of it where peers run routines. */
  readonly step?: EventOf<"routine-step"> | undefined;
  readonly last?: BaleenEvent | undefined;
}

/** How far the sweep is that writes this bundle. @returns undefined where nobody writes it */
export async function readProgress(folder: string): Promise<SweepProgress | undefined> {
  const holder = await readBundleHolder(folder);
  if (holder === undefined) return undefined;
  let created: SweepProgress["created"];
  let second: SweepProgress["second"];
  let step: SweepProgress["step"];
  let last: BaleenEvent | undefined;
  for await (const event of followEvents(folder)) {
    if (event.type === "run-created") [created, second, step] = [event, undefined, undefined];
    else if (event.type === "run-finished") [created, second, step] = [undefined, undefined, undefined];
    else if (event.type === "load-second") second = event;
    else if (event.type === "routine-step") step = event;
    if (event.type !== "debug") last = event;
  }
  return { holder, created, second, step, last };
}

/** Lines of a bundle's events.ndjson, whatever is in them. @throws BundleReadError where there is none to read */
export async function* readEventLines(folder: string): AsyncGenerator<string> {
  await using file = await openBundleFile(join(folder, eventsFile));
  const input = file.createReadStream({ end: longestText, autoClose: false });
  using lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  yield* lines;
}

async function* followEvents(folder: string): AsyncGenerator<BaleenEvent> {
  try {
    for await (const line of readEventLines(folder)) {
      const event = parseEvent(line);
      if (event !== undefined) yield event;
    }
  } catch {
    // It is not there yet, or its sweep has just ended: nothing more is known.
  }
}

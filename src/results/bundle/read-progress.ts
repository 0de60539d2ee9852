import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { BaleenEvent } from "../../contracts/events.ts";
import type { LockHolder } from "../../core/process/lock.ts";
import { readBundleHolder } from "./claim.ts";

type EventOf<T extends BaleenEvent["type"]> = Extract<BaleenEvent, { type: T }>;

/** How far the sweep of a bundle is that is being written. */
export interface SweepProgress {
  readonly holder: LockHolder;
  /** The run that goes on; absent before the first one, and between two. */
  readonly created?: EventOf<"run-created"> | undefined;
  readonly second?: EventOf<"load-second"> | undefined;
  readonly last?: BaleenEvent | undefined;
}

/** @returns undefined where nobody writes it */
export async function readProgress(folder: string): Promise<SweepProgress | undefined> {
  const holder = await readBundleHolder(folder);
  if (holder === undefined) return undefined;
  let created: SweepProgress["created"];
  let second: SweepProgress["second"];
  let last: BaleenEvent | undefined;
  for await (const event of readEvents(join(folder, "events.ndjson"))) {
    if (event.type === "run-created") [created, second] = [event, undefined];
    else if (event.type === "run-finished") [created, second] = [undefined, undefined];
    else if (event.type === "load-second") second = event;
    if (event.type !== "debug") last = event;
  }
  return { holder, created, second, last };
}

async function* readEvents(path: string): AsyncGenerator<BaleenEvent> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const line of lines) {
      const event = parseEvent(line);
      if (event !== undefined) yield event;
    }
  } catch {
    // It is not there yet, or its sweep has just ended: nothing more is known.
  } finally {
    lines.close();
  }
}

/** undefined for a line that is being written. */
function parseEvent(line: string): BaleenEvent | undefined {
  try {
    return JSON.parse(line) as BaleenEvent;
  } catch {
    return undefined;
  }
}

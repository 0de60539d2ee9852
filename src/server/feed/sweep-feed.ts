import { join } from "node:path";
import { delay } from "../../core/async.ts";
import { eventsFile } from "../../results/bundle/events.ts";
import { describeEvent } from "../../results/report/text/event-text.ts";
import { readEvent } from "./check-event.ts";
import { newState, type ObservedEvent, observeEvent, type SweepState } from "./run-state.ts";
import { LineTail, type TailedLine } from "./tail.ts";

/** Takes what a feed has to tell. */
export interface FeedWatcher {
  /** Everything up to `offset`: at the beginning, and where events cannot be told one by one. */
  readonly onSnapshot: (state: string, offset: number) => void;
  /** Events that came since, as one JSON list. Must not wait. */
  readonly onEvents: (events: string, offset: number) => void;
}

/** Some events, as they were told, for those that come back. */
interface Batch {
  readonly fromOffset: number;
  readonly toOffset: number;
  readonly events: string;
}

/** How often the file is looked at while somebody watches. */
const lookEveryMs = 250;
/** Text of batches that is kept. */
const keptLength = 512 * 1024;

export interface SweepFeedOptions {
  /** The bundle's folder. */
  readonly folder: string;
  /** The run to follow, instead of the latest. */
  readonly only?: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Follows the events of one bundle for all who watch it: the file is read once, whoever looks. It looks for new events
 * while there are watchers, and keeps what it read when there are none.
 */
export class SweepFeed {
  readonly #options: SweepFeedOptions;
  readonly #tail: LineTail;
  readonly #watchers = new Set<FeedWatcher>();
  #state = newState();
  /** Behind the last line that was told. */
  #offset = 0;
  #batches: Batch[] = [];
  #batchesLength = 0;
  #following: Promise<void> | undefined;
  #first: Promise<void> | undefined;
  #looking = Promise.resolve();

  constructor(options: SweepFeedOptions) {
    this.#options = options;
    this.#tail = new LineTail(join(options.folder, eventsFile), options.folder);
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  get state(): SweepState {
    return this.#state;
  }

  /** The state, with all that was told up to now. */
  async current(): Promise<SweepState> {
    await this.#look();
    return this.#state;
  }

  /**
   * Tells a watcher where things stand, then everything that comes.
   *
   * @param after the offset up to which it knows all; absent: it knows nothing
   * @returns the way to stop
   */
  async watch(watcher: FeedWatcher, after?: number): Promise<() => void> {
    this.#first ??= this.#look();
    await this.#first;
    const missed = after === undefined ? undefined : this.#since(after);
    if (missed === undefined) this.snapshot(watcher);
    else for (const { events, toOffset } of missed) watcher.onEvents(events, toOffset);
    this.#watchers.add(watcher);
    this.#following ??= this.#follow();
    return () => this.#watchers.delete(watcher);
  }

  /** Tells a watcher everything again. */
  snapshot({ onSnapshot }: FeedWatcher): void {
    onSnapshot(JSON.stringify(this.#state), this.#offset);
  }

  /** Batches behind an offset; undefined where they are not kept any more, or it is between two of no batch. */
  #since(offset: number): readonly Batch[] | undefined {
    if (offset === this.#offset) return [];
    const first = this.#batches.findIndex(({ fromOffset }) => fromOffset === offset);
    return first < 0 ? undefined : this.#batches.slice(first);
  }

  async #follow(): Promise<void> {
    const { signal } = this.#options;
    while (this.#watchers.size > 0 && !signal.aborted) {
      await delay(lookEveryMs, signal).catch(() => undefined);
      await this.#look();
    }
    this.#following = undefined;
  }

  /** One look after another. */
  #look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#read());
    return this.#looking;
  }

  async #read(): Promise<void> {
    try {
      for await (const lines of this.#tail.read(() => this.#reset())) this.#take(lines);
    } catch {
      // It is not there yet, or cannot be read now: the next look tries again.
    }
  }

  #reset(): void {
    this.#state = newState();
    this.#offset = 0;
    this.#batches = [];
    this.#batchesLength = 0;
    for (const watcher of this.#watchers) this.snapshot(watcher);
  }

  #take(lines: readonly TailedLine[]): void {
    const observed: ObservedEvent[] = [];
    for (const { text } of lines) {
      const one = text === undefined ? undefined : readObserved(text);
      observed.push(one ?? { malformed: true });
    }
    for (const one of observed) observeEvent(this.#state, one, this.#options.only);
    const fromOffset = this.#offset;
    this.#offset = lines.at(-1)?.endOffset ?? fromOffset;
    const batch = { fromOffset, toOffset: this.#offset, events: JSON.stringify(observed) };
    this.#keep(batch);
    for (const watcher of this.#watchers) watcher.onEvents(batch.events, batch.toOffset);
  }

  #keep(batch: Batch): void {
    this.#batches.push(batch);
    this.#batchesLength += batch.events.length;
    while (this.#batchesLength > keptLength) {
      this.#batchesLength -= this.#batches.shift()?.events.length ?? 0;
    }
  }
}

/** An event with its line for people; undefined where it is none. */
function readObserved(text: string): ObservedEvent | undefined {
  const event = readEvent(text);
  if (event === undefined) return undefined;
  try {
    const line = describeEvent(event);
    return line === undefined ? { event } : { event, line };
  } catch {
    // Something is missing that its type has.
    return undefined;
  }
}

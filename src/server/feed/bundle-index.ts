import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { mapBounded } from "../../core/async.ts";
import { listFolders } from "../../results/bundle/find-bundle.ts";
import { type ListedBundle, listBundle } from "../../results/bundle/list-bundles.ts";

interface Entry {
  readonly listed: readonly ListedBundle[];
  /** Of its folder, when it was looked at. */
  readonly changedMs: number;
  readonly lookedMs: number;
}

/**
 * How often the folder is looked at: with a bundle that has just appeared; where the system does not tell of new ones, as
 * of a folder that is not there yet; with a bundle under way; and otherwise.
 */
const everyMs = { young: 200, unwatched: 500, live: 2_000, quiet: 5_000 } as const;
/** A folder that changed so lately may become a bundle any moment. */
const youngMs = 10_000;
/** A folder that was just made has not got all of a bundle's first files yet. */
const unfinishedMs = 2_000;
/** So long after the end of a sweep, another one may begin beside it. */
const settledAfterMs = 60_000;
const settledEveryMs = 30_000;
const atOnce = 8;

/** The bundles of an output folder, kept up to date. Reads what has changed, and never throws once it is open. */
export class BundleIndex implements Disposable {
  readonly #outputDir: string;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<() => void>();
  #bundles: readonly ListedBundle[] = [];
  #shown = "";
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #isLooking = false;
  /** Something changed while it looked. */
  #isStale = false;

  private constructor(outputDir: string) {
    this.#outputDir = outputDir;
  }

  static async open(outputDir: string): Promise<BundleIndex> {
    const index = new BundleIndex(outputDir);
    await index.#refresh();
    return index;
  }

  /** Newest first. */
  get bundles(): readonly ListedBundle[] {
    return this.#bundles;
  }

  /** The one of that name, as `bundles` has it; nothing else leads to a folder. */
  find(name: string): ListedBundle | undefined {
    return this.#bundles.find((bundle) => bundle.name === name);
  }

  /** @returns the way to stop */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#watcher?.close();
  }

  async #refresh(): Promise<void> {
    this.#isStale = this.#isLooking;
    if (this.#isLooking) return;
    this.#isLooking = true;
    const nowMs = Date.now();
    await this.#lookAll(nowMs);
    this.#isLooking = false;
    if (!this.#isClosed) this.#wait(nowMs);
  }

  async #lookAll(nowMs: number): Promise<void> {
    // A folder that is not there yet has no bundles.
    const names = await listFolders(this.#outputDir).catch((): string[] => []);
    for (const name of this.#entries.keys()) if (!names.includes(name)) this.#entries.delete(name);
    await mapBounded(names, atOnce, (name) => this.#look(name, nowMs));
    const time = ({ startedAt = "" }: ListedBundle) => startedAt;
    const found = [...this.#entries.values()].flatMap(({ listed, changedMs }) =>
      nowMs - changedMs < unfinishedMs ? listed.filter(({ state }) => state !== "broken") : listed,
    );
    this.#bundles = found.toSorted((a, b) => (time(a) < time(b) ? 1 : time(a) > time(b) ? -1 : 0));
    const shown = JSON.stringify(this.#bundles);
    if (shown !== this.#shown) for (const listener of this.#listeners) listener();
    this.#shown = shown;
  }

  async #look(name: string, nowMs: number): Promise<void> {
    const known = this.#entries.get(name);
    if (known !== undefined && isSettled(known, nowMs)) return;
    const folder = join(this.#outputDir, name);
    const changedMs = await stat(folder).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    this.#entries.set(name, { listed: await listBundle(this.#outputDir, name), changedMs, lookedMs: nowMs });
  }

  #wait(nowMs: number): void {
    this.#watcher ??= this.#openWatcher();
    const entries = [...this.#entries.values()];
    const isYoung = entries.some(
      ({ listed, changedMs }) =>
        nowMs - changedMs < youngMs &&
        (listed.length === 0 || listed.some(({ state }) => state === "broken")),
    );
    const isLive = entries.some(({ listed }) => listed.some(({ state }) => state === "under-way"));
    const pace = isYoung ? "young" : this.#watcher === undefined ? "unwatched" : isLive ? "live" : "quiet";
    this.#lookIn(this.#isStale ? 0 : everyMs[pace]);
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#refresh(), ms);
  }

  /** Where the system tells of new folders, nothing is waited for. */
  #openWatcher(): FSWatcher | undefined {
    try {
      const watcher = watch(this.#outputDir, () => this.#lookIn(0));
      watcher.on("error", () => {
        watcher.close();
        this.#watcher = undefined;
      });
      return watcher;
    } catch {
      return undefined;
    }
  }
}

function isSettled({ listed, changedMs, lookedMs }: Entry, nowMs: number): boolean {
  const hasEnded = listed.every(({ state }) => state === "ended" || state === "ended-early");
  const isQuiet = listed.length > 0 && nowMs - changedMs > settledAfterMs;
  return hasEnded && isQuiet && nowMs - lookedMs < settledEveryMs;
}

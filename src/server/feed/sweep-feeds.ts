import { SweepFeed } from "./sweep-feed.ts";

/** So many are held in memory: the latest that somebody watched. */
const mostFeeds = 20;

/** One feed for each bundle and run that is watched, whoever watches it. */
export class SweepFeeds implements Disposable {
  readonly #closing = new AbortController();
  /** The one that was used last is last. */
  readonly #feeds = new Map<string, SweepFeed>();

  /** @param only the run to follow, instead of the latest @returns undefined where all that may be held are watched */
  open(folder: string, only?: number): SweepFeed | undefined {
    const key = `${only ?? ""}/${folder}`;
    const feed = this.#feeds.get(key) ?? this.#make(folder, only);
    if (feed === undefined) return undefined;
    this.#feeds.delete(key);
    this.#feeds.set(key, feed);
    return feed;
  }

  get watchers(): number {
    return [...this.#feeds.values()].reduce((sum, feed) => sum + feed.watchers, 0);
  }

  #make(folder: string, only: number | undefined): SweepFeed | undefined {
    if (this.#feeds.size >= mostFeeds) {
      const [idle] = [...this.#feeds].filter(([, feed]) => feed.watchers === 0);
      if (idle === undefined) return undefined;
      this.#feeds.delete(idle[0]);
    }
    return new SweepFeed({ folder, only, signal: this.#closing.signal });
  }

  [Symbol.dispose](): void {
    this.#closing.abort();
  }
}

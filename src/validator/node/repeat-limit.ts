/** How often something was left out in a window that is over. */
export interface Repeats {
  readonly key: string;
  readonly more: number;
  readonly windowMs: number;
}

/** Admits the first few of a kind in each window of time, and counts the others. Pure: times are handed in, in ms. */
export class RepeatLimit {
  readonly #mostInWindow: number;
  readonly #windowMs: number;
  readonly #windows = new Map<string, { readonly startMs: number; count: number }>();

  constructor(options: { readonly mostInWindow: number; readonly windowMs: number }) {
    this.#mostInWindow = options.mostInWindow;
    this.#windowMs = options.windowMs;
  }

  /** @param key the kind; there should be few of them */
  admits(key: string, nowMs: number): boolean {
    const window = this.#windows.get(key) ?? { startMs: nowMs, count: 0 };
    this.#windows.set(key, window);
    return ++window.count <= this.#mostInWindow;
  }

  /** Forgets the windows that are over, and gives those in which something was left out. */
  ended(nowMs: number): Repeats[] {
    const repeats: Repeats[] = [];
    for (const [key, { startMs, count }] of this.#windows) {
      if (nowMs - startMs < this.#windowMs) continue;
      this.#windows.delete(key);
      const more = count - this.#mostInWindow;
      if (more > 0) repeats.push({ key, more, windowMs: this.#windowMs });
    }
    return repeats;
  }
}

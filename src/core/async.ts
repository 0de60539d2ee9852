import { TimeoutError } from "./errors.ts";

/** Resolves after `ms` milliseconds; rejects at once with the signal's reason when it aborts. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/**
 * Calls `probe` again and again until it yields something other than undefined.
 * @throws TimeoutError with the message of `describe()` once `timeoutMs` is over; the signal's reason on abort
 */
export async function until<T>(
  probe: () => Promise<T | undefined> | T | undefined,
  options: { timeoutMs: number; everyMs: number; signal?: AbortSignal | undefined; describe: () => string },
): Promise<T> {
  const deadline = performance.now() + options.timeoutMs;
  for (;;) {
    options.signal?.throwIfAborted();
    const value = await probe();
    if (value !== undefined) return value;
    if (performance.now() >= deadline) throw new TimeoutError(options.describe(), options.timeoutMs);
    await delay(Math.min(options.everyMs, Math.max(1, deadline - performance.now())), options.signal);
  }
}

/** What `wanted` yields; undefined where it fails or takes longer. For what is good to have and no more. */
export async function withinMs<T>(limitMs: number, wanted: Promise<T>): Promise<T | undefined> {
  const over = new AbortController();
  const late = delay(limitMs, over.signal).then(() => undefined);
  try {
    return await Promise.race([wanted.catch(() => undefined), late]);
  } finally {
    over.abort();
  }
}

/** A signal that aborts with what `describe` makes once `limitMs` are over; disposing of it calls that off. */
export function timeLimit(
  limitMs: number,
  describe: () => Error,
): Disposable & { readonly signal: AbortSignal } {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(describe()), limitMs);
  return { signal: over.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}

/** Resolves when the signal aborts, or at once if it has. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** What `work` yields, or the signal's reason as soon as it aborts. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    const settled = () => signal.removeEventListener("abort", onAbort);
    work.then(resolve, reject).finally(settled);
  });
}

/**
 * Maps with at most `limit` calls under way at once, results in the order of `items`. After the first failure no
 * further item is taken; it is thrown when the calls under way have ended.
 */
export async function mapBounded<T, R>(
  items: readonly T[],
  limit: number,
  map: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const failures: unknown[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await map(items[index] as T, index);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}

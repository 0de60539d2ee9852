/** Attempts to read, write and see fresh data, at a fixed rate, whatever became of the one before. */
import { freshMs, type ProbeEvent } from "../contracts/load/peer-events.ts";
import { delay } from "../core/async.ts";
import type { Store } from "./store/store.ts";

export interface ProbeOptions {
  readonly store: Store;
  /** Of each operation; 0: none. */
  readonly perSecond: number;
  /** Others of whom there should be fresh data; undefined: it has not begun yet. */
  readonly others: () => readonly string[] | undefined;
  /** When the latest message of a peer that can be read here was written, milliseconds since 1970. */
  readonly latestMs: (peer: string) => number;
  readonly now: () => number;
  readonly tell: (event: ProbeEvent) => void;
  readonly signal: AbortSignal;
}

/** Goes on until the signal aborts. */
export async function probe(options: ProbeOptions): Promise<void> {
  const { store, perSecond, others, now, signal } = options;
  if (perSecond === 0) return;
  for (let dueMs = now() + 1000 / perSecond; ; dueMs += 1000 / perSecond) {
    await delay(Math.max(0, dueMs - now()), signal);
    const names = others();
    if (names === undefined) continue;
    void attempt("read", () => store.tryRead(), options);
    void attempt("write", () => store.tryWrite(), options);
    void attempt("fresh", async () => checkFresh(names, options), options);
  }
}

async function attempt(
  op: ProbeEvent["op"],
  operation: () => Promise<void>,
  { now, tell, signal }: ProbeOptions,
): Promise<void> {
  const at = now();
  const ok = await operation().then(
    () => true,
    () => false,
  );
  if (!signal.aborted) tell({ type: "probe", at, op, ok, ms: now() - at });
}

function checkFresh(names: readonly string[], { latestMs, now }: ProbeOptions): void {
  const oldestMs = now() - freshMs;
  for (const name of names) if (latestMs(name) < oldestMs) throw new Error(`${name} is stale`);
}

/** Functions of another thread, called as if they were here. */
import { type MessagePort, parentPort, Worker } from "node:worker_threads";
import { describeError } from "../core/errors.ts";
import { ShaperError } from "./error.ts";

// biome-ignore lint/suspicious/noExplicitAny: each operation has parameters of its own
type Operation = (...values: any[]) => unknown;
type Operations<T> = { readonly [K in keyof T]: Operation };

export type Remote<T extends Operations<T>> = {
  readonly [K in keyof T]: (...values: Parameters<T[K]>) => Promise<Awaited<ReturnType<T[K]>>>;
};

interface Call {
  readonly id: number;
  readonly name: string;
  readonly values: readonly unknown[];
}
type Answer = { readonly id: number } & ({ readonly value: unknown } | { readonly error: string });

/** Answers calls of the parent thread. */
export function serveCalls<T extends Operations<T>>(operations: T): void {
  const port = parentPort as MessagePort;
  const answer = async ({ id, name, values }: Call) => {
    try {
      port.postMessage({ id, value: await operations[name as keyof T](...values) } satisfies Answer);
    } catch (error) {
      port.postMessage({ id, error: describeError(error) } satisfies Answer);
    }
  };
  port.on("message", (call: Call) => void answer(call));
}

/** @param entry without its extension, beside the caller @param fail is called where the thread ends by itself */
export function openThread<T extends Operations<T>>(
  entry: string,
  { base, fail }: { readonly base: string; readonly fail: (error: unknown) => void },
): Remote<T> {
  const thread = new Worker(threadUrl(entry, base));
  const waiting = new Map<number, (answer: Answer) => void>();
  let last = 0;
  thread.on("message", (answer: Answer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  thread.on("error", fail);
  let hasEnded = false;
  thread.on("exit", () => {
    hasEnded = true;
    for (const [id, settle] of waiting) settle({ id, error: "A thread of the shaper has ended." });
  });
  const call = (name: string, values: readonly unknown[]) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, (answer) => {
        if ("error" in answer) reject(new ShaperError(answer.error));
        else resolve(answer.value);
      });
      if (hasEnded) reject(new ShaperError("A thread of the shaper has ended."));
      else thread.postMessage({ id, name, values } satisfies Call);
    });
  return new Proxy({} as Remote<T>, {
    get:
      (_, name) =>
      (...values: readonly unknown[]) =>
        call(String(name), values),
  });
}

/** The file of a thread: TypeScript in the sources, JavaScript once compiled. */
export const threadUrl = (entry: string, base: string): URL =>
  new URL(`${entry}${base.endsWith(".ts") ? ".ts" : ".js"}`, base);

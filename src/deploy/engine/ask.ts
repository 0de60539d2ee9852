import type { Client, Docker } from "./client.ts";

/** Makes a request, and puts its failure into words: `action` completes "Docker could not …". */
export type Ask = <T>(action: string, request: () => Promise<T>) => Promise<T>;

/** What the parts of an engine's interface share. */
export interface EngineContext extends Client {
  readonly ask: Ask;
}

/** An answer that takes longer than this is none; builds, pulls and events have no such limit. */
const answerTimeoutMs = 60_000;

/** The option of a request that ends it when its time is over. */
export function limited(extraMs = 0): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(answerTimeoutMs + extraMs) };
}

/** The engine's answer to /info, as it is. */
export function askInfo(docker: Docker): Promise<unknown> {
  // Its options are missing in the library's types only.
  return (docker as unknown as { info: (options: object) => Promise<unknown> }).info(limited());
}

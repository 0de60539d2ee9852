/** Pushes a peer's events to a sink that keeps them: POST /events of `baleen serve`. */
import { delay } from "../core/async.ts";
import type { Journal } from "./journal.ts";

export interface SinkOptions {
  /** "http://host:port" */
  readonly sink: string;
  readonly journal: Journal;
  /** Called whenever the sink has taken some. */
  readonly onPushed: () => void;
  readonly log: (message: string, facts?: Readonly<Record<string, unknown>>) => void;
  readonly signal: AbortSignal;
}

const everyMs = 250;
const timeoutMs = 5000;
/** Less than a request may hold. */
const mostBytes = 512 * 1024;

/**
 * Goes on until the signal aborts. Each line arrives once, in order: the sink says how many bytes it has, and takes none
 * twice. Where it does not answer, lines wait in the peer's own file.
 */
export async function pushEvents({ sink, journal, onPushed, log, signal }: SinkOptions): Promise<void> {
  let sent = 0;
  let isReached = true;
  for (;;) {
    const lines = journal.read(sent, mostBytes);
    if (lines.length === 0) {
      await delay(everyMs, signal);
      continue;
    }
    try {
      sent = await push({ sink, stream: journal.stream, at: sent, lines, signal });
      isReached = true;
      onPushed();
    } catch (error) {
      signal.throwIfAborted();
      if (isReached) log("the sink of events does not take them", { error: String(error) });
      isReached = false;
      await delay(everyMs, signal);
    }
  }
}

interface Push extends Pick<SinkOptions, "sink" | "signal"> {
  /** Name under which the sink keeps them. */
  readonly stream: string;
  readonly at: number;
  readonly lines: Buffer;
}

/** @returns bytes of the stream that the sink has, whether these are among them or it had more already */
async function push({ sink, stream, at, lines, signal }: Push): Promise<number> {
  const reply = await fetch(`${sink}/events?${new URLSearchParams({ stream, at: String(at) })}`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: new Uint8Array(lines),
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  if (reply.status !== 200 && reply.status !== 409) throw new Error(`it answers ${reply.status}`);
  const { bytes } = (await reply.json()) as { readonly bytes?: unknown };
  if (typeof bytes !== "number" || !Number.isSafeInteger(bytes))
    throw new Error("it tells no number of bytes");
  return bytes;
}

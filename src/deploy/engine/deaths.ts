import { delay } from "../../core/async.ts";
import { readJsonLines } from "./streams.ts";
import type { ContainerDeath } from "./types.ts";

const reconnectEveryMs = 500;

/** An engine's events and its clock, which is that of another machine, perhaps. */
interface EventSource {
  /** Opens the stream of events from a time on ("seconds.nanoseconds"), or from now. */
  readonly open: (since: string | undefined) => Promise<AsyncIterable<Buffer>>;
  /** The engine's time, ns since 1970. */
  readonly timeNs: () => Promise<bigint>;
}

/**
 * Follows "die" events until the signal aborts. A lost connection is made again from the last event on, so that
 * nothing is missed or told twice.
 *
 * @returns once the first stream is open; rejects where that fails
 */
export async function watchDeaths(
  source: EventSource,
  listener: (death: ContainerDeath) => void,
  signal: AbortSignal,
): Promise<void> {
  const { open } = source;
  let lastNs = await source.timeNs();
  const reportedAtLast = new Set<string>();
  const follow = async (stream: AsyncIterable<Buffer>) => {
    for await (const value of readJsonLines(stream)) {
      const death = parseDeath(value);
      if (death === undefined || signal.aborted) continue;
      if (death.timeNs > lastNs) {
        lastNs = death.timeNs;
        reportedAtLast.clear();
      }
      if (reportedAtLast.has(death.id)) continue;
      reportedAtLast.add(death.id);
      listener({ id: death.id, exitCode: death.exitCode });
    }
  };
  const keepFollowing = async (first: AsyncIterable<Buffer>) => {
    for (let stream: AsyncIterable<Buffer> | undefined = first; !signal.aborted; stream = undefined) {
      try {
        await follow(stream ?? (await open(formatTime(lastNs))));
      } catch {
        // The engine went away or closed the stream: it is asked again until the watch ends.
      }
      await delay(reconnectEveryMs, signal).catch(() => {});
    }
  };
  void keepFollowing(await open(undefined));
}

/** Reads one event, its time the engine's, ns since 1970; undefined for anything but the end of a container. */
export function parseDeath(value: unknown): (ContainerDeath & { readonly timeNs: bigint }) | undefined {
  const event = value as {
    Action?: unknown;
    timeNano?: unknown;
    Actor?: { ID?: unknown; Attributes?: { exitCode?: unknown } };
  };
  const id = event.Actor?.ID;
  const exitCode = Number(event.Actor?.Attributes?.exitCode);
  if (event.Action !== "die" || typeof id !== "string" || !Number.isInteger(exitCode)) return undefined;
  // Beyond 2⁵³ the last digits are lost in JSON; a few hundred nanoseconds tell two ends of one container apart.
  return { id, exitCode, timeNs: BigInt(Math.trunc(Number(event.timeNano))) };
}

/** "seconds.nanoseconds" */
export function formatTime(timeNs: bigint): string {
  return `${timeNs / 1_000_000_000n}.${(timeNs % 1_000_000_000n).toString().padStart(9, "0")}`;
}

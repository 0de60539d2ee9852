import { delay } from "../../../core/async.ts";
import { BaleenError } from "../../../core/errors.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { readEventLines } from "../../../results/bundle/events.ts";
import { readEvent } from "../../feed/check-event.ts";
import { InfluxClient } from "./client.ts";
import { formatPoint } from "./line-protocol.ts";
import { PointMaker } from "./points.ts";
import type { InfluxTarget } from "./target.ts";

const mostAtOnce = 5_000;
const tries = 4;
const retryAfterMs = 1_000;

/** A database did not take what a bundle holds. */
export class InfluxError extends BaleenError {
  readonly pointsWritten: number;

  constructor(url: string, reason: string, pointsWritten: number) {
    super(
      "influx",
      `Cannot write to ${formatForeign(url)}: ${reason}. ${pointsWritten} points were written.`,
    );
    this.pointsWritten = pointsWritten;
  }
}

/**
 * Writes a bundle's points, those that a relay writes while the sweep goes on: what was written already is replaced.
 *
 * @returns how many the database took
 * @throws BundleReadError, InfluxError
 */
export async function writeBundleToInflux(
  folder: string,
  target: InfluxTarget,
  signal: AbortSignal,
): Promise<number> {
  await using client = new InfluxClient(target);
  const maker = new PointMaker();
  let written = 0;
  let lines: string[] = [];
  const flush = async () => {
    if (lines.length > 0) await writeLines(client, lines, { written, signal });
    written += lines.length;
    lines = [];
  };
  for await (const text of readEventLines(folder)) {
    const event = readEvent(text);
    const points = event === undefined ? [] : maker.pointsOf(event);
    lines.push(...points.flatMap((point) => formatPoint(point) ?? []));
    if (lines.length >= mostAtOnce) await flush();
  }
  await flush();
  return written;
}

async function writeLines(
  client: InfluxClient,
  lines: readonly string[],
  { written, signal }: { readonly written: number; readonly signal: AbortSignal },
): Promise<void> {
  for (let left = tries; ; left--) {
    const outcome = await client.write(lines, signal);
    signal.throwIfAborted();
    if (outcome.state === "written") return;
    const { url } = client.target;
    if (outcome.state === "refused")
      throw new InfluxError(url, outcome.reason, written + lines.length - outcome.dropped);
    if (left === 1) throw new InfluxError(url, outcome.reason, written);
    await delay(retryAfterMs, signal);
  }
}

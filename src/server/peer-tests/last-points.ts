/** What each peer of a test said last, as JSON, in pieces: there may be thousands of peers. */
import type { FileHandle } from "node:fs/promises";
import {
  type LastPoint,
  lastExtras,
  lastPointForm,
  lastPointMetrics,
} from "../../contracts/peer-tests/api.ts";
import type { DataPoint } from "../../contracts/peer-tests/results.ts";
import { writeForm } from "../../core/documents/write-form.ts";
import { readPlace } from "./test-document.ts";
import type { LastPoint as LoggedPoint } from "./test-log.ts";

/** Made of a log that may grow meanwhile. @throws the system's error */
export async function* lastPointPieces(
  file: FileHandle,
  logged: readonly LoggedPoint[],
): AsyncGenerator<Uint8Array> {
  let before = "[";
  for (const { points, place } of logged) {
    // It was of its form when it came.
    const point = JSON.parse((await readPlace(file, place)).toString("utf8")) as DataPoint;
    yield Buffer.from(`${before}${JSON.stringify(writeForm(lastPointForm, lastPointOf(point, points)))}`);
    before = ",";
  }
  yield Buffer.from(logged.length === 0 ? "[]\n" : "]\n");
}

function lastPointOf({ peerId, timestamp, metrics }: DataPoint, points: number): LastPoint {
  const extra = lastExtras.flatMap((name) => {
    const value = metrics.extra?.[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const figures = Object.fromEntries(lastPointMetrics.map((name) => [name, metrics[name]]));
  return {
    peerId,
    timestamp,
    points,
    ...(figures as Pick<LastPoint, (typeof lastPointMetrics)[number]>),
    connectedPeersCount: metrics.connectedPeers.length,
    extra: extra.length === 0 ? undefined : Object.fromEntries(extra),
  };
}

/** How long peers took to catch up after a disturbance. Pure. */
import type { Resync, resyncCauses } from "../../../contracts/results/native/messages.ts";
import type { TimedRecord } from "./timed-record.ts";

/** Something that kept peers from others. Times are seconds since the start of the window. */
export interface Disturbance {
  readonly cause: (typeof resyncCauses)[number];
  /** Peers that it concerned; absent: all. */
  readonly nodes?: readonly string[] | undefined;
  readonly fromSecs: number;
  readonly toSecs: number;
}

/** Disturbances of a peer that are nearer to each other are one. */
const apartSecs = 1;
const mostResyncs = 2000;

/** Peers that were behind at the end of a disturbance, and those that were down or stood still. */
export function findResyncs(timed: TimedRecord, disturbances: readonly Disturbance[]): Resync[] {
  const resyncs = timed.peers.flatMap((_, place) => {
    const planned = merge([...joining(timed, place), ...disturbancesOf(timed, place, disturbances)]);
    // A connection that is lost in a disturbance, and made again after it, is a part of it.
    const others = lostConnections(timed, place).filter((lost) => !planned.some((one) => areNear(one, lost)));
    return [...planned, ...merge(others)].flatMap((one) => {
      const found = resync(timed, place, one);
      return found.behind > 0 || alwaysShown.has(one.cause) ? [found] : [];
    });
  });
  return resyncs.sort((a, b) => a.toSecs - b.toSecs).slice(0, mostResyncs);
}

const alwaysShown: ReadonlySet<Disturbance["cause"]> = new Set(["crash", "pause", "join"]);

/** The time in which a peer was not there yet. */
function joining(timed: TimedRecord, place: number): Disturbance[] {
  const toSecs = timed.joinedSecs(place);
  return toSecs === undefined ? [] : [{ cause: "join", fromSecs: 0, toSecs }];
}

/** Those that ended before the end of the observation. */
function disturbancesOf(
  { peers, endMs }: TimedRecord,
  place: number,
  disturbances: readonly Disturbance[],
): Disturbance[] {
  const name = peers[place]?.name as string;
  return disturbances.filter(
    ({ nodes, toSecs }) => (nodes === undefined || nodes.includes(name)) && toSecs * 1000 < endMs,
  );
}

/** From the loss of a connection until there was one to the same peer again. */
function lostConnections(timed: TimedRecord, place: number): Disturbance[] {
  const lost = new Map<string, number>();
  const found: Disturbance[] = [];
  for (const { type, peer, at } of timed.peers[place]?.connections ?? []) {
    const secs = timed.time(place, at) / 1000;
    const fromSecs = lost.get(peer);
    if (type === "disconnect") {
      if (fromSecs === undefined) lost.set(peer, secs);
      continue;
    }
    lost.delete(peer);
    if (fromSecs !== undefined && secs > 0) found.push({ cause: "connection", fromSecs, toSecs: secs });
  }
  return found;
}

const areNear = (one: Disturbance, other: Disturbance) =>
  one.fromSecs <= other.toSecs + apartSecs && other.fromSecs <= one.toSecs + apartSecs;

/** Those that overlap, or nearly so, are one, called by the first. */
function merge(disturbances: readonly Disturbance[]): Disturbance[] {
  const merged: Disturbance[] = [];
  for (const one of disturbances.toSorted((a, b) => a.fromSecs - b.fromSecs)) {
    const last = merged.at(-1);
    if (last === undefined || !areNear(last, one)) {
      merged.push(one);
      continue;
    }
    merged[merged.length - 1] = { ...last, toSecs: Math.max(last.toSecs, one.toSecs) };
  }
  return merged;
}

function resync(timed: TimedRecord, place: number, { cause, fromSecs, toSecs }: Disturbance): Resync {
  const { record, endMs } = timed;
  const fromMs = toSecs * 1000;
  let [behind, first, last, isLacking] = [0, Number.POSITIVE_INFINITY, fromMs, false];
  for (let row = 0; row < record.messages; row++) {
    const { writer, atMs } = record.message(row);
    if (writer === place || Number.isNaN(atMs)) continue;
    const read = timed.readMs(row, place);
    if (read >= fromMs) first = Math.min(first, read);
    if (timed.time(writer, atMs) >= fromMs || read < fromMs) continue;
    behind++;
    if (Number.isNaN(read)) isLacking = true;
    else last = Math.max(last, read);
  }
  return {
    node: timed.peers[place]?.name as string,
    cause,
    fromSecs,
    toSecs,
    behind,
    firstMs: Number.isFinite(first) ? first - fromMs : undefined,
    ...(isLacking ? { resyncMsAtLeast: endMs - fromMs } : { resyncMs: last - fromMs }),
  };
}

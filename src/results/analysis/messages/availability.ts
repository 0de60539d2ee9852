/** How often peers could read and write. Pure. */
import { type Availability, probeOperations } from "../../../contracts/results/native/messages.ts";
import type { TimedRecord } from "./timed-record.ts";

export interface AvailabilityFigures {
  readonly availability: readonly Availability[];
  /** Of one second of the window: 0 to 1; undefined where nobody tried. */
  readonly ratioIn: (op: Availability["op"], second: number) => number | undefined;
}

interface Tried {
  readonly ok: Float64Array;
  readonly all: Float64Array;
}

/** Of attempts in the window. An outage lasts from a failed attempt to the peer's next successful one, or the window's end. */
export function availabilityFigures(timed: TimedRecord): AvailabilityFigures {
  const seconds = Math.ceil(timed.lengthMs / 1000);
  const tried = new Map(
    probeOperations.map((op): [string, Tried] => [
      op,
      { ok: new Float64Array(seconds), all: new Float64Array(seconds) },
    ]),
  );
  const availability = probeOperations.flatMap((op) => {
    const counts = tried.get(op) as Tried;
    let longest = { ms: 0, name: "" };
    timed.peers.forEach(({ name, probes }, place) => {
      let failingSince: number | undefined;
      const endOutage = (ms: number) => {
        if (failingSince !== undefined && ms - failingSince > longest.ms)
          longest = { ms: ms - failingSince, name };
        failingSince = undefined;
      };
      for (const [index, at] of probes.atMs.entries()) {
        const ms = timed.time(place, at);
        const ok = probes.outcome(index, op);
        if (ok === undefined || !timed.isInWindow(ms)) continue;
        const second = Math.floor(ms / 1000);
        counts.all[second] = (counts.all[second] as number) + 1;
        if (ok) {
          counts.ok[second] = (counts.ok[second] as number) + 1;
          endOutage(ms);
        } else failingSince ??= ms;
      }
      endOutage(timed.lengthMs);
    });
    const [probes, ok] = [total(counts.all), total(counts.ok)];
    if (probes === 0) return [];
    return {
      op,
      probes,
      ok,
      availabilityRatio: ok / probes,
      longestOutageSecs: longest.ms / 1000,
      outageNode: longest.ms === 0 ? undefined : longest.name,
    };
  });
  return {
    availability,
    ratioIn: (op, second) => {
      const { ok, all } = tried.get(op) as Tried;
      const attempts = all[second] ?? 0;
      return attempts === 0 ? undefined : (ok[second] as number) / attempts;
    },
  };
}

const total = (counts: Float64Array) => counts.reduce((sum, count) => sum + count, 0);

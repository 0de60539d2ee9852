import type { BaleenEvent } from "../../contracts/events.ts";
import { addLatency, type BucketedLatency, noLatency } from "../../metrics/stats/latency-buckets.ts";

type Fault = Extract<BaleenEvent, { readonly type: "fault" }>;
type LinkChange = Extract<BaleenEvent, { readonly type: "link-change" }>;

/** What of a run is only ever counted up, of all its seconds: also of those that nobody keeps any more. */
export interface RunTally {
  /** Headline latencies. */
  latency: BucketedLatency;
  readonly faults: (Pick<Fault, "node" | "action" | "stage"> & { count: number })[];
  readonly linkChanges: (Pick<LinkChange, "action" | "state"> & { count: number })[];
}

export const newTally = (): RunTally => ({ latency: noLatency, faults: [], linkChanges: [] });

export function observeTally(tally: RunTally, event: BaleenEvent): void {
  if (event.type === "load-second") {
    const { latencyCounts: counts, latencySumMs: sumMs } = event;
    if (counts !== undefined && sumMs !== undefined)
      tally.latency = addLatency(tally.latency, { counts, sumMs });
  } else if (event.type === "fault") {
    const { node, action, stage } = event;
    countIn(tally.faults, { node, action, stage });
  } else if (event.type === "link-change") {
    const { action, state } = event;
    countIn(tally.linkChanges, { action, state });
  }
}

/** Of names of nodes and words of these events' types; a file that anybody wrote may have more. */
const mostKinds = 10_000;

function countIn<Kind extends object>(list: (Kind & { count: number })[], kind: Kind): void {
  const isSame = (one: Kind) => (Object.keys(kind) as (keyof Kind)[]).every((key) => one[key] === kind[key]);
  const known = list.find(isSame);
  if (known !== undefined) known.count++;
  else if (list.length < mostKinds) list.push({ ...kind, count: 1 });
}

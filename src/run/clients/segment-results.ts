import type { SegmentClients, SegmentResult } from "../../contracts/results/faults.ts";
import type { PhaseResult } from "../../contracts/results/result.ts";
import type { ClientPlan, ClientReport, Segment, SegmentTally } from "../../load/plan/client-plan.ts";
import type { PhaseSpan } from "../../load/timeline/profile.ts";
import { LatencyRecord, summarizeLatency } from "../../metrics/stats/latency-record.ts";

interface CrashPart {
  readonly down: readonly number[];
  readonly fromMs: number;
  readonly ofLiving: SegmentTally;
  readonly ofDead: SegmentTally;
}

interface PhasePart extends SegmentTally {
  readonly observed: number;
}

export interface RunParts {
  /** Empty where nothing was to fail. */
  readonly crashes: readonly CrashPart[];
  readonly phases: readonly PhasePart[];
}

/** Puts together, by crash and by phase, what clients counted in the plan's segments, which both cut. */
export function joinSegments(
  { segments }: Pick<ClientPlan, "segments">,
  report: Pick<ClientReport, "segments">,
): RunParts {
  const anyDown = segments.some(({ down }) => down.length > 0);
  const phases = Math.max(0, ...segments.map(({ phase = -1 }) => phase + 1));
  return {
    crashes: anyDown ? joinCrashes(segments, report) : [],
    phases: Array.from({ length: phases }, (_, phase) => {
      const counted = report.segments.filter((_, index) => segments[index]?.phase === phase);
      const observed = counted.reduce((sum, segment) => sum + segment.observed, 0);
      return { ...addUp(counted.flatMap(({ up, down }) => [up, down])), observed };
    }),
  };
}

/** Where only another phase began, the part before it goes on. */
function joinCrashes(segments: readonly Segment[], report: Pick<ClientReport, "segments">): CrashPart[] {
  const groups: { readonly first: Segment; readonly places: number[] }[] = [];
  for (const [index, segment] of segments.entries()) {
    const before = segments[index - 1];
    const group = groups.at(-1);
    // The warm-up stands by itself.
    const inWindow = before !== undefined && before.fromMs >= 0;
    const goesOn = inWindow && before.phase !== segment.phase && isSameDown(before, segment);
    if (group !== undefined && goesOn) group.places.push(index);
    else groups.push({ first: segment, places: [index] });
  }
  return groups.map(({ first: { down, fromMs }, places }) => ({
    down,
    fromMs,
    ofLiving: addUp(places.flatMap((place) => report.segments[place]?.up ?? [])),
    ofDead: addUp(places.flatMap((place) => report.segments[place]?.down ?? [])),
  }));
}

const isSameDown = (one: Segment, other: Segment) =>
  one.down.length === other.down.length && one.down.every((place, index) => other.down[index] === place);

export function segmentResults(
  { crashes }: RunParts,
  { targets, windowMs }: Pick<ClientPlan, "targets" | "windowMs">,
): SegmentResult[] {
  return crashes.map(({ down, fromMs, ofLiving, ofDead }, index) => ({
    fromSecs: fromMs / 1000,
    toSecs: (crashes[index + 1]?.fromMs ?? windowMs) / 1000,
    nodesDown: down.map((place) => targets[place]?.node ?? `target ${place}`),
    ofLivingNodes: clients(ofLiving),
    ofDeadNodes: clients(ofDead),
  }));
}

export function phaseResults({ phases }: RunParts, spans: readonly PhaseSpan[]): PhaseResult[] {
  return phases.flatMap((part, index) => {
    const span = spans[index];
    if (span === undefined) return [];
    const { name, fromMs, toMs } = span;
    const secs = { fromSecs: fromMs / 1000, toSecs: toMs / 1000 };
    return [{ name, ...secs, ...clients(part), observed: part.observed }];
  });
}

function addUp(tallies: readonly SegmentTally[]): SegmentTally {
  const latency = new LatencyRecord();
  for (const tally of tallies) latency.merge(tally.latency);
  const sum = (count: (tally: SegmentTally) => number) =>
    tallies.reduce((all, tally) => all + count(tally), 0);
  return {
    scheduled: sum(({ scheduled }) => scheduled),
    committed: sum(({ committed }) => committed),
    latency,
  };
}

function clients({ scheduled, committed, latency }: SegmentTally): SegmentClients {
  return { scheduled, successful: committed, latency: summarizeLatency(latency) };
}

/** A run's parts in its result: what clients counted in each stretch, put together by crash and by phase. */
import type { PhaseResult, StretchClients, StretchResult } from "../../contracts/results/result.ts";
import type { ClientPlan, ClientReport, Stretch, StretchTally } from "../../load/plan/client-plan.ts";
import type { PhaseSpan } from "../../load/timeline/profile.ts";
import { LatencyRecord, summarizeLatency } from "../../metrics/stats/latency-record.ts";

/** What was counted between two crashes, whatever the load was. */
interface CrashPart {
  readonly down: readonly number[];
  readonly fromMs: number;
  readonly ofLiving: StretchTally;
  readonly ofDead: StretchTally;
}

/** What was counted in a phase of the load, whoever was down. */
interface PhasePart extends StretchTally {
  readonly observed: number;
}

export interface RunParts {
  /** Empty where nothing was to fail. */
  readonly crashes: readonly CrashPart[];
  readonly phases: readonly PhasePart[];
}

/** Puts together what clients counted in the plan's stretches, which both crashes and phases cut. */
export function joinStretches(
  { stretches }: Pick<ClientPlan, "stretches">,
  report: Pick<ClientReport, "stretches">,
): RunParts {
  const anyDown = stretches.some(({ down }) => down.length > 0);
  const phases = Math.max(0, ...stretches.map(({ phase = -1 }) => phase + 1));
  return {
    crashes: anyDown ? joinCrashes(stretches, report) : [],
    phases: Array.from({ length: phases }, (_, phase) => {
      const counted = report.stretches.filter((_, index) => stretches[index]?.phase === phase);
      const observed = counted.reduce((sum, stretch) => sum + stretch.observed, 0);
      return { ...addUp(counted.flatMap(({ up, down }) => [up, down])), observed };
    }),
  };
}

/** Where only another phase began, the part before it goes on. */
function joinCrashes(stretches: readonly Stretch[], report: Pick<ClientReport, "stretches">): CrashPart[] {
  const groups: { readonly first: Stretch; readonly places: number[] }[] = [];
  for (const [index, stretch] of stretches.entries()) {
    const before = stretches[index - 1];
    const group = groups.at(-1);
    const goesOn = before !== undefined && before.phase !== stretch.phase && isSameDown(before, stretch);
    if (group !== undefined && goesOn) group.places.push(index);
    else groups.push({ first: stretch, places: [index] });
  }
  return groups.map(({ first: { down, fromMs }, places }) => ({
    down,
    fromMs,
    ofLiving: addUp(places.flatMap((place) => report.stretches[place]?.up ?? [])),
    ofDead: addUp(places.flatMap((place) => report.stretches[place]?.down ?? [])),
  }));
}

const isSameDown = (one: Stretch, other: Stretch) =>
  one.down.length === other.down.length && one.down.every((place, index) => other.down[index] === place);

export function stretchResults(
  { crashes }: RunParts,
  { targets, windowMs }: Pick<ClientPlan, "targets" | "windowMs">,
): StretchResult[] {
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

function addUp(tallies: readonly StretchTally[]): StretchTally {
  const latency = new LatencyRecord();
  for (const tally of tallies) latency.merge(tally.latency);
  const sum = (count: (tally: StretchTally) => number) =>
    tallies.reduce((all, tally) => all + count(tally), 0);
  return {
    scheduled: sum(({ scheduled }) => scheduled),
    committed: sum(({ committed }) => committed),
    latency,
  };
}

function clients({ scheduled, committed, latency }: StretchTally): StretchClients {
  return { scheduled, successful: committed, latency: summarizeLatency(latency) };
}

/** A run's parts in its result: what clients counted in each stretch, put together by crash and by phase. */
import type { PhaseResult, StretchClients, StretchResult } from "../contracts/result.ts";
import type { ClientPlan, ClientReport, Stretch, StretchTally } from "../load/client-plan.ts";
import { LatencyRecord, summarizeLatency } from "../stats/latency-record.ts";
import type { PhaseSpan } from "../timeline/profile.ts";

type Counted = ClientReport["stretches"][number];

/** By the cuts of the crashes alone: where only another phase began, the stretch before it goes on. */
export function stretchResults(
  plan: Pick<ClientPlan, "stretches" | "targets" | "windowMs">,
  report: Pick<ClientReport, "stretches">,
): StretchResult[] {
  const groups: { readonly first: Stretch; latest: Stretch; readonly counted: Counted[] }[] = [];
  for (const [index, stretch] of plan.stretches.entries()) {
    const counted = report.stretches[index];
    if (counted === undefined) continue;
    const last = groups.at(-1);
    if (last !== undefined && last.latest.phase !== stretch.phase && isSameDown(last.latest, stretch)) {
      last.latest = stretch;
      last.counted.push(counted);
    } else groups.push({ first: stretch, latest: stretch, counted: [counted] });
  }
  return groups.map(({ first, counted }, index) => ({
    fromSecs: first.fromMs / 1000,
    toSecs: (groups[index + 1]?.first.fromMs ?? plan.windowMs) / 1000,
    nodesDown: first.down.map((place) => plan.targets[place]?.node ?? `target ${place}`),
    ofLivingNodes: clients(counted.map(({ up }) => up)),
    ofDeadNodes: clients(counted.map(({ down }) => down)),
  }));
}

const isSameDown = (one: Stretch, other: Stretch) =>
  one.down.length === other.down.length && one.down.every((place, index) => other.down[index] === place);

/** What was counted in each phase, whoever was down in it. */
export function phaseResults(
  spans: readonly PhaseSpan[],
  plan: Pick<ClientPlan, "stretches">,
  report: Pick<ClientReport, "stretches">,
): PhaseResult[] {
  return spans.map((span, phase) => {
    const counted = report.stretches.filter((_, index) => plan.stretches[index]?.phase === phase);
    return {
      ...span,
      ...clients(counted.flatMap(({ up, down }) => [up, down])),
      observed: counted.reduce((sum, { observed }) => sum + observed, 0),
    };
  });
}

function clients(tallies: readonly StretchTally[]): StretchClients {
  const latency = new LatencyRecord();
  for (const tally of tallies) latency.merge(tally.latency);
  const sum = (count: (tally: StretchTally) => number) =>
    tallies.reduce((all, tally) => all + count(tally), 0);
  return {
    scheduled: sum(({ scheduled }) => scheduled),
    successful: sum(({ committed }) => committed),
    latency: summarizeLatency(latency),
  };
}

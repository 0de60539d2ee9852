/** What happened in a run, as bands behind its seconds. */
import { endOfFault, type FaultOutcome } from "../../../contracts/results/faults.ts";
import type { LinkChangeOutcome } from "../../../contracts/results/links/link-changes.ts";
import type { MessagePeer } from "../../../contracts/results/native/messages.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { isDriven } from "../../../metrics/stats/run-metrics.ts";
import type { Band } from "../chart.ts";

const timeOf = ({ effectiveSecs, issuedSecs, askedSecs }: FaultOutcome | LinkChangeOutcome) =>
  effectiveSecs ?? issuedSecs ?? askedSecs;

/** From each fault's effect to the node's return, each change of links while it was in force, and the phases. */
export function bandsOf(run: MeasuredRun): readonly Band[] {
  const { durationSecs } = run.parameters;
  return [
    ...(isDriven(run) ? run.phases : []).map(
      ({ name, fromSecs, toSecs }): Band => ({ name, kind: "phase", from: fromSecs, to: toSecs }),
    ),
    ...faultBands(run.faults, durationSecs),
    ...(isDriven(run) ? [] : (run.figures.messages?.peers ?? [])).flatMap(joinBands),
    ...linkBands(run.linkChanges, durationSecs),
  ];
}

function faultBands(faults: readonly FaultOutcome[], end: number): Band[] {
  return faults.flatMap((fault, at) => {
    if (fault.action !== "crash" && fault.action !== "pause") return [];
    const back = endOfFault(faults, at);
    const what = fault.action === "crash" ? "down" : "paused";
    return [
      {
        name: `${fault.node} ${what}`,
        kind: "fault" as const,
        from: timeOf(fault),
        to: back ? timeOf(back) : end,
      },
    ];
  });
}

const joinBands = ({ name, joinedSecs }: MessagePeer): Band[] =>
  joinedSecs === undefined ? [] : [{ name: `${name} not there yet`, kind: "fault", from: 0, to: joinedSecs }];

function linkBands(changes: readonly LinkChangeOutcome[], end: number): Band[] {
  return changes.flatMap((change, at) => {
    if (change.stage !== "begin") return [];
    const undone = changes
      .slice(at + 1)
      .find(({ action, what, stage }) => stage === "end" && action === change.action && what === change.what);
    const to = undone === undefined ? end : timeOf(undone);
    return [{ name: `${change.action}: ${change.what}`, kind: "links" as const, from: timeOf(change), to }];
  });
}

/** What speaks against figures of routines that peers ran in a test. Pure. */
import type { NativeResult } from "../../../contracts/results/native/native.ts";
import type { RoutineFigures, RoutinePeer } from "../../../contracts/results/native/routines.ts";

type Run = Omit<NativeResult, "verdict">;

/** Of what the routines were asked for. */
const mostOfAskedRatio = 1.05;
/** A routine is called 60 times a second; below this share of it, the machine keeps the page from its work. */
const leastTicksPerSec = 54;
/** A tick's length: timers that are later than this on average come when the next one is due. */
const mostLatenessMs = 1000 / 60;
/** Peers that one reason names. */
const named = 5;

/** Why the figures do not mean what their names say. */
export function routineInvalidities(run: Run): string[] {
  const { figures, parameters } = run;
  const { routines } = figures;
  if (routines === undefined) return [];
  const { peers, sent } = routines;
  const asked = parameters.loadTps * parameters.durationSecs;
  // Links that the timeline changed may have cut a peer off.
  const mayBeAlone = run.linkChanges.length > 0;
  const disturbed = disturbedIn(run);
  return [
    ...peers.flatMap(({ name, gap }) =>
      gap === undefined ? [] : [`Figures of ${name} are not whole: ${gap}.`],
    ),
    ...peers.flatMap((peer) =>
      isAlone(peer, peers.length) && !mayBeAlone && !disturbed.has(peer.name)
        ? [`${peer.name} was connected to no other peer at its end.`]
        : [],
    ),
    ...(sent === 0 ? ["The routines sent nothing."] : []),
    ...(sent - edgeOf(routines) > mostOfAskedRatio * asked
      ? [
          `The routines sent ${percent(sent / asked)} of the load that they were asked for (limit: at most ${percent(mostOfAskedRatio)}). Give the load that they send: --loads ${Math.round(sent / parameters.durationSecs)}.`,
        ]
      : []),
  ];
}

/** Each peer may have one message of each kind more or less at the edges. */
const edgeOf = ({ peers, kinds }: RoutineFigures) => peers.length * Math.max(1, kinds.length);

/** Peers that the timeline kept from their work. */
const disturbedIn = ({ faults }: Pick<Run, "faults">) => new Set(faults.map(({ node }) => node));

const isAlone = ({ gap, connections }: RoutinePeer, peers: number) =>
  peers > 1 && gap === undefined && connections === 0;

/** Why the load was not what was asked for. */
export function routineUnderload(run: Run): string[] {
  const { figures, parameters } = run;
  const { routines } = figures;
  if (routines === undefined || routines.sent === 0) return [];
  const asked = parameters.loadTps * parameters.durationSecs;
  // Peers that were paused for a while send nothing then.
  const share = 1 - disturbedIn(run).size / parameters.nodes;
  if (routines.sent + edgeOf(routines) >= parameters.achievedRatio * share * asked) return [];
  const sent = `The routines sent ${routines.sent} messages of ${Math.round(asked)} that they were asked for (limit: at least ${percent(parameters.achievedRatio)}).`;
  // A busy machine explains it.
  const isBusy = busyReasons(run).length > 0;
  return [isBusy ? sent : `${sent} If they send fewer by themselves, give that load with --loads.`];
}

/** Peers that the machine kept from their work. */
export function busyReasons(run: Run): string[] {
  const disturbed = disturbedIn(run);
  const busy = (run.figures.routines?.peers ?? []).flatMap(({ name, busyness }) =>
    busyness === undefined || disturbed.has(name) ? [] : [{ name, ...busyness }],
  );
  const slow = busy.filter(({ tickRatePerSec }) => tickRatePerSec < leastTicksPerSec);
  const late = busy.filter(({ timerLatenessMeanMs }) => timerLatenessMeanMs > mostLatenessMs);
  return [
    ...(slow.length === 0
      ? []
      : [
          `The machine is too busy for so many peers: ${list(slow, ({ tickRatePerSec }) => `${tickRatePerSec.toFixed(1)} calls a second`)} instead of 60 (limit: at least ${leastTicksPerSec}). Use fewer peers, or more machines.`,
        ]),
    ...(late.length === 0
      ? []
      : [
          `Timers of pages were late: ${list(late, ({ timerLatenessMeanMs }) => `${timerLatenessMeanMs.toFixed(1)} ms`)} on average (limit: ${mostLatenessMs.toFixed(1)} ms). Use fewer peers, or more machines.`,
        ]),
  ];
}

function list<T extends { readonly name: string }>(peers: readonly T[], of: (peer: T) => string): string {
  const shown = peers.slice(0, named).map((peer) => `${peer.name} ${of(peer)}`);
  const more = peers.length - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

const percent = (ratio: number) => `${(ratio * 100).toFixed(1)} %`;

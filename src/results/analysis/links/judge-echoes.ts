/** Whether links stayed as asked while the load ran, by an echo a second over each. Pure. */
import type { LinkLimits, ProbedLinkRecord } from "../../../contracts/results/links/link-certificate.ts";
import { joinRanges, type PacketRange, rangeOf } from "./asked.ts";

export interface EchoJudgement {
  readonly echoes: number;
  readonly early: number;
  readonly late: number;
  /** Why the link was not as asked; undefined: it was. */
  readonly failure?: string | undefined;
}

interface Echo {
  readonly atSecs: number;
  /** undefined: it did not arrive. */
  readonly delayMs: number | undefined;
  readonly range: PacketRange;
}

/** Lateness that all links share is blamed on the machine, up to this. */
const mostCommonMs = 50;

/** Lateness that is the machine's, by second. */
export type CommonLateness = ReadonlyMap<number, number>;

/**
 * In each second the lateness that three quarters of the links stay below: probes run beside nodes and clients, and a
 * machine that is short of CPU time holds up all of them, but a link that is not as asked stands out.
 */
export function commonLateness(links: readonly ProbedLinkRecord[]): CommonLateness {
  const found = new Map<number, number[]>();
  for (const { atSecs, delayMs, range } of links.flatMap(echoesOf)) {
    if (delayMs === undefined || range.highMs === undefined) continue;
    const second = Math.floor(atSecs);
    const known = found.get(second) ?? [];
    known.push(Math.max(0, delayMs - range.highMs));
    found.set(second, known);
  }
  return new Map(
    [...found].map(([second, late]) => {
      const sorted = late.sort((a, b) => a - b);
      return [second, Math.min(mostCommonMs, sorted[Math.floor(0.75 * (sorted.length - 1))] ?? 0)];
    }),
  );
}

/** In the order of their times. */
function echoesOf(link: ProbedLinkRecord): Echo[] {
  const { during } = link;
  if (during === undefined) return [];
  const usual = usualRange(link);
  const changed = new Map(during.changed.map((range) => [range.atSecs, range]));
  const echo = (atSecs: number, delayMs: number | undefined): Echo => ({
    atSecs,
    delayMs,
    range: changed.get(atSecs) ?? usual,
  });
  return [
    ...during.atSecs.map((atSecs, index) => echo(atSecs, during.delaysMs[index])),
    ...during.lostAtSecs.map((atSecs) => echo(atSecs, undefined)),
  ].sort((a, b) => a.atSecs - b.atSecs);
}

/** Of one packet while nothing is changed. */
function usualRange({
  way,
  asked,
  askedBack,
  bareMs,
}: Pick<ProbedLinkRecord, "way" | "asked" | "askedBack" | "bareMs">): PacketRange {
  const there = rangeOf([asked], bareMs);
  return way === "round-trip" ? joinRanges(there, rangeOf([askedBack ?? asked], bareMs)) : there;
}

type Outcome = "fine" | "early" | "late";

export function judgeEchoes(
  link: ProbedLinkRecord,
  common: CommonLateness,
  limits: LinkLimits,
): EchoJudgement {
  const bareMs = Math.min(mostCommonMs, Math.max(0, (link.bareP99Ms ?? 0) - (link.bareMs ?? 0)));
  const outcomes = echoesOf(link).flatMap((echo): Outcome[] => {
    // What may be lost and is says nothing.
    if (echo.delayMs === undefined && echo.range.mayBeLost) return [];
    return [outcomeOf(echo, bareMs + (common.get(Math.floor(echo.atSecs)) ?? 0), limits)];
  });
  const count = (of: Outcome) => outcomes.filter((outcome) => outcome === of).length;
  const found = { echoes: outcomes.length, early: count("early"), late: count("late") };
  const failures = [
    broken(outcomes, "early", { inRow: limits.earlyInRow, ratio: limits.earlyRatio }),
    broken(outcomes, "late", { inRow: limits.lateInRow, ratio: limits.lateRatio }),
  ].filter((failure) => failure !== undefined);
  return { ...found, failure: failures.length === 0 ? undefined : failures.join(", ") };
}

function outcomeOf({ delayMs, range }: Echo, machineMs: number, limits: LinkLimits): Outcome {
  const { lowMs, highMs = 0 } = range;
  if (delayMs === undefined) return "late";
  if (lowMs === undefined) return "early";
  const tolerance = (ofMs: number) => Math.max(limits.duringMs, limits.duringRatio * ofMs);
  if (delayMs < lowMs - tolerance(lowMs)) return "early";
  return delayMs > highMs + tolerance(highMs) + machineMs ? "late" : "fine";
}

function broken(
  outcomes: readonly Outcome[],
  of: "early" | "late",
  { inRow, ratio }: { readonly inRow: number; readonly ratio: number },
): string | undefined {
  let [row, longest] = [0, 0];
  for (const outcome of outcomes) {
    row = outcome === of ? row + 1 : 0;
    longest = Math.max(longest, row);
  }
  const count = outcomes.filter((outcome) => outcome === of).length;
  const isOutside = longest >= inRow || (count >= inRow && count > ratio * outcomes.length);
  if (!isOutside) return undefined;
  const what = of === "early" ? "arrived too early" : "arrived too late or not at all";
  return `${count} of ${outcomes.length} echoes ${what}, ${longest} of them in a row`;
}

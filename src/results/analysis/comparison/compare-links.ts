/** How the emulated links of two sweeps differ. Pure. */
import type { LinkDifference, SideLinks, SideRuns } from "../../../contracts/results/comparison.ts";
import type { LinkRow } from "../../../contracts/results/links/link-certificate.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { linkLimits } from "../links/limits.ts";

/** Runs whose links are compared, and what is known of these. */
export interface LinkedRuns extends Pick<SideRuns, "linkRows"> {
  readonly runs: readonly MeasuredRun[];
}

/** @returns undefined where neither side has links, or both have the same */
export function compareLinks(a: LinkedRuns, b: LinkedRuns): LinkDifference | undefined {
  const [ofA, ofB] = [linksOf(a), linksOf(b)];
  const isOther = (of: "names" | "mechanisms") => String(ofA?.[of] ?? "") !== String(ofB?.[of] ?? "");
  const differ: LinkDifference["differ"][number][] = [
    ...(isOther("names") ? (["names"] as const) : []),
    // What shaped nothing is no other mechanism.
    ...(ofA !== undefined && ofB !== undefined && isOther("mechanisms") ? (["mechanisms"] as const) : []),
    ...(areApart(ofA?.delay, ofB?.delay) ? (["delay"] as const) : []),
  ];
  return differ.length === 0 ? undefined : { differ, a: ofA, b: ofB };
}

/** undefined where no run has links; of native runs, which have no certificate, the names alone are known. */
function linksOf({ runs, linkRows }: LinkedRuns): SideLinks | undefined {
  const names = distinct(runs.flatMap(({ parameters }) => parameters.links ?? []));
  const certified = runs.flatMap((run) => {
    const certificate = "linkCertificate" in run ? run.linkCertificate : undefined;
    return certificate === undefined ? [] : [{ certificate, all: linkRows?.get(run.benchmarkNumber) }];
  });
  if (names.length === 0 && certified.length === 0) return undefined;
  const perRun = certified.map(
    ({ certificate: { rows, measured }, all }) =>
      // A certificate shows all of a few links, and the worst of many, which say nothing of the others.
      all ?? (rows.length === measured ? rows : undefined),
  );
  const known = perRun.every((rows) => rows !== undefined) ? perRun.flat() : [];
  const up = known.filter(({ down }) => !down);
  const ways = ({ way }: LinkRow) => (way === "round-trip" ? 2 : 1);
  const delay = spreadOf(up.flatMap((row) => (row.gotMs === undefined ? [] : [row.gotMs / ways(row)])));
  const loss = spreadOf(up.map(({ gotLossRatio = 0 }) => gotLossRatio));
  const goodput = spreadOf(up.flatMap(({ gotBps }) => gotBps ?? []));
  return {
    names,
    mechanisms: distinct(certified.map(({ certificate }) => certificate.mechanism)),
    links: Math.max(0, ...certified.map(({ certificate }) => certificate.links)),
    down: known.length - up.length,
    delay: delay && { medianMs: delay.median, leastMs: delay.least, mostMs: delay.most },
    loss: loss && { medianRatio: loss.median, leastRatio: loss.least, mostRatio: loss.most },
    goodput: goodput && { medianBps: goodput.median, leastBps: goodput.least, mostBps: goodput.most },
  };
}

const distinct = <T extends string>(values: readonly T[]): T[] => [...new Set(values)].sort();

interface Spread {
  /** Nearest rank. */
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [least, median, most] = [sorted[0], sorted[(sorted.length - 1) >> 1], sorted.at(-1)];
  if (least === undefined || median === undefined || most === undefined) return undefined;
  return { median, least, most };
}

/** Each may be off by the tolerance of a certificate. */
function areApart(a: SideLinks["delay"], b: SideLinks["delay"]): boolean {
  if (a === undefined || b === undefined) return false;
  const { delayMs, delayRatio } = linkLimits;
  return (["medianMs", "leastMs", "mostMs"] as const).some((of) => {
    const toleranceMs = Math.max(delayMs, delayRatio * Math.max(a[of], b[of]));
    return Math.abs(a[of] - b[of]) > 2 * toleranceMs;
  });
}

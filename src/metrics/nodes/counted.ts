/** What nodes counted in a time, from what they showed in it: of counters an increase, of histograms a histogram. */
import {
  addHistograms,
  type BucketHistogram,
  differenceOf,
  mergeHistograms,
  type NamedHistogram,
} from "../stats/bucket-histogram.ts";
import { formatLabels } from "./line.ts";
import type { RecordedFamily, RecordedGroup } from "./record.ts";

/** On the record's monotonic clock. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One series of one node over a time. */
export interface CountedPart<Counted> {
  /** The node, and the series' labels where it has some. */
  readonly name: string;
  readonly node: string;
  readonly counted: Counted;
  /** From its first look in the time to its last: what was counted was counted in this. */
  readonly span: TimeSpan;
  /**
   * How often it began anew. What it had counted from the look before until then is lost, so that there was more than is
   * said here.
   */
  readonly resets: number;
}

/**
 * By how much each series of a counter rose.
 *
 * @returns those with two looks in the time at least
 */
export function increases(family: RecordedFamily, time: TimeSpan): readonly CountedPart<number>[] {
  return family.groups.flatMap((group) => {
    const column = group.columns.findIndex(({ name }) => !name.endsWith("_created"));
    const looks = looksIn(group, time).filter(({ row }) => row[column] !== undefined);
    return fold(group, looks, {
      none: 0,
      step: (total, before, after) => {
        const [earlier, later] = [before[column] ?? 0, after[column] ?? 0];
        return later < earlier
          ? { counted: total + later, isReset: true }
          : { counted: total + later - earlier, isReset: false };
      },
    });
  });
}

/** Histograms of all nodes put together, and what they were put together from. */
export type CountedHistogram =
  | {
      readonly state: "counted";
      /** Of all nodes. */
      readonly histogram: BucketHistogram;
      readonly parts: readonly CountedPart<BucketHistogram>[];
    }
  | { readonly state: "refused"; readonly reason: string };

/** What all nodes counted into the histograms of a family. Refused where edges differ, or nobody was seen twice in it. */
export function countedHistogram(family: RecordedFamily, time: TimeSpan): CountedHistogram {
  const diagnostics: string[] = [];
  const parts = family.groups.flatMap((group) => {
    const looks = looksIn(group, time);
    return fold<BucketHistogram | undefined>(group, looks, {
      none: undefined,
      step: (total, before, after) => {
        const difference = differenceOf(histogramOf(group, before), histogramOf(group, after));
        if (difference.state === "refused") {
          diagnostics.push(`${nameOf(group)}: ${difference.reason}`);
          return { counted: total, isReset: false };
        }
        const { histogram } = difference;
        return {
          counted: total === undefined ? histogram : addHistograms(total, histogram),
          isReset: difference.state === "reset",
        };
      },
    });
  });
  const whole = parts.flatMap(({ counted, ...part }) =>
    counted === undefined ? [] : [{ ...part, counted }],
  );
  if (diagnostics.length > 0) return { state: "refused", reason: diagnostics.join("; ") };
  if (whole.length === 0)
    return { state: "refused", reason: `no node showed ${family.name} twice in that time` };
  const merged = mergeHistograms(
    whole.map(({ name, counted }): NamedHistogram => ({ name, histogram: counted })),
  );
  return merged.state === "merged" ? { state: "counted", histogram: merged.histogram, parts: whole } : merged;
}

type Row = RecordedGroup["rows"][number];

interface Look {
  readonly atMs: number;
  readonly row: Row;
}

function looksIn({ atMs, rows }: RecordedGroup, { fromMs, toMs }: TimeSpan): readonly Look[] {
  return rows.flatMap((row, at) => {
    const ms = atMs[at] ?? Number.NaN;
    return ms >= fromMs && ms <= toMs ? [{ atMs: ms, row }] : [];
  });
}

interface Folding<Counted> {
  readonly none: Counted;
  readonly step: (
    total: Counted,
    before: Row,
    after: Row,
  ) => { readonly counted: Counted; readonly isReset: boolean };
}

/** From each look to the next, so that of a counter that began anew only what nobody saw is lost. */
function fold<Counted>(
  group: RecordedGroup,
  looks: readonly Look[],
  { none, step }: Folding<Counted>,
): readonly CountedPart<Counted>[] {
  const [first, last] = [looks[0], looks.at(-1)];
  if (first === undefined || last === undefined || first === last) return [];
  let counted = none;
  let resets = 0;
  for (let at = 1; at < looks.length; at++) {
    const outcome = step(counted, looks[at - 1]?.row ?? [], looks[at]?.row ?? []);
    counted = outcome.counted;
    if (outcome.isReset) resets++;
  }
  const span = { fromMs: first.atMs, toMs: last.atMs };
  return [{ name: nameOf(group), node: group.node, counted, span, resets }];
}

const nameOf = ({ node, labels }: RecordedGroup) => node + formatLabels(labels);

/** One moment of it; where its sum was not told, nothing is made up. */
function histogramOf({ columns }: RecordedGroup, row: Row): BucketHistogram {
  const buckets = columns.flatMap(({ name, own }, at) => {
    const edge = own[0]?.[1] ?? "";
    const isBucket = name.endsWith("_bucket") && row[at] !== undefined;
    return isBucket
      ? [[edge === "+Inf" ? Number.POSITIVE_INFINITY : Number(edge), row[at] ?? 0] as const]
      : [];
  });
  // A bucket that was shown later than others stands behind them.
  buckets.sort(([a], [b]) => a - b);
  const sum = columns.findIndex(({ name }) => name.endsWith("_sum"));
  return {
    edges: buckets.map(([edge]) => edge),
    counts: buckets.map(([, count]) => count),
    sum: row[sum] ?? Number.NaN,
  };
}

/** What nodes counted in a time, from what they showed in it: of counters an increase, of histograms a histogram. */
import {
  addHistograms,
  type BucketHistogram,
  differenceOf,
  mergeHistograms,
  type RefusedHistogram,
} from "../stats/bucket-histogram.ts";
import { formatLabels } from "./line.ts";
import { bucketEdge, type RecordedFamily, type RecordedGroup } from "./record.ts";

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
  /** How often it began anew: what it had counted from the look before until then is lost, and missing here. */
  readonly resets: number;
}

/** By how much each series of a counter rose, of those with two looks in the time at least. */
export function increases(family: RecordedFamily, time: TimeSpan): readonly CountedPart<number>[] {
  return family.groups.flatMap((group) => {
    const column = group.columns.findIndex(({ name }) => !name.endsWith("_created"));
    const looks = looksIn(group, time).filter(({ row }) => row[column] !== undefined);
    let counted = 0;
    const part = follow(group, looks, (before, after) => {
      const [earlier, later] = [before[column] ?? 0, after[column] ?? 0];
      const isReset = later < earlier;
      counted += isReset ? later : later - earlier;
      return isReset;
    });
    return part === undefined ? [] : [{ ...part, counted }];
  });
}

/** Histograms of all nodes put together, and what they were put together from. */
interface CountedHistogram {
  readonly state: "counted";
  readonly histogram: BucketHistogram;
  readonly parts: readonly CountedPart<BucketHistogram>[];
}

/** What all nodes counted into the histograms of a family. Refused where edges differ, or nobody was seen twice in it. */
export function countedHistogram(
  family: RecordedFamily,
  time: TimeSpan,
): CountedHistogram | RefusedHistogram {
  const diagnostics: string[] = [];
  const parts = family.groups.flatMap((group) => {
    let counted: BucketHistogram | undefined;
    const part = follow(group, looksIn(group, time), (before, after) => {
      const difference = differenceOf(histogramOf(group, before), histogramOf(group, after));
      if (difference.state === "refused") {
        diagnostics.push(`${nameOf(group)}: ${difference.reason}`);
        return false;
      }
      const { histogram } = difference;
      counted = counted === undefined ? histogram : addHistograms(counted, histogram);
      return difference.state === "reset";
    });
    return part === undefined || counted === undefined ? [] : [{ ...part, counted }];
  });
  if (diagnostics.length > 0) return { state: "refused", reason: diagnostics.join("; ") };
  if (parts.length === 0)
    return { state: "refused", reason: `no node reported ${family.name} twice in that time` };
  const merged = mergeHistograms(parts.map(({ name, counted }) => ({ name, histogram: counted })));
  return merged.state === "refused" ? merged : { ...merged, parts };
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

/**
 * From each look to the next, so that of a counter that began anew only what nobody saw is lost.
 *
 * @param step returns whether it began anew between the two
 * @returns undefined below two looks
 */
function follow(
  group: RecordedGroup,
  looks: readonly Look[],
  step: (before: Row, after: Row) => boolean,
): Omit<CountedPart<unknown>, "counted"> | undefined {
  const [first, ...others] = looks;
  const last = others.at(-1);
  if (first === undefined || last === undefined) return undefined;
  let before = first.row;
  let resets = 0;
  for (const { row } of others) {
    if (step(before, row)) resets++;
    before = row;
  }
  const span = { fromMs: first.atMs, toMs: last.atMs };
  return { name: nameOf(group), node: group.node, span, resets };
}

const nameOf = ({ node, labels }: RecordedGroup) => node + formatLabels(labels);

/** One moment of it; where its sum was not told, nothing is made up. */
function histogramOf({ columns }: RecordedGroup, row: Row): BucketHistogram {
  const buckets = columns.flatMap((column, at) => {
    const count = row[at];
    return count !== undefined && column.name.endsWith("_bucket")
      ? [[bucketEdge(column), count] as const]
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

/** Lines of charts, from the state of a run. No I/O, no clock. */
import type { LiveLink } from "../../contracts/links/live.ts";
import { latestSecond } from "./live-scene.ts";
import type { RunState } from "./run-state.ts";

/** What a chart shows: x, and a list of values for each of its series; null: a gap. */
export interface ChartData {
  readonly seconds: readonly number[];
  /** Series have seconds of their own: undefined is no gap, but a second of another one. */
  readonly isJoined?: true;
  readonly series: readonly {
    readonly label: string;
    readonly values: readonly (number | null | undefined)[];
  }[];
}

/** More lines than that are shown as the least, the middle and the most of them. */
export const mostLines = 8;

/** A value of each emulated link over time, of its two directions the higher one. */
export function linkSeries(run: RunState, read: (link: LiveLink) => number): ChartData {
  const { ground } = run;
  if (ground === undefined) return { seconds: [], series: [] };
  const now = new Map<string, number>();
  const pairs = ground.nodes.flatMap((one, from) =>
    ground.nodes.slice(from + 1).map((other, at) => {
      const to = from + 1 + at;
      return { label: `${one} – ${other}`, keys: [`${from} ${to}`, `${to} ${from}`], values: [] as number[] };
    }),
  );
  const seconds = [...ground.moments.map(({ second }) => second), latestSecond(run)];
  for (const [place] of seconds.entries()) {
    // As it is at the end, up to now.
    for (const link of ground.moments[place]?.links ?? []) now.set(`${link[0]} ${link[1]}`, read(link));
    for (const { keys, values } of pairs) values.push(Math.max(...keys.map((key) => now.get(key) ?? 0)));
  }
  const isLink = ({ keys }: (typeof pairs)[number]) => keys.some((key) => now.has(key));
  return spread({ seconds, series: pairs.filter(isLink) });
}

/** Costs of links by the network's own view. */
export function costSeries({ views: all, windowSecs = Number.POSITIVE_INFINITY }: RunState): ChartData {
  // Hosts are asked until the run is over.
  const views = all.filter(({ second }) => second <= windowSecs);
  const labels = new Set(views.flatMap(({ links }) => links.map(({ from, to }) => `${from} → ${to}`)));
  const series = [...labels].map((label) => ({
    label,
    values: views.map(({ links }) => links.find(({ from, to }) => `${from} → ${to}` === label)?.cost),
  }));
  return spread({ seconds: views.map(({ second }) => second), series });
}

/** Of more lines than can be told apart, the least, the middle and the most at each second. */
export function spread({ seconds, series }: ChartData): ChartData {
  if (series.length <= mostLines) return { seconds, series };
  const sorted = seconds.map((_, at) =>
    series
      .map(({ values }) => values[at])
      .filter((value): value is number => typeof value === "number")
      .sort((a, b) => a - b),
  );
  const at = (label: string, ratio: number) => ({
    label,
    values: sorted.map((values) => values[Math.round((values.length - 1) * ratio)]),
  });
  return { seconds, series: [at("least", 0), at("median", 0.5), at("most", 1)] };
}

/** The same chart of two runs on one axis: the lines of the other one have its name. */
export function besideEachOther(own: ChartData, other: ChartData, name: string): ChartData {
  const seconds = [...new Set([...own.seconds, ...other.seconds])].sort((a, b) => a - b);
  const lines = ({ seconds: some, series }: ChartData, labelOf: (label: string) => string) => {
    const places = new Map(some.map((second, at) => [second, at]));
    return series.map(({ label, values }) => ({
      label: labelOf(label),
      values: seconds.map((second) => {
        const at = places.get(second);
        return at === undefined ? undefined : (values[at] ?? null);
      }),
    }));
  };
  return {
    seconds,
    isJoined: true,
    series: [...lines(own, (label) => label), ...lines(other, (label) => `${label} (${name})`)],
  };
}

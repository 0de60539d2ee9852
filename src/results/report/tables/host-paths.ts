/** Round trips between hosts, as `links --probe` measured them. */
import type { HostPath } from "../../../contracts/hosts/host-report.ts";
import { unshaped } from "../../../contracts/links/shape.ts";
import { medianOf, quantileOf } from "../../../core/numbers/quantile.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { formatAsked, formatCountOf } from "../text/figures.ts";
import { formatTable, left, right } from "../text/table.ts";
import { wrap } from "../text/wrap.ts";
import { formatSquare, mostNodes, widest } from "./links.ts";

export interface ProbedHosts {
  /** Their names, in the order that was given. */
  readonly hosts: readonly string[];
  readonly paths: readonly HostPath[];
  /** For each pair and direction. */
  readonly handshakes: number;
}

interface Spread {
  readonly minMs: number;
  readonly medianMs: number;
  /** Nearest rank. */
  readonly p90Ms: number;
}

/** undefined where no handshake succeeded. */
function spreadOf({ rttsMs }: HostPath): Spread | undefined {
  const medianMs = medianOf(rttsMs);
  if (medianMs === undefined) return undefined;
  return { minMs: Math.min(...rttsMs), medianMs, p90Ms: quantileOf(rttsMs, 0.9) };
}

/** Half of the median round trip, milliseconds. */
const delayOf = (path: HostPath | undefined) => {
  const spread = path && spreadOf(path);
  return spread && spread.medianMs / 2;
};

const describeMethod = ({ handshakes }: ProbedHosts) =>
  `${handshakes} TCP handshakes for each pair and direction, with the SSH port of the other host, from a container in the network of the host. The one-way delay is half of their median.`;

/** Pairs of which neither direction was measured: "host0 and host1". */
export function listUnmeasured({ hosts, paths }: Pick<ProbedHosts, "hosts" | "paths">): string[] {
  const isMeasured = (one: string, other: string) =>
    paths.some(({ from, to, rttsMs }) => from === one && to === other && rttsMs.length > 0);
  return hosts.flatMap((one, place) =>
    hosts
      .slice(place + 1)
      .filter((other) => !(isMeasured(one, other) || isMeasured(other, one)))
      .map((other) => `${one} and ${other}`),
  );
}

/** Delays, how they were measured, and what was not. Ends without a line break. */
export function formatHostPaths(probed: ProbedHosts): string {
  const { hosts, paths } = probed;
  const failed = paths.flatMap(({ from, to, at, why }) =>
    why === undefined ? [] : [`  ${formatForeign(`${from} → ${to} (${at}): ${why}`)}`],
  );
  const unmeasured = listUnmeasured(probed);
  const few = hosts.length <= mostNodes;
  return [
    `One-way delay in ms, ${few ? "from row to column" : "from each host"}; ${formatCountOf(hosts.length, "host")}`,
    few ? formatDelays(probed) : formatFarthest(probed),
    "",
    ...wrap(`Measured by ${describeMethod(probed)}`, widest),
    ...(failed.length === 0 ? [] : ["", "Not measured:", ...failed]),
    "",
    ...wrap(
      unmeasured.length === 0
        ? 'With --json, the document has the spread, and under "links" a links file for --links.'
        : `There is no links file, because neither direction was measured between ${unmeasured.join(", ")}. Let these hosts connect to each other's SSH port, or leave hosts out.`,
      widest,
    ),
  ].join("\n");
}

const indexPaths = (paths: readonly HostPath[]) => {
  const byEnds = new Map(paths.map((path) => [JSON.stringify([path.from, path.to]), path]));
  return (from = "", to = "") => byEnds.get(JSON.stringify([from, to]));
};

function formatDelays({ hosts, paths }: ProbedHosts): string {
  const pathOf = indexPaths(paths);
  return formatSquare({
    labels: hosts.map((name) => ({ name, detail: "" })),
    head: "",
    shapeOf: (from, to) => {
      const delayMs = delayOf(pathOf(hosts[from], hosts[to]));
      return delayMs === undefined ? undefined : { ...unshaped, delayMs };
    },
  });
}

/** A row for each host, where a square would be too wide. */
function formatFarthest({ hosts, paths }: ProbedHosts): string {
  const delays = Map.groupBy(
    paths.flatMap((path) => {
      const delayMs = delayOf(path);
      return delayMs === undefined ? [] : [{ from: path.from, to: path.to, delayMs }];
    }),
    ({ from }) => from,
  );
  const rows = hosts.map((name) => {
    const sorted = (delays.get(name) ?? []).toSorted((a, b) => a.delayMs - b.delayMs);
    return { name, nearest: sorted[0], middle: sorted[(sorted.length - 1) >> 1], farthest: sorted.at(-1) };
  });
  type Row = (typeof rows)[number];
  const delay = (key: "nearest" | "middle" | "farthest") => (row: Row) =>
    row[key] === undefined ? "-" : formatAsked(row[key].delayMs);
  const name = (key: "nearest" | "farthest") => (row: Row) => row[key]?.to ?? "-";
  return formatTable(
    [
      left<Row>("From", (row) => row.name),
      right<Row>("Smallest", delay("nearest")),
      left<Row>("to", name("nearest")),
      right<Row>("Median", delay("middle")),
      right<Row>("Largest", delay("farthest")),
      left<Row>("to", name("farthest")),
    ],
    rows,
  );
}

const inMs = (ms: number) => Number(ms.toFixed(3));

/**
 * The published form of what was measured.
 *
 * @param date ISO 8601
 * @param links a links file that is like it, if there is one
 */
export function buildHostPathsJson(probed: ProbedHosts, date: string, links: unknown) {
  return {
    schema: "baleen.host-paths/1",
    date,
    method: describeMethod(probed),
    hosts: probed.hosts,
    paths: probed.paths.map((path) => {
      const { from, to, at, why, rttsMs } = path;
      const spread = spreadOf(path);
      if (spread === undefined) return { from, to, at, why };
      return {
        ...{ from, to, at, handshakes: rttsMs.length },
        rtt_ms: { min: inMs(spread.minMs), median: inMs(spread.medianMs), p90: inMs(spread.p90Ms) },
        one_way_ms: inMs(spread.medianMs / 2),
      };
    }),
    unmeasured: listUnmeasured(probed),
    links,
  };
}

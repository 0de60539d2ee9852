import type { LinksTitle } from "../contracts/links/matrix.ts";
import type { LinkReport } from "../contracts/nodes/links.ts";
import { medianOf } from "../core/numbers/quantile.ts";
import { duration, formatQuantity } from "../core/quantity.ts";
import type { LinksFile } from "./schema/schema.ts";

/** What a run on hosts measured of the paths between them. */
export interface MeasuredHosts {
  /** Where each node of its committee ran, in the committee's order. */
  readonly hostOf: readonly string[];
  /** Just before each of its runs. */
  readonly reports: readonly LinkReport[];
}

/**
 * A links file that is like the network between some hosts: a region for each host, and half of the round trip as the
 * delay of each direction. Loss and rate were not measured, so it has none.
 *
 * @returns undefined where no round trip was measured
 */
export function linksLike({ hostOf, reports }: MeasuredHosts, title: LinksTitle): LinksFile | undefined {
  const hosts = [...new Set(hostOf)];
  const pairs = hosts.flatMap((from, place) =>
    hosts.slice(place + 1).flatMap((to) => {
      const rttMs = medianOf(roundTrips(reports, from, to));
      return rttMs === undefined ? [] : [{ from, to, delay: formatDelay(rttMs / 2) }];
    }),
  );
  if (pairs.length === 0) return undefined;
  return { ...title, regions: hosts, assign: [...hostOf], "region-pairs": pairs };
}

const formatDelay = (delayMs: number) =>
  formatQuantity(Math.max(0.001, Number(delayMs.toFixed(3))), duration);

/** In whichever direction it was measured. */
const roundTrips = (reports: readonly LinkReport[], one: string, other: string) =>
  reports.flatMap(({ pairs }) =>
    pairs
      .filter(({ from, to }) => (from === one && to === other) || (from === other && to === one))
      .flatMap(({ rttMs }) => rttMs ?? []),
  );

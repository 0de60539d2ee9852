import type { RelayReport } from "../../contracts/results/relay.ts";
import { formatForeign } from "../../core/text/foreign-text.ts";

/** What a relay came to, for people. */
export function describeRelay({ url, pointsWritten, pointsDropped, trouble }: RelayReport): string {
  const lost = pointsDropped === 0 ? "" : `, ${pointsDropped} dropped`;
  const why = trouble === undefined ? "" : ` (${formatForeign(trouble)})`;
  return `InfluxDB: ${pointsWritten} points written to ${formatForeign(url)}${lost}${why}`;
}

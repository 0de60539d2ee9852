/** What is known of a network's hosts in the reports: round trips, clocks, and connections that were lost. */
import type { ClockCertificate, LinkGap, RunLinks } from "../../../contracts/nodes/links.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { certifyClocks } from "../../../metrics/stats/clock-certificate.ts";
import { formatFigure } from "../text/figures.ts";

const seen = (values: readonly (number | undefined)[]) =>
  values.filter((value) => value !== undefined).sort((a, b) => a - b);

/** "0.21 / 0.30 / 0.44"; the median is nearest-rank, like every quantile here. */
function spread(values: readonly number[]): string | undefined {
  const [min] = values;
  const median = values[Math.ceil(values.length / 2) - 1];
  const max = values.at(-1);
  if (min === undefined || median === undefined || max === undefined) return undefined;
  return [min, median, max].map(formatFigure).join(" / ");
}

function spreadLine(name: string, measured: readonly (readonly (number | undefined)[])[]): string[] {
  const [before, after] = measured.map((values) => spread(seen(values)));
  const reported = [before && `${before} before`, after && `${after} after`].filter(Boolean);
  return reported.length === 0 ? [] : [`  ${name}: ${reported.join(", ")}`];
}

function clockLines(links: RunLinks): string[] {
  const certificates = certifyClocks(links);
  const readings = certificates.flatMap(({ host, before, after }) =>
    [before, after].flatMap((reading) => (reading === undefined ? [] : [{ host, ...reading }])),
  );
  const [furthest] = readings.sort((a, b) => Math.abs(b.offsetMs) - Math.abs(a.offsetMs));
  if (furthest === undefined) return [];
  const offset = formatFigure(Math.abs(furthest.offsetMs));
  const error = formatFigure(Math.max(...readings.map(({ errorMs }) => errorMs)));
  const once = certificates.filter(({ before, after }) => before === undefined || after === undefined);
  const onceNames = once.map(({ host }) => formatForeign(host)).join(", ");
  return [
    `  Clocks: at most ${offset} ms from the coordinator's (${formatForeign(furthest.host)}), each known to ± ${error} ms`,
    ...certificates.flatMap(stepLine),
    ...(once.length === 0 ? [] : [`  Clocks known at only one end of the run: ${onceNames}`]),
  ];
}

function stepLine({ host, before, after, stepped }: ClockCertificate): string[] {
  if (stepped !== true || before === undefined || after === undefined) return [];
  const [first, last] = [before, after].map(
    ({ offsetMs, errorMs }) => `${formatFigure(offsetMs)} ± ${formatFigure(errorMs)} ms`,
  );
  return [`  Clock of ${formatForeign(host)} was set during the run: ${first} before, ${last} after`];
}

function gapLine({ host, lostSecs, lengthSecs, reason, givenUp }: LinkGap): string {
  const at = Math.abs(lostSecs).toFixed(1);
  const place = lostSecs < 0 && at !== "0.0" ? `${at} s before the window` : `${at} s into the window`;
  const length = lengthSecs === undefined ? "" : ` for ${lengthSecs.toFixed(1)} s`;
  const unseen = givenUp ? ", and was given up" : ", and not restored within the run";
  const end = lengthSecs === undefined ? unseen : "";
  return `  SSH connection to ${formatForeign(host)} was lost${length}, ${place}${end}: ${formatForeign(reason)}`;
}

/** Lines with a heading and a blank one after them; none where the nodes have no hosts of their own. */
export function linkSection({ links, linkGaps }: RunResult): string[] {
  const reports = [links?.before, links?.after];
  const lines = [
    ...spreadLine(
      "Between hosts",
      reports.map((report) => report?.pairs.map(({ rttMs }) => rttMs) ?? []),
    ),
    ...spreadLine(
      "To the coordinator",
      reports.map((report) => report?.hosts.map(({ coordinatorRttMs }) => coordinatorRttMs) ?? []),
    ),
    ...(links === undefined ? [] : clockLines(links)),
    ...linkGaps.map(gapLine),
  ];
  return lines.length === 0 ? [] : ["HOSTS: round trips in ms, min / median / max", ...lines, ""];
}

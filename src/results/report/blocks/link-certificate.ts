/** Emulated links in the reports: what was asked, what was got, and what was changed when. */
import type { LinkCertificate, LinkRow } from "../../../contracts/results/links/link-certificate.ts";
import type { LinkChangeOutcome } from "../../../contracts/results/links/link-changes.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { formatAsked, formatCountOf, formatFigure, nothingSeen, seen } from "../text/figures.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";

const percent = (ratio: number) => formatFigure(ratio * 100);
const mbit = (bps: number) => formatFigure(bps / 1e6);

/** "25.0 | 25.1": what was asked, what was got. */
function pair(asked: number | undefined, got: number | undefined, show: (value: number) => string): string {
  return asked === undefined ? nothingSeen : `${show(asked)} | ${seen(got, show)}`;
}

const linkColumns: readonly Column<LinkRow>[] = [
  left("  Link", ({ from, to }) => `  ${formatForeign(from)} → ${formatForeign(to)}`),
  right("Delay, ms\nasked | got", ({ down, askedMs, gotMs }) =>
    down ? "down" : pair(askedMs, gotMs, formatFigure),
  ),
  right("Jitter, ms\nasked | got", ({ askedJitterMs, gotJitterMs }) =>
    pair(askedJitterMs, gotJitterMs, formatFigure),
  ),
  right("Loss, %\nasked | got", ({ askedLossRatio, gotLossRatio }) =>
    pair(askedLossRatio, gotLossRatio, percent),
  ),
  right("Payload, Mbit/s\nasked | got", ({ askedBps, gotBps }) => pair(askedBps, gotBps, mbit)),
  right("Error\n% of limit", ({ outsideRatio }) => (outsideRatio * 100).toFixed(0)),
];

/** Columns of links; those of what was asked of none are left out. */
export function linkColumnsFor(rows: readonly LinkRow[]): readonly Column<LinkRow>[] {
  const [link, delay, jitter, loss, payload, error] = linkColumns;
  const isAsked = (column: Column<LinkRow> | undefined) =>
    column !== undefined && rows.some((row) => column.cell(row) !== nothingSeen);
  return [link, delay, ...[jitter, loss, payload].filter(isAsked), error].filter(
    (column) => column !== undefined,
  );
}

function mechanismText({ mechanism, realTime }: LinkCertificate): string {
  if (realTime === undefined) return mechanism;
  return `${mechanism}, ${realTime ? "real-time priority" : "no real-time priority"}`;
}

function shownText({ links, measured, sample, rows }: LinkCertificate): string {
  const how =
    sample === "sample" ? `a sample of ${measured} of ${links} links` : formatCountOf(measured, "link");
  return rows.length < measured ? `${how}, the ${rows.length} worst shown` : how;
}

function shaperLines({ shaper }: LinkCertificate): string[] {
  if (shaper === undefined) return [];
  const { lateP99Ms, lateMaxMs, lateLimitMs, packets, lost, overflowed, cut, cpuSecs } = shaper;
  const late =
    lateP99Ms === undefined
      ? "no packets"
      : `p99 ${formatFigure(lateP99Ms)} ms late, at most ${seen(lateMaxMs, formatFigure)} ms (limit: p99 ${formatFigure(lateLimitMs)} ms)`;
  const dropped = [
    [lost, "by loss"],
    [overflowed, "by full queues"],
    [cut, "by links that were down"],
  ] as const;
  const drops = dropped.flatMap(([count, why]) => (count === 0 ? [] : [`${count} ${why}`]));
  return [
    `  Shaper: ${packets} packets, ${late}, ${formatFigure(cpuSecs)} s of CPU`,
    ...(drops.length === 0 ? [] : [`  Packets dropped: ${drops.join(", ")}`]),
  ];
}

function moveLines({ moves }: LinkCertificate): string[] {
  if (moves === undefined) return [];
  const { changes, lateP50Ms, lateP99Ms, lateMaxMs, lateLimitMs } = moves;
  const [p50, p99, most, limit] = [lateP50Ms, lateP99Ms, lateMaxMs, lateLimitMs].map(formatFigure);
  return [
    `  Moves: links changed ${changes} times, p50 ${p50} ms after the time due, p99 ${p99} ms, at most ${most} ms (limit: p99 ${limit} ms)`,
  ];
}

function echoLine({ during: { echoes, early, late } }: LinkCertificate): string[] {
  return echoes === 0
    ? []
    : [`  During the run: ${echoes} echoes, ${early} too early, ${late} too late or lost`];
}

function manualLines({ manualChanges }: LinkCertificate, { benchmarkNumber }: MeasuredRun): string[] {
  if (manualChanges === undefined) return [];
  const times = formatCountOf(manualChanges, "change");
  return [`  By hand: ${times} by a person while the run went on (timeline-${benchmarkNumber}.yaml)`];
}

const time = (head: string, of: "askedSecs" | "issuedSecs" | "effectiveSecs" | "firstCommitSecs") =>
  right<LinkChangeOutcome>(`${head}\ns`, (change) => seen(change[of], (secs) => secs.toFixed(2)));

/** A change of links, a row each. */
export const changeColumns: readonly Column<LinkChangeOutcome>[] = [
  left("  Change", ({ action, stage, isManual }) => `  ${action}${isManual ? " by hand" : ""}, ${stage}`),
  left("Of", ({ what }) => formatForeign(what)),
  right("Links\n", ({ links }) => String(links)),
  time("Asked", "askedSecs"),
  time("Issued", "issuedSecs"),
  time("Effective", "effectiveSecs"),
  time("First commit", "firstCommitSecs"),
];

/** Of more changes the first ones are shown; the run's file has all. */
const shownChanges = 20;

function timelineLines({ linkChanges, parameters }: MeasuredRun): string[] {
  if (linkChanges.length === 0) return [];
  const more = linkChanges.length - shownChanges;
  const name = parameters.timeline === undefined ? "" : ` ${formatForeign(parameters.timeline)}`;
  return [
    `TIMELINE${name}: changes of links`,
    formatTable(changeColumns, linkChanges.slice(0, shownChanges)),
    ...(more > 0 ? [`  and ${more} more changes`] : []),
    "",
  ];
}

/** Lines on the emulated links of a run and their changes, the last one empty; none where links were left as they are. */
export function emulatedLinkSection(run: MeasuredRun): string[] {
  const { linkCertificate: certificate } = run;
  if (certificate === undefined) return timelineLines(run);
  const name = certificate.name === undefined ? "" : ` ${formatForeign(certificate.name)}`;
  const { rates, failedLinks } = certificate;
  return [
    `LINKS${name}: ${mechanismText(certificate)}; ${shownText(certificate)}`,
    ...(certificate.rows.length === 0
      ? []
      : [formatTable(linkColumnsFor(certificate.rows), certificate.rows)]),
    ...(rates === undefined
      ? []
      : [`  Rates measured: ${formatAsked(rates.measured)} of ${formatAsked(rates.asked)}`]),
    ...(failedLinks === 0
      ? []
      : [`  NOT AS ASKED: ${formatCountOf(failedLinks, "link")}; the verdict says why`]),
    ...echoLine(certificate),
    ...shaperLines(certificate),
    ...moveLines(certificate),
    ...manualLines(certificate, run),
    "",
    ...timelineLines(run),
  ];
}

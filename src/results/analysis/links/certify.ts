/** The certificate of a run's links, from all their measurements. Pure: `verify` recomputes it from the run's file. */
import type {
  LinkCertificate,
  LinkFailure,
  LinkProbes,
  LinkRow,
  ProbedLinkRecord,
  ProbeFigures,
  ShaperSecond,
} from "../../../contracts/results/links/link-certificate.ts";
import { present, rounded } from "../../../core/documents/numbers.ts";
import { quantileOf } from "../../../core/numbers/quantile.ts";
import { askedOf } from "./asked.ts";
import { commonLateness, type EchoJudgement, judgeEchoes } from "./judge-echoes.ts";
import { delayOf, jitterOf, judgeProbe, type LinkError } from "./judge-probe.ts";
import { moveLateLimitMs } from "./limits.ts";

/** Links that a certificate shows: all, or of more the worst. */
const mostShown = 12;
const worstShown = 5;
const mostFailures = 20;

/** @param probes as they are published */
export function certifyLinks(probes: LinkProbes): LinkCertificate {
  const { name, mechanism, realTime, linksOfNetwork, ratedLinks, sample, links, limits } = probes;
  const judged = links.map((link) => judgeLink(link, probes));
  const errors = judged.map(({ before }) => before);
  const common = commonLateness(links);
  const echoes = links.map((link) => judgeEchoes(link, common, limits));
  const failures = [
    ...shaperFailures(probes),
    ...judged.flatMap(({ failures }) => failures),
    ...echoFailures(links, echoes),
  ];
  const failed = new Set(failures.flatMap(({ from, to }) => (from === undefined ? [] : [`${from} ${to}`])));
  const count = (of: "echoes" | "early" | "late") => echoes.reduce((sum, one) => sum + one[of], 0);
  const before = links.filter((link) => link.before !== undefined);
  return {
    name,
    mechanism,
    realTime,
    links: linksOfNetwork,
    measured: before.length,
    sample,
    ...(ratedLinks === 0
      ? {}
      : {
          rates: {
            asked: ratedLinks,
            measured: before.filter((link) => link.before?.goodputBps !== undefined).length,
          },
        }),
    worst: worstOf(links, errors),
    rows: worstRows(rowsOf(links, errors)),
    during: { echoes: count("echoes"), early: count("early"), late: count("late") },
    ...(probes.seconds.length === 0 ? {} : { shaper: shaperOf(probes) }),
    ...present({ moves: movesOf(probes), manualChanges: probes.manualChanges }),
    failures: failures.slice(0, mostFailures),
    failedLinks: failed.size,
    limits,
  };
}

/** Every link that was measured before the run, not only those that a certificate shows. */
export const listLinkRows = (probes: LinkProbes): LinkRow[] =>
  rowsOf(
    probes.links,
    probes.links.map((link) => judgeLink(link, probes).before),
  );

interface JudgedLink {
  readonly before: readonly LinkError[];
  readonly failures: readonly LinkFailure[];
}

function judgeLink(link: ProbedLinkRecord, { links, underLoad, limits }: LinkProbes): JudgedLink {
  const asked = askedOf(link);
  const judgement = { links: links.length, underLoad, limits };
  const judge = (figures: ProbeFigures | undefined) =>
    figures === undefined ? [] : judgeProbe(asked, figures, judgement);
  const [before, after] = [judge(link.before), judge(link.after)];
  const { from, to } = link;
  const failure = (when: LinkFailure["when"], errors: readonly LinkError[]): LinkFailure[] => {
    const outside = errors.filter(({ outsideRatio }) => outsideRatio > 1);
    return outside.length === 0
      ? []
      : [{ from, to, when, reason: outside.map(({ text }) => text).join(", ") }];
  };
  return { before, failures: [...failure("before", before), ...failure("after", after)] };
}

function echoFailures(links: readonly ProbedLinkRecord[], echoes: readonly EchoJudgement[]): LinkFailure[] {
  return links.flatMap(({ from, to }, index) => {
    const reason = echoes[index]?.failure;
    return reason === undefined ? [] : [{ from, to, when: "during" as const, reason }];
  });
}

/** A shaper whose failure was reported, that stood still, or did not keep up. */
function shaperFailures({ troubles, seconds, limits }: LinkProbes): LinkFailure[] {
  const during = (reason: string): LinkFailure => ({ when: "during", reason });
  const stalled = seconds.filter(({ lateMaxMs = 0 }) => lateMaxMs > limits.stallMs);
  const [worst] = stalled.toSorted((a, b) => (b.lateMaxMs ?? 0) - (a.lateMaxMs ?? 0));
  const dropped = total(seconds, "kernelDropped");
  return [
    ...troubles,
    ...(worst === undefined
      ? []
      : [
          during(
            `the shaper${onHost(worst)} stood still: packets up to ${((worst.lateMaxMs ?? 0) / 1000).toFixed(1)} s late, ${worst.atSecs.toFixed(1)} s into the window`,
          ),
        ]),
    ...(dropped === 0
      ? []
      : [during(`the kernel dropped ${dropped} packets because the shaper did not keep up`)]),
  ];
}

const onHost = ({ host }: ShaperSecond) => (host === undefined ? "" : ` on ${host}`);

type Counted = "released" | "lost" | "overflowed" | "cut" | "kernelDropped" | "cpuMs";
const total = (seconds: readonly ShaperSecond[], of: Counted) =>
  seconds.reduce((sum, second) => sum + second[of], 0);

function shaperOf({ seconds, leastDelayMs = 0, limits }: LinkProbes): LinkCertificate["shaper"] {
  const longest = seconds.flatMap(({ lateMaxMs }) => (lateMaxMs === undefined ? [] : [lateMaxMs]));
  return {
    lateP99Ms: typicalP99(seconds),
    lateMaxMs: longest.length === 0 ? undefined : Math.max(...longest),
    lateLimitMs: Math.max(limits.shaperMs, limits.shaperRatio * leastDelayMs),
    packets: total(seconds, "released"),
    lost: total(seconds, "lost"),
    overflowed: total(seconds, "overflowed"),
    cut: total(seconds, "cut"),
    kernelDropped: total(seconds, "kernelDropped"),
    cpuSecs: total(seconds, "cpuMs") / 1000,
  };
}

/** Of changes that came into force: others are failures of their own. */
function movesOf({ ground }: LinkProbes): LinkCertificate["moves"] {
  const late = (ground?.moves ?? []).flatMap(({ askedSecs, inForceSecs }) =>
    inForceSecs === undefined ? [] : [rounded((inForceSecs - askedSecs) * 1000)],
  );
  if (late.length === 0) return undefined;
  return {
    changes: ground?.moves.length ?? 0,
    lateP50Ms: quantileOf(late, 0.5),
    lateP99Ms: quantileOf(late, 0.99),
    lateMaxMs: Math.max(...late),
    lateLimitMs: moveLateLimitMs,
  };
}

/** Of the seconds' 99th percentiles the median by packets: quantiles of parts have no mean, and one second decides nothing. */
function typicalP99(seconds: readonly ShaperSecond[]): number | undefined {
  const known = seconds
    .flatMap(({ lateP99Ms, released }) => (lateP99Ms === undefined ? [] : [{ lateP99Ms, released }]))
    .sort((a, b) => a.lateP99Ms - b.lateP99Ms);
  const half = known.reduce((sum, { released }) => sum + released, 0) / 2;
  let below = 0;
  return known.find(({ released }) => {
    below += released;
    return below >= half;
  })?.lateP99Ms;
}

/** Delays below it have no error in percent. */
const leastInPercentMs = 1;

function worstOf(
  links: readonly ProbedLinkRecord[],
  judged: readonly (readonly LinkError[])[],
): LinkCertificate["worst"] {
  const errors = (of: LinkError["of"]) =>
    judged.flatMap((found) => found.flatMap((one) => (one.of === of ? [one.error] : [])));
  const relative = judged.flatMap((found, index) => {
    const link = links[index];
    const delayMs = link === undefined ? 0 : askedOf(link).delayMs;
    return found.flatMap(({ of, error }) =>
      of === "delay" && delayMs >= leastInPercentMs ? [error / delayMs] : [],
    );
  });
  return {
    delayMs: furthest(errors("delay")),
    delayRatio: furthest(relative),
    jitterRatio: furthest(errors("jitter")),
    lossRatio: furthest(errors("loss")),
    goodputRatio: furthest(errors("goodput")),
  };
}

const furthest = (values: readonly number[]) => values.toSorted((a, b) => Math.abs(b) - Math.abs(a))[0];

function rowsOf(links: readonly ProbedLinkRecord[], judged: readonly (readonly LinkError[])[]): LinkRow[] {
  return links.flatMap((link, index) =>
    link.before === undefined ? [] : [rowOf(link, link.before, judged[index] ?? [])],
  );
}

function worstRows(rows: readonly LinkRow[]): LinkCertificate["rows"] {
  const shown = rows.length <= mostShown ? rows.length : worstShown;
  return rows.toSorted((a, b) => b.outsideRatio - a.outsideRatio).slice(0, shown);
}

function rowOf(link: ProbedLinkRecord, got: ProbeFigures, errors: readonly LinkError[]): LinkRow {
  const asked = askedOf(link);
  const { sent, received } = got;
  return {
    from: link.from,
    to: link.to,
    way: link.way,
    // Without the path that a delay of 0 leaves as it is.
    askedMs: askedOf({ ...link, bareMs: 0 }).delayMs,
    gotMs: delayOf(asked, got),
    ...(asked.jitterMs === 0 ? {} : { askedJitterMs: asked.jitterMs, gotJitterMs: jitterOf(asked, got) }),
    ...(asked.down || (asked.lossRatio === 0 && received >= sent)
      ? {}
      : { askedLossRatio: asked.lossRatio, gotLossRatio: Math.max(0, sent - received) / Math.max(1, sent) }),
    ...(asked.goodputBps === undefined ? {} : { askedBps: asked.goodputBps, gotBps: got.goodputBps }),
    down: asked.down,
    outsideRatio: Math.max(0, ...errors.map(({ outsideRatio }) => outsideRatio)),
  };
}

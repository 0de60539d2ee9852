/** Whether what probes saw of a link is what was asked of it. Pure. */
import type { LinkLimits, ProbeFigures } from "../../../contracts/results/links/link-certificate.ts";
import { wilsonInterval } from "../../../metrics/stats/wilson.ts";
import type { AskedLink } from "./asked.ts";
import { leastJudgedJitterMs } from "./limits.ts";

export interface LinkError {
  readonly of: "delay" | "jitter" | "loss" | "goodput" | "down";
  /** Got minus asked: milliseconds; a ratio of loss; a share of the goodput, or of the jitter. */
  readonly error: number;
  /** Error over tolerance: above 1 it is outside. */
  readonly outsideRatio: number;
  readonly text: string;
}

export interface ProbeJudgement {
  /** Links that are judged together: the more there are, the surer each must be outside. */
  readonly links: number;
  /** Whether nodes sent their load beside the probes: where there is a rate, these wait, and fill its queue. */
  readonly underLoad: boolean;
  readonly limits: LinkLimits;
}

export function judgeProbe(asked: AskedLink, figures: ProbeFigures, judgement: ProbeJudgement): LinkError[] {
  if (asked.down) return [downError(figures)];
  return [
    delayError(asked, figures, judgement),
    jitterError(asked, figures, judgement),
    lossError(asked, figures, judgement),
    goodputError(asked, figures, judgement),
  ].filter((error) => error !== undefined);
}

function downError({ sent, received }: ProbeFigures): LinkError {
  const outsideRatio = received > 0 ? 2 : 0;
  return {
    of: "down",
    error: received,
    outsideRatio,
    text: `${received} of ${sent} packets arrived although it is down`,
  };
}

/** Standard error of what is taken for the delay, in standard deviations of one of n packets, times √n. */
const errorFactors = { normal: 1.2533, uniform: 1.7321, pareto: 1 } as const;
/** Standard errors that chance may add. */
const chance = 4;

/** The median; of pareto, whose median lies below what is asked for, the mean. */
export const delayOf = ({ distribution }: AskedLink, { p50Ms, meanMs }: ProbeFigures) =>
  distribution === "pareto" ? meanMs : p50Ms;

function delayError(
  asked: AskedLink,
  figures: ProbeFigures,
  { limits, underLoad }: ProbeJudgement,
): LinkError | undefined {
  const got = delayOf(asked, figures);
  if (got === undefined) return undefined;
  const { delayMs, jitterMs, distribution = "normal", serialMs } = asked;
  const sampling = (chance * errorFactors[distribution] * jitterMs) / Math.sqrt(figures.received);
  const error = got - delayMs;
  const waitMs = underLoad && error > 0 ? asked.queueMs : 0;
  const tolerance = Math.max(limits.delayMs, limits.delayRatio * delayMs) + serialMs + sampling + waitMs;
  const text = `delay ${ms(got)}, asked ${ms(delayMs)} ± ${ms(tolerance)}`;
  return { of: "delay", error, outsideRatio: Math.abs(error) / tolerance, text };
}

/** Half of the distance from the 16th to the 84th percentile, in standard deviations. */
const spreads = { normal: 1, uniform: 1.1825 } as const;
/** Fewer packets say too little of a spread. */
const leastForSpread = 1_000;

/** By the middle of the distribution: a few packets that the machine held up do not count. */
export const jitterOf = ({ distribution }: AskedLink, { spreadMs }: ProbeFigures) =>
  spreadMs === undefined ? undefined : spreadMs / (distribution === "uniform" ? spreads.uniform : 1);

function jitterError(
  asked: AskedLink,
  figures: ProbeFigures,
  { limits, underLoad }: ProbeJudgement,
): LinkError | undefined {
  const { jitterMs, delayMs, distribution, queueMs } = asked;
  const got = jitterOf(asked, figures);
  // Below 0 a delay is cut off; and of pareto, a few far ones make the deviation.
  const isWhole = distribution !== "pareto" && delayMs >= 3 * jitterMs && !(underLoad && queueMs > 0);
  const isJudged = isWhole && jitterMs >= leastJudgedJitterMs && figures.sent >= leastForSpread;
  if (got === undefined || !isJudged) return undefined;
  const error = got / jitterMs - 1;
  const text = `jitter ${ms(got)}, asked ${ms(jitterMs)} ± ${percent(limits.jitterRatio)}`;
  return { of: "jitter", error, outsideRatio: Math.abs(error) / limits.jitterRatio, text };
}

/** Chance that a link of all that are judged together is outside although it is as asked. */
const falseAlarm = 0.01;

function lossError(
  { lossRatio, lossInflation, queueMs }: AskedLink,
  { sent, received }: ProbeFigures,
  { links, limits, underLoad }: ProbeJudgement,
): LinkError | undefined {
  if (sent === 0) return undefined;
  const got = Math.max(0, sent - received) / sent;
  const tolerance = Math.max(limits.lossRatio, limits.lossShareRatio * lossRatio);
  const { low, high } = wilsonInterval(got, sent / lossInflation, 1 - falseAlarm / Math.max(1, links));
  const error = got - lossRatio;
  // How far the interval's near end lies from what was asked for.
  // The nodes' packets fill the queue of a rate, but some others always pass.
  const above = underLoad && queueMs > 0 && received > 0 ? 0 : Math.max(0, low - lossRatio);
  const nearest = error > 0 ? above : Math.max(0, lossRatio - high);
  const text = `loss ${percent(got)} of ${sent}, asked ${percent(lossRatio)} ± ${percent(tolerance)}`;
  return { of: "loss", error, outsideRatio: nearest / tolerance, text };
}

function goodputError(
  { goodputBps, fillsRate }: AskedLink,
  figures: ProbeFigures,
  { limits, underLoad }: ProbeJudgement,
): LinkError | undefined {
  const got = figures.goodputBps;
  if (goodputBps === undefined || got === undefined) return undefined;
  const error = got / goodputBps - 1;
  const outside = fillsRate && !underLoad ? Math.abs(error) : Math.max(0, error);
  const text = `goodput ${mbit(got)}, asked ${mbit(goodputBps)} ± ${percent(limits.goodputRatio)}`;
  return { of: "goodput", error, outsideRatio: outside / limits.goodputRatio, text };
}

const ms = (value: number) => `${value.toFixed(1)} ms`;
const percent = (ratio: number) => `${(ratio * 100).toFixed(1)} %`;
const mbit = (bps: number) => `${(bps / 1e6).toFixed(2)} Mbit/s`;

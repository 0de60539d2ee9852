/** Whether what nodes counted of their own load can be believed, as far as it can be held against anything. Pure. */
import type { NativeResult } from "../../../contracts/results/native/native.ts";
import type { Verdict } from "../../../contracts/results/verdict.ts";
import { peerDeliveriesOf } from "../../../metrics/stats/run-metrics.ts";
import { flowInvalidities, flowUnderload } from "./flows-verdict.ts";
import { linkReasons, shaperLimits } from "./link-reasons.ts";
import { messageInvalidities, messageUnderload } from "./messages-verdict.ts";
import { busyReasons, routineInvalidities, routineUnderload } from "./routines-verdict.ts";
import { faultReasons, impurities } from "./verdict.ts";

/** Share of the window that must lie between the two looks at each node. */
const leastCoverRatio = 0.9;

/** Where answers took longer than this share of the window, nobody knows of which window they told. */
const mostAnswerRatio = 0.05;

/** More than was asked for is another load, by this much. */
const mostOfAskedRatio = 1.05;

export function judgeNative(run: Omit<NativeResult, "verdict">): Verdict {
  const broken = invalidities(run);
  const late = shaperLimits(run).map(({ reason }) => sentence(reason));
  const little = underload(run);
  const busy = busyReasons(run);
  const reasons = [...broken, ...busy, ...little, ...late];
  if (broken.length > 0) return { status: "invalid", reasons };
  if (reasons.length === 0) return { status: "valid", reasons };
  // A busy machine explains what the nodes did not send.
  const limitedBy = busy.length > 0 ? "machine" : little.length > 0 ? "generator" : "shaper";
  return { status: "generator-limited", limitedBy, reasons };
}

function underload(run: Omit<NativeResult, "verdict">): string[] {
  const { messages, routines, flows } = run.figures;
  if (messages !== undefined) return messageUnderload(run);
  if (flows !== undefined) return flowUnderload(run);
  return routines === undefined ? underloadReasons(run) : routineUnderload(run);
}

function invalidities(run: Omit<NativeResult, "verdict">): string[] {
  const { parameters, figures, nodes, environment, faults } = run;
  return [
    ...nodes.filter(({ exitedUnasked }) => exitedUnasked).map(({ name }) => `${name} ended unexpectedly.`),
    ...(peerDeliveriesOf(figures) === undefined
      ? countReasons(run)
      : [...messageInvalidities(run), ...routineInvalidities(run), ...flowInvalidities(run)]),
    ...faultReasons(faults).map((reason) => `${reason}.`),
    ...linkReasons(run).map(sentence),
    ...impurities({ environment, windowSecs: parameters.durationSecs }).map(sentence),
  ];
}

/** Of what nodes counted. */
function countReasons({ parameters, figures, nodes }: Omit<NativeResult, "verdict">): string[] {
  return [
    ...lookReasons(nodes, figures.nodes, parameters.durationSecs),
    ...(figures.latencyRefused === undefined ? [] : [`There is no latency: ${figures.latencyRefused}.`]),
    ...figures.notShown.map((name) => `Not every node showed ${name}, which the description names.`),
    ...(figures.committed === 0 ? ["Nothing was committed in the window."] : []),
    ...overloadReasons(figures, parameters),
  ];
}

function lookReasons(
  nodes: NativeResult["nodes"],
  seen: NativeResult["figures"]["nodes"],
  windowSecs: number,
): string[] {
  return nodes.flatMap(({ name }) => {
    const found = seen.find((node) => node.name === name);
    if (found === undefined) return [`${name} did not report its commits at least twice in the window.`];
    const { resets, answerSecs } = found;
    const coverRatio = (found.toSecs - found.fromSecs) / windowSecs;
    const answerRatio = answerSecs / windowSecs;
    const reasons: string[] = [];
    if (resets > 0) reasons.push(`Counters of ${name} were reset ${resets} times: earlier counts are lost.`);
    if (answerRatio > mostAnswerRatio) {
      const share = `${percent(answerRatio)} of the window (limit: at most ${percent(mostAnswerRatio)})`;
      reasons.push(
        `${name} took ${answerSecs.toFixed(3)} s to report its counts, ${share}. Use a longer window.`,
      );
    }
    if (coverRatio < leastCoverRatio) {
      const limit = `limit: at least ${percent(leastCoverRatio)}`;
      reasons.push(`${name} was seen over only ${percent(coverRatio)} of the window (${limit}).`);
    }
    return reasons;
  });
}

function overloadReasons(figures: NativeResult["figures"], parameters: NativeResult["parameters"]): string[] {
  const ratio = (figures.submittedTps ?? 0) / parameters.loadTps;
  if (ratio - edgeRatio(figures, parameters) <= mostOfAskedRatio) return [];
  return [submittedText(ratio, `at most ${percent(mostOfAskedRatio)}`)];
}

function underloadReasons({ figures, parameters }: Pick<NativeResult, "figures" | "parameters">): string[] {
  const { submittedTps = parameters.loadTps } = figures;
  const ratio = submittedTps / parameters.loadTps;
  if (ratio + edgeRatio(figures, parameters) >= parameters.achievedRatio) return [];
  return [submittedText(ratio, `at least ${percent(parameters.achievedRatio)}`)];
}

const submittedText = (ratio: number, limit: string) =>
  `The nodes submitted ${percent(ratio)} of the load that they were configured for (limit: ${limit}).`;

/**
 * What the edges may make of a rate, as a share of the load: each node's count is whole, so that it may be one off, and
 * it is of some moment while the node answered.
 */
function edgeRatio(
  { nodes }: NativeResult["figures"],
  { nodes: committee, loadTps, durationSecs }: NativeResult["parameters"],
): number {
  const answerSecs = Math.max(0, ...nodes.map((node) => node.answerSecs));
  return committee / (loadTps * durationSecs) + answerSecs / durationSecs;
}

/** Of a clause. */
const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const percent = (ratio: number) => `${(ratio * 100).toFixed(1)} %`;

/** The parts below the source document's own lines that every report of a run shares. Each is an array of lines. */
import {
  type LatencyKind,
  type LatencySummary,
  type Ledger,
  latencyKinds,
  type ReplyFate,
} from "../../../contracts/results/latency.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { ledgerImbalance, replyFates, sentTotal } from "../../../metrics/stats/ledger.ts";
import { formatAsked, formatQuantile } from "../text/figures.ts";
import { closedLoopLine } from "../text/load.ts";
import { closedLoopNote, generatorSection, observerSection, polledSection } from "./generator.ts";
import { blockAgeSection, safetySection } from "./safety.ts";

/** Line above and below a block. */
export const blockRule = "=".repeat(60);

/** What each headline latency spans. */
export const latencySpans: Readonly<Record<RunResult["latencyKind"], string>> = {
  commit: "due to commit seen",
  response: "due to reply",
};

/** What the reports call each latency; the parts of one are indented. */
export const latencyNames: Readonly<Record<LatencyKind, string>> = {
  commit: "commit",
  commitService: "commit service",
  response: "response",
  responseAccepted: "  accepted",
  responseRefused: "  refused",
  submit: "submit",
  submitAccepted: "  accepted",
  submitRefused: "  refused",
};

const fateNames: Readonly<Record<ReplyFate, string>> = {
  acknowledged: "Acknowledged",
  rejected: "Rejected",
  timedOut: "Timed out",
  connectionFailed: "Connection failed",
};

/** Rejections are shown up to this many reasons; the run's file holds all of them. */
const shownReasons = 5;

const unobservedLine =
  "  Commits could not be observed: throughput, success and latency are those of acknowledgements.";

/** One line where commits could not be observed, or not as they came; else none. */
export function unobservedSection(result: RunResult): string[] {
  return result.latencyKind === "commit" ? polledSection(result) : [unobservedLine];
}

function latencyRow(name: string, summary: LatencySummary): string {
  const { p50, p90, p95, p99, p999, maxMs } = summary;
  // The largest is measured: it says nothing of those not seen, so it never carries a "≥".
  const max = maxMs === undefined ? undefined : { ms: maxMs, atLeast: false };
  const cells = [p50, p90, p95, p99, p999, max].map((value) => formatQuantile(value).padStart(9));
  return `  ${name.padEnd(16)}${cells.join("")}`;
}

/** Percentiles of all latencies and of the lateness of sends, with how many were not seen. */
function latencySection(result: RunResult): string[] {
  const heads = ["p50", "p90", "p95", "p99", "p99.9", "max"].map((head) => head.padStart(9)).join("");
  const rows = latencyKinds.flatMap((kind) => {
    const summary = result.latency[kind];
    return summary === undefined ? [] : [latencyRow(latencyNames[kind], summary)];
  });
  const censored = result.latency[result.latencyKind]?.censored ?? 0;
  const end = result.latencyKind === "commit" ? "commit" : "reply";
  return [
    `LATENCY: ${result.latencyKind} (${latencySpans[result.latencyKind]})`,
    `  ${"ms".padEnd(16)}${heads}`,
    ...rows,
    latencyRow("send lateness", result.lateness),
    ...(censored > 0 ? [`  No ${end} seen of ${censored}: "≥" is a lower bound that counts them.`] : []),
    ...closedLoopLine(result),
    ...closedLoopNote(result),
  ];
}

function fateLines(ledger: Ledger, observed: boolean): string[] {
  return replyFates.flatMap((fate) => {
    const { committed, notSeen } = ledger.sent[fate];
    const name = fateNames[fate];
    if (!observed) return notSeen > 0 || fate === "acknowledged" ? [`  ${name}: ${notSeen}`] : [];
    const lines = committed > 0 || fate === "acknowledged" ? [`  ${name}, committed: ${committed}`] : [];
    return notSeen > 0 ? [...lines, `  ${name}, commit not seen: ${notSeen}`] : lines;
  });
}

function rejectionLines({ rejections }: RunResult): string[] {
  const shown = rejections.slice(0, shownReasons);
  const more = rejections.length - shown.length;
  return [
    ...shown.map(({ reason, count }) => `    ${count} × ${formatForeign(reason)}`),
    ...(more > 0 ? [`    and ${more} more reasons`] : []),
  ];
}

/** Where every transaction due in the window ended: the main cells, and all others that are not zero. */
function ledgerSection(result: RunResult): string[] {
  const { ledger } = result;
  const counts: readonly (readonly [string, number])[] = [
    ["Unsent, dropped past the queue", ledger.unsent.dropped],
    ["Unsent, cut by the end of the run", ledger.unsent.cut],
    ["Sent to another node by failover", result.redirected],
    ["Late sends", ledger.lateSends],
    ["Duplicate commits", ledger.duplicateCommits],
    ["Commits of unknown transactions", ledger.unknownCommits],
    ["Commits seen after their transactions had expired", ledger.forgottenCommits],
  ];
  const fates = fateLines(ledger, result.latencyKind === "commit");
  const imbalance = ledgerImbalance(ledger);
  return [
    imbalance === undefined ? "LEDGER:" : `LEDGER: DOES NOT BALANCE: ${imbalance}`,
    `  Scheduled: ${ledger.scheduled}`,
    `  Sent: ${sentTotal(ledger)}`,
    ...fates,
    ...(result.rejections.length > 0 ? ["  Rejected for:", ...rejectionLines(result)] : []),
    ...counts.filter(([, count]) => count > 0).map(([name, count]) => `  ${name}: ${count}`),
  ];
}

const verdictWords = {
  valid: "valid",
  invalid: "INVALID: do not trust these numbers",
  // Of earlier versions, which did not say by what.
  "generator-limited": "GENERATOR-LIMITED: the load generator, not the network, may have set these numbers",
} as const;

/** What to do comes first. */
const limitedWords = {
  machine:
    "GENERATOR-LIMITED by the machine: stop the other programs on it, run longer, or use a quieter machine",
  generator:
    "GENERATOR-LIMITED by the load generator: run longer, lower the load, or try another --transport",
  shaper: "GENERATOR-LIMITED by the link shaper: lower the load, use fewer nodes, or use a quieter machine",
} as const;

/** The verdict in words, with what to do first: "valid". */
export const verdictText = ({ limitedBy, status }: RunResult["verdict"]): string =>
  limitedBy === undefined ? verdictWords[status] : limitedWords[limitedBy];

/** What every block begins with: the verdict, why, and the limits that it was judged by; the last line is empty. */
export function verdictSection({ verdict, parameters, observer }: RunResult): string[] {
  const { latenessFloorMs, latenessRatio, achievedRatio } = parameters.limits;
  return [
    `VERDICT: ${verdictText(verdict)}`,
    ...verdict.reasons.map((reason) => `  - ${formatForeign(reason)}`),
    `  Limits: send lateness ${observer === undefined ? "" : "and commit observer's delay "}p99 ≤ max(${formatAsked(latenessFloorMs)} ms, ${formatAsked(latenessRatio * 100)}% of p50), sent ≥ ${formatAsked(achievedRatio * 100)}%`,
    "",
  ];
}

/** What every block ends with: latencies, blocks, ledger, safety, generator. */
export function closingSections(result: RunResult): string[] {
  return [
    ...latencySection(result),
    "",
    ...blockAgeSection(result),
    ...ledgerSection(result),
    "",
    ...safetySection(result),
    ...generatorSection(result),
    ...observerSection(result),
    blockRule,
  ];
}

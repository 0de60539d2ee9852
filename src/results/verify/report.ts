/** What came of verifying a bundle, for people and for programs. */
import { formatForeign } from "../../core/text/foreign-text.ts";
import type { Verification } from "./verify-bundle.ts";

/** Differences that the text shows; all are in the document. */
const shownDifferences = 20;

/** What nobody can compute again: one told it once, and only its form and its hash are checked. */
const reportedOnce = [
  "what nodes and hosts report about themselves: CPU time, memory, open files, threads, heights, blocks and their ages, links, metrics, environment.json, logs",
  "what only the load generator saw: duplicate and unknown commits, lost observers, standstills, the in-flight cap, redirected transactions, times of faults and changes of links, probes of links",
  "the measurements of a baseline, which is a separate bundle",
  "wall times, and the position of a single latency in its histogram bucket",
] as const;

const limits =
  "This finds mistakes and edits. It does not prove who wrote a bundle: it cannot detect one that was forged as a whole, including hashes.";

export function buildVerificationJson(verification: Verification) {
  return {
    schema: "baleen.verification/1",
    bundle: verification.folder,
    agrees: verification.differences.length === 0,
    runs: verification.runs,
    checks: verification.checks,
    differences: verification.differences,
    hash_and_form_alone: reportedOnce,
    limits,
  };
}

const plural = (count: number, noun: string) =>
  `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;

/** Ends without a line break. */
export function formatVerification(verification: Verification): string {
  const { folder, runs, checks, differences } = verification;
  const widest = Math.max(...checks.map(({ title }) => title.length));
  const compared = checks.reduce((sum, check) => sum + check.compared, 0);
  return [
    `VERIFY ${formatForeign(folder)}`,
    "",
    ...checks.map(
      (check) =>
        `  ${check.title.padEnd(widest)}  ${String(check.compared).padStart(7)} compared  ${outcomeOf(check)}`,
    ),
    "",
    ...differenceLines(verification),
    differences.length === 0
      ? `AGREES: ${plural(compared, "comparison")} over ${plural(runs, "run")}; every number that follows from others does.`
      : `DIFFERS: ${plural(differences.length, "difference")} in ${plural(compared, "comparison")} over ${plural(runs, "run")}.`,
    "",
    "Checked by hash and format only, because nothing else in the bundle determines it:",
    ...reportedOnce.map((text) => `  - ${text}`),
    limits,
  ].join("\n");
}

function outcomeOf({ differences }: Verification["checks"][number]): string {
  return differences === 0 ? "agree" : `${differences} DIFFER`;
}

function differenceLines({ differences }: Verification): string[] {
  const [first, ...others] = differences;
  if (first === undefined) return [];
  const more = others.slice(0, shownDifferences - 1);
  return [
    "FIRST DIFFERENCE:",
    `  file:     ${formatForeign(first.file)}`,
    `  key:      ${formatForeign(first.key)}`,
    `  it says:  ${formatForeign(first.says)}`,
    `  follows:  ${formatForeign(first.follows)}`,
    ...(more.length > 0 ? ["OTHERS:"] : []),
    ...more.map(
      ({ file, key, says, follows }) => `  ${formatForeign(`${file}, ${key}: ${says}, follows: ${follows}`)}`,
    ),
    ...(others.length > more.length ? [`  and ${others.length - more.length} more (--json shows all)`] : []),
    "",
  ];
}

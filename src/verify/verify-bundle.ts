import { BundleReadError } from "../bundle/read-error.ts";
import type { ProtocolLimits } from "../config/check.ts";
import { describeError } from "../core/errors.ts";
import { checkEvents } from "./check-events.ts";
import { checkFiles, checkManifest } from "./check-files.ts";
import { checkLatencies } from "./check-latencies.ts";
import { checkLedgers } from "./check-ledger.ts";
import { checkSeconds } from "./check-seconds.ts";
import { checkParametersOfRuns, checkSummary } from "./check-sweep.ts";
import { checkVerdicts } from "./check-verdict.ts";
import { type Contents, readContents, readFiles } from "./contents.ts";
import { type Difference, Findings } from "./findings.ts";

/** What one check compared. */
export interface CheckOutcome {
  readonly title: string;
  readonly compared: number;
  /** How many of them differ. */
  readonly differences: number;
}

/** What came of verifying one bundle. */
export interface Verification {
  /** Absolute path. */
  readonly folder: string;
  readonly runs: number;
  readonly checks: readonly CheckOutcome[];
  /** In the order of the checks; none: everything that can be computed again agrees. */
  readonly differences: readonly Difference[];
}

/** A check of what was read, each of one matter. Those of later parts of a run join here. */
const checks: readonly (readonly [title: string, check: (contents: Contents, findings: Findings) => void])[] =
  [
    ["latencies, from their histograms", checkLatencies],
    ["totals, ratios and ledgers", checkLedgers],
    ["seconds: their sums, histograms and events", checkSeconds],
    ["verdicts, judged again", checkVerdicts],
    ["parameters of the runs", checkParametersOfRuns],
    ["summary.json and summary.txt, made again", checkSummary],
    ["events", checkEvents],
    ["files that belong together", checkFiles],
  ];

/** One bundle, and what was read of it. */
export interface VerifiedBundle {
  readonly verification: Verification;
  readonly contents: Contents;
}

/**
 * Verifies the bundle of one sweep.
 *
 * @param folder absolute path
 * @throws BundleReadError where it cannot be read
 */
export async function verifyOne(folder: string, protocol: ProtocolLimits): Promise<VerifiedBundle> {
  const files = await readFiles(folder).catch((error: unknown) => {
    throw new BundleReadError({ path: folder, reason: `${describeError(error)}.` }, { cause: error });
  });
  const findings = new Findings();
  const outcomes: CheckOutcome[] = [];
  const measure = async <T>(title: string, work: () => T | Promise<T>): Promise<T> => {
    const [compared, differing] = [findings.compared, findings.differences.length];
    const result = await work();
    outcomes.push({
      title,
      compared: findings.compared - compared,
      differences: findings.differences.length - differing,
    });
    return result;
  };
  await measure("manifest: every file, its size and hash", () => checkManifest(folder, files, findings));
  const contents = await measure("form of every file", () => readContents(files, protocol, findings));
  for (const [title, check] of checks) await measure(title, () => check(contents, findings));
  const { differences } = findings;
  return { verification: { folder, runs: contents.runs.length, checks: outcomes, differences }, contents };
}

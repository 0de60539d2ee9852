import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { manifestName } from "../bundle/manifest.ts";
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

/**
 * Computes again everything in a bundle that follows from something else in it, and compares. It finds mistakes and
 * edits; whoever makes up a whole bundle with care is not found out.
 *
 * @throws BundleReadError where there is no bundle whose sweep came to an end
 */
export async function verifyBundle(path: string, protocol: ProtocolLimits): Promise<Verification> {
  const folder = resolve(path);
  await expectBundle(folder);
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
  return { folder, runs: contents.runs.length, checks: outcomes, differences: findings.differences };
}

async function expectBundle(folder: string): Promise<void> {
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    throw new BundleReadError({ path: folder, reason: `${describeError(error)}.` }, { cause: error });
  }
  if (names.includes(manifestName)) return;
  const reason = names.includes("parameters.json")
    ? "manifest.json is not there: its sweep was killed, or goes on. Continue a killed one with: benchmark --resume"
    : "it is no bundle: manifest.json is not there.";
  throw new BundleReadError({
    path: folder,
    reason: names.includes("parameters.json") ? `${reason} ${join(folder)}` : reason,
  });
}

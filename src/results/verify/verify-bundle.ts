import { describeError } from "../../core/errors.ts";
import { inForm } from "../bundle/reader.ts";
import { unreadable } from "../schema/read-error.ts";
import { checkClients, checkObservers } from "./checks/clients.ts";
import { checkEnvironment } from "./checks/environment.ts";
import { checkEvents, checkFaults } from "./checks/events.ts";
import { checkFiles, checkManifest } from "./checks/files.ts";
import { checkLatencies } from "./checks/latencies.ts";
import { checkLedgers, checkPhases } from "./checks/ledger.ts";
import { checkNativeFigures } from "./checks/native.ts";
import { checkNodeMetrics } from "./checks/node-metrics.ts";
import { checkSeconds } from "./checks/seconds.ts";
import { checkParameters, checkSummary } from "./checks/sweep.ts";
import { checkNativeVerdicts, checkVerdicts } from "./checks/verdict.ts";
import { type Contents, readContents } from "./contents/contents.ts";
import { type Files, readFiles } from "./contents/files.ts";
import { type Difference, Findings } from "./contents/findings.ts";
import type { OpenLimits } from "./contents/parameters.ts";

export interface CheckOutcome {
  readonly title: string;
  readonly compared: number;
  /** How many of them differ. */
  readonly differences: number;
}

export interface Verification {
  /** Absolute path. */
  readonly folder: string;
  readonly runs: number;
  readonly checks: readonly CheckOutcome[];
  /** In the order of the checks; none: everything that can be computed again agrees. */
  readonly differences: readonly Difference[];
}

type Checks = readonly (readonly [title: string, check: (contents: Contents, findings: Findings) => void])[];

/** Of loads that clients made. Those of later parts of a run join here. */
const checks: Checks = [
  ["latencies, from their histograms", checkLatencies],
  ["totals, ratios and ledgers", checkLedgers],
  ["clients and what they saw of themselves", checkClients],
  ["commit observers, beside what they saw", checkObservers],
  ["seconds: their sums, histograms and events", checkSeconds],
  ["machines, from their seconds", checkEnvironment],
  ["metrics of the nodes", checkNodeMetrics],
  ["verdicts, judged again", checkVerdicts],
  ["crash faults, from their events", checkFaults],
  ["parameters of the runs", checkParameters],
  ["phases of the load", checkPhases],
  ["summary.json and summary.txt, made again", checkSummary],
  ["events", checkEvents],
  ["files that belong together", checkFiles],
];

/** Of loads that the nodes made. */
const nativeChecks: Checks = [
  ["throughput and latency, from what the nodes showed", checkNativeFigures],
  ["machines, from their seconds", checkEnvironment],
  ["metrics of the nodes", checkNodeMetrics],
  ["verdicts, judged again", checkNativeVerdicts],
  ["parameters of the runs", checkParameters],
  ["summary.json and summary.txt, made again", checkSummary],
  ["events", checkEvents],
  ["files that belong together", checkFiles],
];

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
export async function verifyOne(folder: string, openLimits: OpenLimits): Promise<VerifiedBundle> {
  const files = await readFiles(folder).catch((error: unknown) => {
    throw unreadable(folder, error);
  });
  const listed = new Findings();
  await checkManifest(folder, files, listed);
  const manifest = { title: "manifest: every file, its size and hash", ...countsOf(listed) };
  const { contents, checks: others, differences } = inForm(folder, () => verifyFiles(files, openLimits));
  const verification = {
    folder,
    runs: contents.measured.length,
    checks: [manifest, ...others],
    differences: [...listed.differences, ...differences],
  };
  return { verification, contents };
}

/** All that needs no manifest: what the files of a bundle say of each other. Pure. @param files by path, logs aside */
export function verifyFiles(
  files: Files,
  openLimits: OpenLimits,
): Pick<Verification, "checks" | "differences"> & { readonly contents: Contents } {
  const forms = new Findings();
  const contents = readContents(files, openLimits, forms);
  const done = (contents.parameters?.protocol.native === true ? nativeChecks : checks).map(
    ([title, check]) => {
      const findings = new Findings();
      try {
        check(contents, findings);
      } catch (error) {
        // What is wrong was told with the file's form; what follows from it cannot be computed.
        findings.in("the bundle").add(title, describeError(error), "values that can be computed with");
      }
      return { title, findings };
    },
  );
  const all = [{ title: "form of every file", findings: forms }, ...done];
  return {
    contents,
    checks: all.map(({ title, findings }) => ({ title, ...countsOf(findings) })),
    differences: all.flatMap(({ findings }) => findings.differences),
  };
}

function countsOf({ compared, differences }: Findings): Omit<CheckOutcome, "title"> {
  return { compared, differences: differences.length };
}

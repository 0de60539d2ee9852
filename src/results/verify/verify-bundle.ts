import { describeError } from "../../core/errors.ts";
import { inForm } from "../bundle/document.ts";
import { BundleReadError, unreadable } from "../schema/read-error.ts";
import { checkClients, checkObservers } from "./checks/clients.ts";
import { checkEnvironment } from "./checks/environment.ts";
import { checkEvents, checkFaults } from "./checks/events.ts";
import { checkFiles, checkManifest } from "./checks/files.ts";
import { checkGrowth } from "./checks/growth.ts";
import { checkLatencies } from "./checks/latencies.ts";
import { checkLedgers, checkPhases } from "./checks/ledger.ts";
import { checkLinks } from "./checks/links.ts";
import { checkNativeFigures } from "./checks/native.ts";
import { checkNodeMetrics } from "./checks/node-metrics.ts";
import { checkSeconds } from "./checks/seconds.ts";
import { checkParameters, checkSummary } from "./checks/sweep.ts";
import { checkVerdicts } from "./checks/verdict.ts";
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

type Check = (contents: Contents, findings: Findings) => void;

/** Whoever made the load decides which of them there are: clients, nodes, or either. */
const checks: readonly (readonly [title: string, check: Check, ofLoadBy?: "clients" | "nodes"])[] = [
  ["throughput and latency, from what the nodes reported", checkNativeFigures, "nodes"],
  ["latencies, from their histograms", checkLatencies, "clients"],
  ["totals, ratios and ledgers", checkLedgers, "clients"],
  ["clients and their own measurements", checkClients, "clients"],
  ["commit observers, with what they observed", checkObservers, "clients"],
  ["seconds: their sums, histograms and events", checkSeconds, "clients"],
  ["machines, from their seconds", checkEnvironment],
  ["memory of the nodes, from their seconds", checkGrowth],
  ["metrics of the nodes", checkNodeMetrics],
  ["emulated links, from their probes", checkLinks],
  ["verdicts, recomputed", checkVerdicts],
  ["faults and changes of links, from their events", checkFaults, "clients"],
  ["parameters of the runs", checkParameters],
  ["phases of the load", checkPhases, "clients"],
  ["summary.json and summary.txt, recreated", checkSummary],
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
    throw error instanceof BundleReadError ? error : unreadable(folder, error);
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
  const maker = contents.parameters?.protocol.native === true ? "nodes" : "clients";
  const own = checks.filter(([, , ofLoadBy = maker]) => ofLoadBy === maker);
  const done = own.map(([title, check]) => {
    const findings = new Findings();
    try {
      check(contents, findings);
    } catch (error) {
      // What is wrong was told with the file's form; what follows from it cannot be computed.
      findings.in("the bundle").add(title, describeError(error), "values that can be computed with");
    }
    return { title, findings };
  });
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

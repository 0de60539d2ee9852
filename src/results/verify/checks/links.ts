import {
  type LinkProbes,
  linkCertificateForm,
  linkLimitsForm,
  linkProbesForm,
} from "../../../contracts/results/links/link-certificate.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { readForm } from "../../../core/documents/check-form.ts";
import { tableIn } from "../../../core/documents/loose.ts";
import { formatJson } from "../../../core/documents/numbers.ts";
import { writeForm } from "../../../core/documents/write-form.ts";
import { describeError } from "../../../core/errors.ts";
import { parseQuantity } from "../../../core/quantity.ts";
import { moment } from "../../../links/schema/timeline.ts";
import { isNative } from "../../../metrics/stats/run-metrics.ts";
import { certifyLinks } from "../../analysis/links/certify.ts";
import { linkLimits } from "../../analysis/links/limits.ts";
import { formatRunTimeline, parseRunTimeline, runTimelineFile } from "../../bundle/run-timeline.ts";
import { linkProbesFile } from "../../bundle/writer.ts";
import { runFileName } from "../../schema/published-run.ts";
import type { Contents } from "../contents/contents.ts";
import type { Findings } from "../contents/findings.ts";
import { checkMoves } from "./moves.ts";

/** The certificate of each run's links follows from what was measured of them, and no such file belongs to none. */
export function checkLinks({ files, measured, parameters }: Contents, findings: Findings): void {
  const wanted = new Set<string>();
  for (const run of measured) {
    const { linkCertificate: certificate } = run;
    if (certificate === undefined) continue;
    const file = linkProbesFile(run.benchmarkNumber);
    wanted.add(file);
    const probes = readProbes(file, files.get(file), findings);
    if (probes === undefined) continue;
    const found = findings.in(runFileName(run));
    const follows = writeForm(linkCertificateForm, certifyLinks(probes));
    found.sameJson("link_certificate", writeForm(linkCertificateForm, certificate), follows);
    checkPlace(file, probes, run, findings);
    if (probes.manualChanges !== undefined) wanted.add(runTimelineFile(run.benchmarkNumber));
    const { ground, windowSecs } = probes;
    const entries = checkTimeline({ files, parameters }, { run, probes }, findings);
    if (ground !== undefined && parameters !== undefined) {
      checkMoves(ground, { links: parameters.links, entries }, { windowSecs, findings: findings.in(file) });
    }
  }
  for (const file of files.keys()) {
    if (!/^(links-\d+\.json|timeline-\d+\.yaml)$/.test(file)) continue;
    // A run that ended before its own file was written leaves what it had.
    const last = measured.length + 1;
    const belongs = wanted.has(file) || [linkProbesFile(last), runTimelineFile(last)].includes(file);
    findings.in(file).holds("it", "a file", belongs, "nothing: it belongs to no run");
  }
}

function readProbes(file: string, text: string | undefined, findings: Findings): LinkProbes | undefined {
  const found = findings.in(file);
  found.holds("it", text !== undefined, text !== undefined, "a file: the run has a link_certificate");
  if (text === undefined) return undefined;
  try {
    const probes = readForm(linkProbesForm, JSON.parse(text));
    found.sameText(text, formatJson(writeForm(linkProbesForm, probes)));
    return probes;
  } catch (error) {
    found.add("its form", describeError(error), "what was measured of a run's links");
    return undefined;
  }
}

/**
 * What a person changed by hand stands behind what was planned, and each change among those of the run.
 *
 * @returns the entries of the run's timeline
 */
function checkTimeline(
  { files, parameters }: Pick<Contents, "files" | "parameters">,
  { run, probes }: { readonly run: MeasuredRun; readonly probes: LinkProbes },
  findings: Findings,
): readonly unknown[] {
  const planned = parameters?.timeline?.entries ?? [];
  const { manualChanges } = probes;
  const begun = run.linkChanges.filter(({ isManual, stage }) => isManual === true && stage === "begin");
  findings.in(runFileName(run)).same("manual changes", begun.length, manualChanges ?? 0);
  if (manualChanges === undefined) return planned;
  const file = runTimelineFile(run.benchmarkNumber);
  const found = findings.in(file);
  const text = files.get(file);
  const entries = text === undefined ? undefined : parseRunTimeline(text, file);
  if (entries === undefined) {
    found.add("it", "none", "a timeline: a person changed links of this run");
    return planned;
  }
  found.sameText(text ?? "", formatRunTimeline(entries));
  found.sameJson("what was planned", entries.slice(0, planned.length), planned);
  const made = entries.slice(planned.length).map((entry) => parseQuantity(tableIn(entry).at, moment));
  const times = made.map((at) => ("value" in at ? at.value / 1000 : undefined));
  found.sameJson(
    "its times",
    times,
    begun.map(({ askedSecs }) => askedSecs),
  );
  return entries;
}

/** It is of this run, and judged by the limits that all are. */
function checkPlace(file: string, probes: LinkProbes, run: MeasuredRun, findings: Findings): void {
  const found = findings.in(file);
  found.same("benchmark_number", probes.benchmarkNumber, run.benchmarkNumber);
  found.same("window_secs", probes.windowSecs, run.parameters.durationSecs);
  found.same("under_load", probes.underLoad, isNative(run));
  const [limits, ours] = [probes.limits, linkLimits].map((one) => writeForm(linkLimitsForm, one));
  found.sameJson("limits", limits, ours);
}

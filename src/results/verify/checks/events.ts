import { basename } from "node:path";
import type { HostSecond } from "../../../contracts/hosts/host-load.ts";
import type { FaultRecord } from "../../../contracts/results/faults.ts";
import type { LinkChangeRecord } from "../../../contracts/results/links/link-changes.ts";
import { rounded } from "../../../core/documents/numbers.ts";
import { snakeCase } from "../../../core/keys.ts";
import { phaseLengths } from "../../../load/level/phases.ts";
import { runFigures } from "../../../metrics/stats/run-metrics.ts";
import { openSchedule } from "../../analysis/schedule/schedule.ts";
import { eventsFile } from "../../bundle/events.ts";
import { manifestName } from "../../bundle/manifest.ts";
import { hostLoadColumns } from "../../schema/csv.ts";
import { runFileName } from "../../schema/published-run.ts";
import type { Contents } from "../contents/contents.ts";
import type { ReportedRun } from "../contents/events.ts";
import type { FileFindings, Findings } from "../contents/findings.ts";

/** What the events tell of sweep and runs is what their files say. */
export function checkEvents(contents: Contents, findings: Findings): void {
  const { events, reported, measured: runs, parameters } = contents;
  const found = findings.in(eventsFile);
  found.same("runs that finished", reported.size, runs.length);
  for (const run of runs) {
    const told = reported.get(run.benchmarkNumber);
    if (told === undefined) {
      found.add(`run ${run.benchmarkNumber}`, "nothing", "that it finished");
      continue;
    }
    checkRun(run, told, found);
    checkLengths(contents, told, found);
    const names = [...run.nodes.map(({ name }) => name), ...loggedNodes(contents, run.benchmarkNumber)];
    checkMachines(contents.hostSeconds.get(run.benchmarkNumber) ?? [], names, told, found);
  }
  for (const [index, event] of events.entries()) {
    if (event.type !== "sweep-started" || parameters === undefined) continue;
    const line = `line ${index + 1}`;
    found.same(`${line}, network`, event.network, parameters.networkType);
    found.sameJson(`${line}, loadsTps`, event.loadsTps, parameters.loadsTps);
    found.same(`${line}, closedLoop`, event.closedLoop === true, parameters.profile.kind === "closed");
    found.same(`${line}, runs`, event.runs ?? 1, parameters.runs);
    if (event.nodes === undefined) continue;
    for (const { benchmarkNumber, nodes } of contents.runs) {
      const names = nodes.map(({ name }) => name);
      found.sameJson(`${line}, nodes, as run ${benchmarkNumber} has them`, event.nodes, names);
    }
  }
  const last = events.findLast((event) => event.type === "sweep-finished");
  if (last === undefined) {
    found.add("sweep-finished", "nothing", "that the sweep finished");
    return;
  }
  found.same("sweep-finished, finishedRuns", last.finishedRuns, runs.length);
  if (parameters === undefined) return;
  found.same("sweep-finished, plannedRuns", last.plannedRuns, openSchedule(parameters).plannedRuns);
}

/** Helpers stand in no run's file, but all nodes have logs. */
function loggedNodes({ files }: Contents, benchmarkNumber: number): string[] {
  const logs = (files.get(manifestName) ?? "").matchAll(/"logs\/(\d+)-([^"/]+)\.log"/g);
  return [...logs].flatMap(([, run, name = ""]) => (Number(run) === benchmarkNumber ? [name] : []));
}

function checkRun(run: Contents["measured"][number], told: ReportedRun, found: FileFindings): void {
  const same = (name: string, says: unknown, follows: unknown) =>
    found.same(`run ${run.benchmarkNumber}, ${name}`, says, follows);
  same("loadTps", told.loadTps, run.parameters.loadTps);
  same("closedLoop", told.closedLoop === true, run.kind === "closed-loop");
  same("status", told.status, run.verdict.status);
  if (told.figures !== undefined) {
    found.sameJson(`run ${run.benchmarkNumber}, figures`, told.figures, runFigures(run));
  }
  same("file", basename(told.file ?? ""), runFileName(run));
  for (const event of told.all) {
    if (!("benchmarkNumber" in event)) continue;
    same(`benchmarkNumber of ${event.type}`, event.benchmarkNumber, run.benchmarkNumber);
  }
  const phase = told.all.find((event) => event.type === "load-phase" && event.phase === "warm-up");
  const startsAtMs = phase?.type === "load-phase" ? phase.windowStartsAtMs : undefined;
  same("windowStartsAtMs", new Date(startsAtMs ?? Number.NaN).getTime(), Date.parse(run.timestamp));
}

/** Of a run's phases, as its parameters say. */
function checkLengths({ parameters }: Contents, told: ReportedRun, found: FileFindings): void {
  const created = told.all.find((event) => event.type === "run-created");
  if (created?.type !== "run-created" || created.windowSecs === undefined || parameters === undefined) return;
  const key = `run ${created.benchmarkNumber}`;
  const { warmUpSecs, windowSecs } = phaseLengths(parameters, created.loadTps);
  found.same(`${key}, warmUpSecs`, created.warmUpSecs, warmUpSecs);
  found.same(`${key}, windowSecs`, created.windowSecs, windowSecs);
  found.same(`${key}, drainSecs`, created.drainSecs, parameters.drainSecs);
}

/** Seconds of machines are the rows of host-load.csv, in their order; earlier versions did not tell them. */
function checkMachines(
  rows: readonly HostSecond[],
  names: readonly string[],
  told: ReportedRun,
  found: FileFindings,
): void {
  const seconds = told.all.filter((event) => event.type === "machine-second");
  if (seconds.length === 0) return;
  found.same("seconds of machines", seconds.length, rows.length);
  for (const [index, row] of rows.entries()) {
    const second = seconds[index];
    for (const column of hostLoadColumns) {
      found.same(
        `host-load.csv, ${row.host}, second ${row.second}, ${column}`,
        second?.[column],
        row[column],
      );
    }
  }
  for (const { host, second, nodes = [] } of seconds) {
    const named = nodes.map(({ node }) => node);
    const areOwn = named.every((name, index) => names.includes(name) && named.indexOf(name) === index);
    found.holds(`nodes of ${host}, second ${second}`, named.join(), areOwn, "nodes of the run, each once");
  }
}

const times = ["issuedSecs", "answersSecs", "effectiveSecs"] as const satisfies (keyof FaultRecord)[];

/** What was done to nodes and links on purpose was told by events when it was done, with the same times. */
export function checkFaults({ measured, reported }: Contents, findings: Findings): void {
  for (const run of measured) {
    const all = reported.get(run.benchmarkNumber)?.all ?? [];
    const found = findings.in(runFileName(run));
    checkNodeFaults(run, all, found);
    checkLinkChanges(run, all, found);
  }
}

type Disturbed = Contents["measured"][number];

function checkNodeFaults({ faults }: Disturbed, all: ReportedRun["all"], found: FileFindings): void {
  for (const [index, fault] of faults.entries()) {
    const { node, action, askedSecs } = fault;
    const key = `results.faults[${index}]`;
    const own = all.filter(
      (event) =>
        event.type === "fault" &&
        event.node === node &&
        event.action === action &&
        rounded(event.askedSecs) === askedSecs,
    ) as readonly FaultRecord[];
    const isTold = own.length > 0 || fault.issuedSecs === undefined;
    found.holds(key, `${action} of ${node} at ${askedSecs} s`, isTold, "a fault in the events");
    for (const field of times) {
      for (const { [field]: follows } of own) {
        // Each event tells what was known by then.
        if (follows !== undefined) found.same(`${key}.${snakeCase(field)}`, fault[field], rounded(follows));
      }
    }
  }
}

const changeTimes = ["issuedSecs", "effectiveSecs"] as const satisfies (keyof LinkChangeRecord)[];

function checkLinkChanges({ linkChanges }: Disturbed, events: ReportedRun["all"], found: FileFindings): void {
  for (const [index, change] of linkChanges.entries()) {
    const { action, stage, what, askedSecs } = change;
    const key = `results.link_changes[${index}]`;
    const own = events.filter(
      (event) =>
        event.type === "link-change" &&
        event.action === action &&
        event.stage === stage &&
        event.what === what &&
        rounded(event.askedSecs) === askedSecs,
    ) as readonly LinkChangeRecord[];
    found.holds(key, `${stage} of ${action} at ${askedSecs} s`, own.length > 0, "a change in the events");
    for (const field of changeTimes) {
      for (const { [field]: follows } of own) {
        if (follows !== undefined) found.same(`${key}.${snakeCase(field)}`, change[field], rounded(follows));
      }
    }
  }
}

import type { BaleenEvent, LiveRoutineStep, SecondRow } from "../../../contracts/events.ts";
import { type LoadKind, loadUnits } from "../../../contracts/load/load-profile.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { faultVerbs } from "../../analysis/verdict/verdict.ts";
import { formatProbeStatus } from "../blocks/search.ts";
import { formatAsked, formatCountOf, formatFigure } from "./figures.ts";
import { formatLoadOf } from "./load.ts";

type EventOf<Type extends BaleenEvent["type"]> = Extract<BaleenEvent, { readonly type: Type }>;

function ending({ exitCode, signal }: EventOf<"node-exited">): string {
  if (signal !== null) return `signal ${signal}`;
  return exitCode === null ? "an unknown exit code" : `exit code ${exitCode}`;
}

const inWindow = (secs: number) => `${secs.toFixed(1)} s into the window`;

const faultTexts = {
  crash: { issued: (node: string) => `crashing ${node}`, done: "is down" },
  pause: { issued: (node: string) => `pausing ${node}`, done: "is paused" },
  recover: { issued: (node: string) => `starting ${node} again`, done: "has caught up" },
  resume: { issued: (node: string) => `resuming ${node}`, done: "has caught up" },
} as const;

/** "node3 has caught up, 6.2 s into the window (answers since 5.9 s)" */
function describeFault(event: EventOf<"fault">): string {
  const { node, action, askedSecs, issuedSecs = askedSecs, answersSecs, effectiveSecs = askedSecs } = event;
  const { issued, done } = faultTexts[action];
  switch (event.stage) {
    case "issued":
      return `${issued(node)}, ${inWindow(issuedSecs)}`;
    case "effective": {
      const since = answersSecs === undefined ? "" : ` (it answers since ${answersSecs.toFixed(1)} s)`;
      return `${node} ${done}, ${inWindow(effectiveSecs)}${since}`;
    }
    case "failed":
      return `${node} was to ${faultVerbs[action]} ${inWindow(askedSecs)} and did not: ${event.failure}`;
  }
}

/** "partition of node0 | node1: begin, 20.0 s into the window" */
function describeLinkChange(event: EventOf<"link-change">): string {
  const { action, stage, what, askedSecs, effectiveSecs = askedSecs } = event;
  const change = `${action} of ${formatForeign(what)}, ${stage}`;
  if (event.state === "failed") return `${change}: not done ${inWindow(askedSecs)}: ${event.failure}`;
  return `${change}: ${inWindow(effectiveSecs)}`;
}

const kindOf = ({ closedLoop }: { readonly closedLoop?: true }): LoadKind =>
  closedLoop === true ? "closed-loop" : "open-loop";

/** "loads 100, 200 tx/s, 5 runs each" */
function describeLoads(event: EventOf<"sweep-started">): string {
  const { loadsTps, runs, search } = event;
  if (search !== undefined) {
    return `searching for the highest sustained load from ${search.fromTps} to ${search.toTps} tx/s`;
  }
  const loads = `${loadsTps.length === 1 ? "load" : "loads"} ${loadsTps.join(", ")} ${loadUnits[kindOf(event)]}`;
  return runs === undefined ? loads : `${loads}, ${runs} runs each`;
}

export interface EventLine {
  /** debug: shown with --verbose alone; info: not with --quiet; notice and warning: always. */
  readonly level: "debug" | "info" | "notice" | "warning";
  readonly text: string;
}

const phases = {
  "warm-up": "warming up",
  window: "measuring",
  drain: "waiting for outstanding transactions",
  done: "collecting",
} as const;

/** A text alone is worth an info. */
type Reported = string | readonly [level: EventLine["level"], text: string] | undefined;

const describers: { readonly [Type in BaleenEvent["type"]]?: (event: EventOf<Type>) => Reported } = {
  "sweep-started": (event) => {
    const goesOn = event.firstRun === undefined ? "" : `, continuing with run ${event.firstRun}`;
    return `Sweep ${event.run}: ${event.network} network, ${event.runtime} runtime, ${describeLoads(event)}${goesOn}`;
  },
  "sweep-finished": ({ finishedRuns, plannedRuns }) =>
    plannedRuns === undefined
      ? `${finishedRuns} ${finishedRuns === 1 ? "run" : "runs"} finished`
      : `${finishedRuns} of ${plannedRuns} runs finished`,
  "run-created": (event) => {
    const { benchmarkNumber, loadTps, repetition, repetitions } = event;
    const which = repetitions === undefined ? "" : `run ${repetition} of ${repetitions} at `;
    return `Run ${benchmarkNumber}: ${which}${formatLoadOf(loadTps, kindOf(event))}`;
  },
  "run-ready": ({ readyAfterMs }) => `ready after ${(readyAfterMs / 1000).toFixed(1)} s`,
  "run-finished": ({ benchmarkNumber, status, file }) =>
    `Run ${benchmarkNumber} finished: ${status}${file === undefined ? "" : `, ${file}`}`,
  "search-probe": (event) => `${event.loadTps} tx/s: ${formatProbeStatus(event)}`,
  "network-step": ({ step, detail }) => (detail === undefined ? step : `${step}: ${detail}`),
  "node-exited": (event) => ["warning", `${event.node} ended unexpectedly with ${ending(event)}`],
  fault: (event) => [event.stage === "failed" ? "warning" : "info", describeFault(event)],
  "link-change": (event) => {
    if (event.state === "issued") return ["debug", `${describeLinkChange(event)} (issued)`];
    return [event.state === "failed" ? "warning" : "info", describeLinkChange(event)];
  },
  "clients-lost": ({ clients, host, reason }) => [
    "warning",
    `lost ${clients.join(" and ")} on ${host}: ${reason}; the run continues on the other hosts and is invalid`,
  ],
  "host-link": (event) => {
    const { host } = event;
    if (event.state === "restored") {
      return `the connection to ${host} is back after ${(event.afterMs / 1000).toFixed(1)} s`;
    }
    const isLost = event.state === "lost";
    const what = isLost ? "lost the connection" : "gave up the connection";
    return ["warning", `${what} to ${host}: ${event.reason}${isLost ? "; reconnecting" : ""}`];
  },
  "observer-lost": ({ node, reason, expected }) =>
    // That a crashed node shows no commits was told with its crash.
    expected ? undefined : ["warning", `lost sight of ${node}'s commits: ${reason}; resubscribing`],
  "observer-polls": ({ node, everyMs, reason }) => [
    "warning",
    `${node} accepts no subscription to its blocks: polling every ${everyMs} ms, and its commits are seen up to so much later: ${reason}`,
  ],
  "observer-restored": ({ node, missedHeights, expected }) => [
    expected ? "info" : "warning",
    `sees ${node}'s commits again; ${missedHeights} missed heights fetched`,
  ],
  "transactions-made": ({ made, of }) => `${made} of ${of} transactions of a client are made and signed`,
  "network-left": ({ what, command }) => [
    "notice",
    `Left behind: ${what.join(", ")}. Remove it with: ${command}`,
  ],
  "load-phase": ({ phase }) => phases[phase],
  warning: ({ message }) => ["warning", message],
  debug: ({ message }) => ["debug", message],
};

/** One event as a line for people; undefined for those that are not told one by one. Pure. */
export function describeEvent(event: BaleenEvent): EventLine | undefined {
  // One that a bundle holds may be of any type.
  if (!Object.hasOwn(describers, event.type)) return undefined;
  const reported = (describers[event.type] as (event: BaleenEvent) => Reported)(event);
  if (reported === undefined) return undefined;
  const [level, text] = typeof reported === "string" ? (["info", reported] as const) : reported;
  return { level, text: formatForeign(text) };
}

/** Seconds of a run, added up, for one line. Percentiles are the last second's: they cannot be added. */
export function describeSeconds(rows: readonly SecondRow[], windowSecs: number): string {
  const last = rows.at(-1);
  if (last === undefined) return "";
  const sum = (key: "due" | "sent" | "committed") => rows.reduce((total, row) => total + row[key], 0);
  const span = rows.length === 1 ? "the last second" : `the last ${rows.length} s`;
  const elapsed = last.second + 1;
  const place =
    elapsed <= 0
      ? `warm-up, ${-elapsed} s to go`
      : elapsed <= windowSecs
        ? `${elapsed}/${Number(windowSecs.toFixed(1))} s`
        : `drain, ${Math.ceil(elapsed - windowSecs)} s`;
  const latency =
    last.p50Ms === undefined || last.p99Ms === undefined
      ? ""
      : `; p50 ${last.p50Ms.toFixed(0)} ms, p99 ${last.p99Ms.toFixed(0)} ms${rows.length === 1 ? "" : " in the last second"}`;
  return `${place}: ${sum("due")} due, ${sum("sent")} sent, ${sum("committed")} committed in ${span}${latency}`;
}

/** "4/20 s: 3 peers, 2.00 connections each; packets/s: 99.9 sent, 200.1 received, 0.00 relayed; …" */
export function describeRoutineStep(step: LiveRoutineStep, windowSecs: number): string {
  const { connections, deliveredPerSec, tickRateMeanPerSec, tickRateLeastPerSec, timerLatenessMaxMs } = step;
  const of = (value: number | undefined, text: (shown: string) => string) =>
    value === undefined ? [] : [text(formatFigure(value))];
  const endSecs = Math.min(windowSecs, step.second + step.lengthSecs);
  const peers = [formatCountOf(step.peers, "peer"), ...of(connections, (each) => `${each} connections each`)];
  const packets = [
    ...of(step.sentPerSec, (rate) => `${rate} sent`),
    ...of(step.receivedPerSec, (rate) => `${rate} received`),
    ...of(step.relayedPerSec, (rate) => `${rate} relayed`),
  ];
  const ticks = [
    ...of(tickRateMeanPerSec, (rate) => `${rate} ticks/s`),
    ...of(tickRateLeastPerSec, (rate) => `least ${rate}`),
  ];
  const parts = [
    peers.join(", "),
    `packets/s: ${packets.join(", ")}`,
    ...of(deliveredPerSec, (rate) => `${rate} messages/s delivered`),
    ...(ticks.length === 0 ? [] : [ticks.join(", ")]),
    ...of(timerLatenessMaxMs, (late) => `timers up to ${late} ms late`),
  ];
  return `${formatAsked(endSecs)}/${formatAsked(windowSecs)} s: ${parts.join("; ")}`;
}

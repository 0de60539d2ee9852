import type { BaleenEvent, SecondRow } from "../../contracts/events.ts";
import { type LoadKind, loadUnits } from "../../contracts/load/load-profile.ts";
import { formatProbeStatus } from "../../results/report/blocks/search.ts";
import { formatForeign } from "../../results/report/text/figures.ts";
import { formatLoadOf } from "../../results/report/text/load.ts";

function ending(exitCode: number | null, signal: string | null): string {
  if (signal !== null) return `signal ${signal}`;
  return exitCode === null ? "an unknown exit code" : `exit code ${exitCode}`;
}

/** "node3 has caught up, 6.2 s into the window (answers since 5.9 s)" */
function describeFault(event: Extract<BaleenEvent, { type: "fault" }>): string {
  const { node, action, askedSecs, issuedSecs, answersSecs, effectiveSecs } = event;
  const place = (secs: number | undefined) => `${(secs ?? askedSecs).toFixed(1)} s into the window`;
  switch (event.stage) {
    case "issued": {
      const what = action === "crash" ? `crashing ${node}` : `starting ${node} again`;
      return `${what}, ${place(issuedSecs)}`;
    }
    case "effective": {
      if (action === "crash") return `${node} is down, ${place(effectiveSecs)}`;
      return `${node} has caught up, ${place(effectiveSecs)} (it answers since ${answersSecs?.toFixed(1)} s)`;
    }
    case "failed": {
      const what = action === "crash" ? "crash" : "come back";
      return `${node} was to ${what} ${place(askedSecs)} and did not: ${event.failure}`;
    }
  }
}

const kindOf = ({ closedLoop }: { readonly closedLoop?: true }): LoadKind =>
  closedLoop === true ? "closed-loop" : "open-loop";

/** "loads 100, 200 tx/s, 5 runs each" */
function describeLoads(event: Extract<BaleenEvent, { type: "sweep-started" }>): string {
  const { loadsTps, runs, search } = event;
  if (search !== undefined) {
    return `looking for the highest sustained load from ${search.fromTps} to ${search.toTps} tx/s`;
  }
  const loads = `${loadsTps.length === 1 ? "load" : "loads"} ${loadsTps.join(", ")} ${loadUnits[kindOf(event)]}`;
  return runs === undefined ? loads : `${loads}, ${runs} runs each`;
}

/** "run 2 of 5 at ", where a load runs more than once. */
function describeRepetition(event: Extract<BaleenEvent, { type: "run-created" }>): string {
  const { repetition, repetitions } = event;
  return repetitions === undefined ? "" : `run ${repetition} of ${repetitions} at `;
}

export interface EventLine {
  /** debug: shown with --verbose alone; info: not with --quiet; notice and warning: always. */
  readonly level: "debug" | "info" | "notice" | "warning";
  readonly text: string;
}

const phases = {
  "warm-up": "warming up",
  window: "measuring",
  drain: "waiting for what is outstanding",
  done: "collecting",
} as const;

/** One event as a line for people; undefined for those that are not told one by one. Pure. */
export function describeEvent(event: BaleenEvent): EventLine | undefined {
  const info = (text: string): EventLine => ({ level: "info", text: formatForeign(text) });
  const warning = (text: string): EventLine => ({ level: "warning", text: formatForeign(text) });
  switch (event.type) {
    case "sweep-started": {
      const loads = describeLoads(event);
      const goesOn = event.firstRun === undefined ? "" : `, going on with run ${event.firstRun}`;
      return info(
        `Sweep ${event.run}: ${event.network} network, ${event.runtime} runtime, ${loads}${goesOn}`,
      );
    }
    case "sweep-finished":
      return info(
        event.plannedRuns === undefined
          ? `${event.finishedRuns} ${event.finishedRuns === 1 ? "run" : "runs"} finished`
          : `${event.finishedRuns} of ${event.plannedRuns} runs finished`,
      );
    case "run-created":
      return info(
        `Run ${event.benchmarkNumber}: ${describeRepetition(event)}${formatLoadOf(event.loadTps, kindOf(event))}`,
      );
    case "run-ready":
      return info(`ready after ${(event.readyAfterMs / 1000).toFixed(1)} s`);
    case "run-finished": {
      const file = event.file === undefined ? "" : `, ${event.file}`;
      return info(`Run ${event.benchmarkNumber} finished: ${event.status}${file}`);
    }
    case "search-probe":
      return info(`${event.loadTps} tx/s: ${formatProbeStatus(event)}`);
    case "network-step":
      return info(event.detail === undefined ? event.step : `${event.step}: ${event.detail}`);
    case "node-exited":
      return warning(
        `${event.node} ended without being asked to, with ${ending(event.exitCode, event.signal)}`,
      );
    case "fault":
      return event.stage === "failed" ? warning(describeFault(event)) : info(describeFault(event));
    case "clients-lost":
      return warning(
        `lost ${event.clients.join(" and ")} on ${event.host}: ${event.reason}; the others go on, and the run is invalid`,
      );
    case "host-link":
      if (event.state === "restored") {
        return info(
          `the connection to ${event.host} stands again, after ${(event.afterMs / 1000).toFixed(1)} s`,
        );
      }
      return warning(
        event.state === "lost"
          ? `lost the connection to ${event.host}: ${event.reason}; connecting again`
          : `gave up the connection to ${event.host}: ${event.reason}`,
      );
    case "observer-lost":
      // That a crashed node shows no commits was told with its crash.
      if (event.expected === true) return undefined;
      return warning(`lost sight of ${event.node}'s commits: ${event.reason}; subscribing again`);
    case "observer-polls":
      return warning(
        `${event.node} gives no subscription to its blocks: asked for new ones every ${event.everyMs} ms, and its commits are seen up to so much later: ${event.reason}`,
      );
    case "observer-restored": {
      const text = `sees ${event.node}'s commits again; ${event.missedHeights} missed heights fetched`;
      return event.expected === true ? info(text) : warning(text);
    }
    case "transactions-made":
      return info(`${event.made} of ${event.of} transactions of a client are made and signed`);
    case "network-left":
      return {
        level: "notice",
        text: formatForeign(`Left behind: ${event.what.join(", ")}. Remove it with: ${event.command}`),
      };
    case "load-phase":
      return info(phases[event.phase]);
    case "warning":
      return warning(event.message);
    case "debug":
      return { level: "debug", text: formatForeign(event.message) };
    default:
      return undefined;
  }
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

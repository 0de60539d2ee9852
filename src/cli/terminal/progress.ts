import type { BaleenEvent, LiveRoutineStep, SecondRow } from "../../contracts/events.ts";
import type { Clock } from "../../core/clock.ts";
import {
  describeEvent,
  describeRoutineStep,
  describeSeconds,
  type EventLine,
} from "../../results/report/text/event-text.ts";
import type { EventListener, Watcher } from "../../run/sweep/emitter.ts";
import type { Settings } from "../options/command-options.ts";
import type { LiveSweep } from "./live/run.ts";
import { LiveView } from "./live/view.ts";
import type { Terminal } from "./terminal.ts";

export interface ProgressOptions {
  readonly terminal: Terminal;
  readonly settings: Pick<Settings, "quiet" | "verbose" | "live" | "logFormat">;
  readonly clock: Clock;
  readonly sweep: LiveSweep;
  /** Aborts when what was started is to be removed. */
  readonly signal: AbortSignal;
}

export interface Progress extends Disposable {
  readonly listen: EventListener;
  /** Takes what is shown live alone. */
  readonly watch: Watcher;
}

/** A line this often where nothing is redrawn. */
const everySecs = 5;
const redrawEveryMs = 250;

/** Shows events on standard error: in lines that are redrawn, else as lines; as JSON lines with that log format. */
export function startProgress(options: ProgressOptions): Progress {
  const { terminal, settings } = options;
  if (settings.logFormat === "json") return jsonProgress(options);
  return terminal.live && settings.live && !settings.quiet ? liveProgress(options) : textProgress(options);
}

function wanted(level: EventLine["level"], settings: ProgressOptions["settings"]): boolean {
  if (level === "warning" || level === "notice") return true;
  return level === "debug" ? settings.verbose : !settings.quiet;
}

/** Where nothing is redrawn. */
const inLines = (listen: EventListener): Progress => ({
  listen,
  watch: () => {},
  [Symbol.dispose]: () => {},
});

const jsonProgress = ({ terminal, settings }: ProgressOptions) =>
  inLines((event) => {
    const level = describeEvent(event)?.level ?? "info";
    const say = wanted(level, settings) ? terminal.note : terminal.log;
    say(JSON.stringify(event));
  });

/** @param isShown in another way already: for the log file alone */
function notify(event: BaleenEvent, { terminal, settings }: ProgressOptions, isShown = false): void {
  const line = describeEvent(event);
  if (line === undefined) return;
  const { level, text } = line;
  if (level === "warning") terminal.note(text, "warning");
  else {
    const say = wanted(level, settings) && !isShown ? terminal.note : terminal.log;
    say(level === "debug" ? `debug: ${text}` : text);
  }
}

function textProgress(options: ProgressOptions): Progress {
  const { terminal, settings, sweep } = options;
  let rows: SecondRow[] = [];
  let windowSecs = 0;
  /** Up to where steps of routines were told. */
  let toldSecs = 0;

  const second = (row: SecondRow) => {
    if (settings.quiet) return;
    rows.push(row);
    // The warm-up ends a line, so that no line mixes what is measured with what is not.
    if (row.second === -1) rows = [];
    else if (rows.length === everySecs || row.second + 1 === Math.ceil(windowSecs)) {
      if (row.second >= 0) terminal.note(describeSeconds(rows, windowSecs));
      rows = [];
    }
  };
  const step = (one: LiveRoutineStep) => {
    const endSecs = one.second + one.lengthSecs;
    if (settings.quiet || (!settings.verbose && endSecs - toldSecs < everySecs)) return;
    terminal.note(describeRoutineStep(one, windowSecs));
    toldSecs = endSecs;
  };
  return inLines((event) => {
    if (event.type === "run-created") {
      ({ windowSecs } = sweep.lengths(event.loadTps));
      rows = [];
      toldSecs = 0;
    }
    if (event.type === "load-second") second(event);
    else if (event.type === "routine-step") step(event);
    else notify(event, options);
  });
}

/** What the live view shows while it goes on is no line of its own, unless all is asked for. */
const shownLive: ReadonlySet<string> = new Set<BaleenEvent["type"]>([
  "run-created",
  "run-ready",
  "network-step",
  "transactions-made",
  "load-phase",
]);

function liveProgress(options: ProgressOptions): Progress {
  const { terminal, settings, clock, sweep, signal } = options;
  const view = new LiveView(sweep);
  const draw = () => {
    terminal.show(view.lines(terminal.size(), clock.monotonicMs()));
  };
  const onAbort = () => view.interrupt(clock.monotonicMs());
  signal.addEventListener("abort", onAbort);
  const ticker = setInterval(draw, redrawEveryMs);
  ticker.unref();
  return {
    listen: (event) => {
      view.observe(event, clock.monotonicMs());
      // What comes now is the end: the last state would stand beside it until the next look.
      if (event.type === "sweep-finished") draw();
      notify(event, options, !settings.verbose && shownLive.has(event.type));
    },
    watch: (body) => view.observe(body, clock.monotonicMs()),
    [Symbol.dispose]: () => {
      clearInterval(ticker);
      signal.removeEventListener("abort", onAbort);
      terminal.show([]);
    },
  };
}

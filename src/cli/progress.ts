import type { BaleenEvent, SecondRow } from "../contracts/events.ts";
import type { Clock } from "../core/clock.ts";
import type { EventListener } from "./emitter.ts";
import { describeEvent, describeSeconds, type EventLine } from "./event-text.ts";
import type { Settings } from "./settings.ts";
import type { Terminal } from "./terminal.ts";

export interface ProgressOptions {
  readonly terminal: Terminal;
  readonly settings: Pick<Settings, "quiet" | "verbose" | "logFormat">;
  readonly clock: Clock;
  /** Length of the measurement window at a load, seconds. */
  readonly windowSecs: (loadTps: number) => number;
}

export interface Progress extends Disposable {
  readonly listen: EventListener;
}

/** A line this often where no status line can be rewritten. */
const everySecs = 5;

/**
 * Shows events on standard error: as lines, or on a terminal with a status line that moves at least once a
 * second; as JSON lines with the JSON log format.
 */
export function startProgress(options: ProgressOptions): Progress {
  return options.settings.logFormat === "json" ? jsonProgress(options) : textProgress(options);
}

function wanted(level: EventLine["level"], settings: ProgressOptions["settings"]): boolean {
  if (level === "warning" || level === "notice") return true;
  return level === "debug" ? settings.verbose : !settings.quiet;
}

function jsonProgress({ terminal, settings }: ProgressOptions): Progress {
  return {
    listen: (event) => {
      const level = describeEvent(event)?.level ?? "info";
      if (wanted(level, settings)) terminal.note(JSON.stringify(event));
    },
    [Symbol.dispose]: () => undefined,
  };
}

function textProgress({ terminal, settings, clock, windowSecs }: ProgressOptions): Progress {
  const { live } = terminal;
  let rows: SecondRow[] = [];
  let currentSecs = 0;
  /** What goes on without saying anything: shown with how long it has taken. */
  let step: { readonly text: string; readonly sinceMs: number } | undefined;

  const tell = ({ level, text }: EventLine) => {
    if (!wanted(level, settings)) return;
    if (level === "warning") terminal.note(`${terminal.paint("yellow", "warning:")} ${text}`);
    else terminal.note(level === "debug" ? `debug: ${text}` : text);
  };
  const showStep = () => {
    if (step === undefined || settings.quiet) return;
    const elapsedSecs = Math.floor((clock.monotonicMs() - step.sinceMs) / 1000);
    // What comes every second anyway shall not flicker.
    terminal.status(elapsedSecs < 2 ? step.text : `${step.text} ... ${elapsedSecs} s`);
  };
  const second = (row: SecondRow) => {
    if (settings.quiet) return;
    if (live) {
      step = { text: describeSeconds([row], currentSecs), sinceMs: clock.monotonicMs() };
      terminal.status(step.text);
      return;
    }
    rows.push(row);
    // The warm-up ends a line, so that no line mixes what is measured with what is not.
    if (row.second === -1) rows = [];
    else if (rows.length === everySecs || row.second + 1 === Math.ceil(currentSecs)) {
      if (row.second >= 0) terminal.note(describeSeconds(rows, currentSecs));
      rows = [];
    }
  };
  const ticker = live ? setInterval(showStep, 1000) : undefined;
  ticker?.unref();

  const listen = (event: BaleenEvent) => {
    if (event.type === "load-second") {
      second(event);
      return;
    }
    if (event.type === "run-created") {
      currentSecs = windowSecs(event.loadTps);
      rows = [];
    }
    const line = describeEvent(event);
    if (line === undefined) return;
    tell(line);
    if (event.type === "sweep-finished" || event.type === "run-finished") {
      step = undefined;
      terminal.status("");
    } else if (line.level === "info") {
      step = { text: line.text, sinceMs: clock.monotonicMs() };
      showStep();
    }
  };
  return {
    listen,
    [Symbol.dispose]: () => {
      clearInterval(ticker);
      step = undefined;
      terminal.status("");
    },
  };
}

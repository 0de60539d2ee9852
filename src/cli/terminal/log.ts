/** What `--verbose` shows besides, and what `--log-file` keeps. */
import { closeSync, openSync, writeSync } from "node:fs";
import type { Clock } from "../../core/clock.ts";
import { type Diagnostic, describeError } from "../../core/errors.ts";
import { nameCommand } from "../../core/process/command.ts";
import { formatForeign, formatForeignLines } from "../../core/text/foreign-text.ts";
import { hideSecrets, hideSecretWords, onTrace, type Trace } from "../../core/trace.ts";
import type { Settings } from "../options/command-options.ts";
import type { Terminal } from "./terminal.ts";

export interface LogOptions {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly settings: Pick<Settings, "verbose" | "logFile" | "logFormat">;
  /** Takes out of a text what nobody is to see. */
  readonly conceal: (text: string) => string;
  /** Takes why the file cannot be written. */
  readonly diagnostics: Diagnostic[];
}

/** Follows what is done from now on. `terminal` shows as before, and keeps in the file what is said. */
export function openLog(options: LogOptions): Disposable & { readonly terminal: Terminal } {
  const { terminal, clock, settings, diagnostics } = options;
  const { verbose, logFile, logFormat } = settings;
  const startMs = clock.monotonicMs();
  const elapsedMs = () => clock.monotonicMs() - startMs;
  const file = logFile === undefined ? undefined : openFile(logFile, terminal, diagnostics);
  const isJson = logFormat === "json";
  // A line each, whatever they hold; JSON has times of its own.
  const log = (text: string) => {
    for (const line of formatForeignLines(text).trimEnd().split("\n")) {
      file?.write(isJson ? line : `${formatSecs(elapsedMs()).padStart(10)}  ${line}`);
    }
  };
  const logging: Terminal = {
    ...terminal,
    note: (text, label) => {
      terminal.note(text, label);
      log(label === undefined ? text : `${label}: ${text}`);
    },
    log,
  };
  const follow = (trace: Trace) => {
    const shown = concealTrace(trace, options.conceal);
    if (isJson) {
      const line = JSON.stringify({ v: 1, type: "trace", afterMs: Math.round(elapsedMs()), ...shown });
      if (verbose) terminal.note(line);
      log(line);
    } else {
      const line = formatTrace(shown);
      if (verbose) terminal.note(`debug: ${formatSecs(elapsedMs())}  ${line}`);
      log(line);
    }
  };
  const following = verbose || file !== undefined ? onTrace(follow) : undefined;
  return {
    terminal: logging,
    [Symbol.dispose]: () => {
      following?.[Symbol.dispose]();
      file?.[Symbol.dispose]();
    },
  };
}

/** Written at once, as standard error is: what was said before an end without warning is there. */
function openFile(path: string, terminal: Terminal, diagnostics: Diagnostic[]) {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "w", 0o600);
  } catch (error) {
    const message = `--log-file: cannot write ${path}: ${describeError(error)}. Name a file in a folder that you can write to.`;
    diagnostics.push({ code: "output-file", message });
  }
  const close = () => {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  };
  return {
    write: (line: string) => {
      if (descriptor === undefined) return;
      try {
        writeSync(descriptor, `${line}\n`);
      } catch (error) {
        close();
        terminal.note(`The log file ${path} ends here: ${describeError(error)}`, "warning");
      }
    },
    [Symbol.dispose]: close,
  };
}

function concealTrace(trace: Trace, conceal: (text: string) => string): Trace {
  const hide = (text: string) => conceal(hideSecrets(text));
  switch (trace.kind) {
    case "command":
      return {
        ...trace,
        argv: hideSecretWords(trace.argv).map(conceal),
        failure: trace.failure && hide(trace.failure),
      };
    case "connection":
      return { ...trace, failure: trace.failure && hide(trace.failure) };
    case "request":
      return { ...trace, path: hide(trace.path), failure: trace.failure && hide(trace.failure) };
    case "decision":
      return { ...trace, choice: hide(trace.choice), reason: trace.reason && hide(trace.reason) };
  }
}

const formatSecs = (ms: number) => `${(ms / 1000).toFixed(3)} s`;

/** "host0 # apt-get update: exit code 100, 3.120 s: E: …" */
function formatTrace(trace: Trace): string {
  const because = trace.kind !== "decision" && trace.failure !== undefined ? `: ${trace.failure}` : "";
  return formatForeign(`${describeTrace(trace)}${because}`);
}

function describeTrace(trace: Trace): string {
  switch (trace.kind) {
    case "command": {
      const { host, asRoot, argv, state, ms = 0, exitCode } = trace;
      const prompt = `${host === undefined ? "" : `${host} `}${asRoot === true ? "#" : "$"}`;
      const end = exitCode === undefined ? "ended" : `exit code ${exitCode}`;
      const outcome = {
        started: "started",
        running: `still running after ${formatSecs(ms)}`,
        ended: `${end}, ${formatSecs(ms)}`,
      };
      return `${prompt} ${nameCommand(argv)}: ${outcome[state]}`;
    }
    case "connection": {
      const { host, offered, ms, failure } = trace;
      const outcome = failure === undefined ? "logged in" : "no login";
      return `ssh ${host}, offering ${offered}: ${outcome}, ${formatSecs(ms)}`;
    }
    case "request": {
      const { engine, method, path, ms, status } = trace;
      return `${engine} ${method} ${path}: ${status ?? "no answer"}, ${formatSecs(ms)}`;
    }
    case "decision": {
      const { subject, choice, reason } = trace;
      return `${subject}: ${choice}${reason === undefined ? "" : ` (${reason})`}`;
    }
  }
}

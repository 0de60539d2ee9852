import { readFileSync } from "node:fs";
import { arch, homedir, platform } from "node:os";
import { systemClock } from "../core/clock.ts";
import { readText } from "../core/documents/read-text.ts";
import { BaleenError, ConfigurationError, type Diagnostic } from "../core/errors.ts";
import { explainWithQuotes, formatStacks, InterruptedError, stackHint } from "../core/explain.ts";
import type { Environment } from "../core/process/environment.ts";
import { formatForeign } from "../core/text/foreign-text.ts";
import { suggestion } from "../core/text/nearest.ts";
import { traceDecision } from "../core/trace.ts";
import { concealIn } from "../options/file/variables.ts";
import { commands } from "./command-runners.ts";
import { formatHelp, formatUmbrellaHelp } from "./help/help.ts";
import { readSettings, type Settings } from "./options/command-options.ts";
import { type CommandName, commandNames } from "./options/command-table.ts";
import { type GatheredOptions, gatherOptions } from "./options/sources.ts";
import type { CommandContext, CommandRunner, ExitCode } from "./terminal/context.ts";
import { openLog } from "./terminal/log.ts";
import { type SignalSource, type WatchedSignal, watchSignals } from "./terminal/signals.ts";
import { type OutputStream, openTerminal, type Terminal } from "./terminal/terminal.ts";

type EdgeEvent = WatchedSignal | "uncaughtException" | "unhandledRejection" | "exit";

/** What of a process the command line touches; `process` is one. */
export interface Edge extends SignalSource {
  readonly on: (event: EdgeEvent, listener: (error: unknown) => void) => unknown;
  readonly off: Edge["on"];
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Environment;
  readonly exit: (code: number) => void;
}

type Commands = Readonly<Record<CommandName, CommandRunner>>;

/** Runs a binary and ends the process with its exit code. @param binary of "baleen" the first argument is the command */
export async function main(binary: "baleen" | CommandName, argv: readonly string[]): Promise<void> {
  // Until the end is reached: a process that stops early for lack of anything to do has not succeeded.
  process.exitCode = 1;
  process.exit(await run(binary, argv, { edge: process, commands }));
}

/** The same without ending the process. @returns the exit code */
export async function run(
  binary: "baleen" | CommandName,
  argv: readonly string[],
  { edge, commands }: { readonly edge: Edge; readonly commands: Commands },
): Promise<ExitCode> {
  let leftBehind: () => readonly string[] = () => [];
  let notices: Settings["logFormat"] = "text";
  const terminal = openTerminal({
    stdout: edge.stdout,
    stderr: edge.stderr,
    env: edge.env,
    onBrokenOutput: () => interruption.abort(new InterruptedError("The reader of standard output has gone.")),
  });
  let speaking = terminal;
  using interruption = watchSignals({
    source: edge,
    clock: systemClock,
    note: (line) =>
      speaking.note(notices === "json" ? jsonLine("notice", "signal", line) : formatForeign(line)),
    leave: () => edge.exit(130),
    leftBehind: () => leftBehind(),
  });
  // Whatever nobody catches still ends through the clean-up.
  const crash = (error: unknown) =>
    interruption.abort(error instanceof Error ? error : new Error(String(error)));
  edge.on("uncaughtException", crash);
  edge.on("unhandledRejection", crash);
  // Whichever way the process ends by itself, no line is left that nobody redraws.
  const takeAway = () => terminal.show([]);
  edge.on("exit", takeAway);
  const frame: Frame = {
    commands,
    terminal,
    clock: systemClock,
    env: edge.env,
    version: readVersion(),
    signal: interruption.signal,
    setOutput: (shown, format) => {
      speaking = shown;
      notices = format;
    },
    setLeftBehind: (describe) => {
      leftBehind = describe;
    },
  };
  const code = await dispatch(binary, argv, frame);
  edge.off("uncaughtException", crash);
  edge.off("unhandledRejection", crash);
  edge.off("exit", takeAway);
  takeAway();
  await terminal.flush();
  return code;
}

interface Frame extends Omit<CommandContext, "settings"> {
  readonly commands: Commands;
  /** Where and how signals are told from now on. */
  readonly setOutput: (terminal: Terminal, format: Settings["logFormat"]) => void;
}

async function dispatch(
  binary: "baleen" | CommandName,
  argv: readonly string[],
  frame: Frame,
): Promise<ExitCode> {
  if (binary !== "baleen") return await runCommand(binary, binary, argv, frame);
  const { terminal, version } = frame;
  const [first, ...rest] = argv;
  const name = commandNames.find((candidate) => candidate === first);
  if (name !== undefined) return await runCommand(name, `baleen ${name}`, rest, frame);
  if (first === "--version" || first === "version") {
    terminal.print(version);
    return 0;
  }
  if (first === "--help" || first === "-h" || first === "help") {
    const about = commandNames.find((candidate) => candidate === rest[0]);
    terminal.print(about === undefined ? formatUmbrellaHelp() : formatHelp(about, `baleen ${about}`));
    return 0;
  }
  if (first === undefined) {
    terminal.note(formatUmbrellaHelp());
    return 2;
  }
  const remedy = suggestion(first, [...commandNames, "help"]) || " See baleen --help.";
  const message = `"${first}": no such command.${remedy}`;
  reportDiagnostics([{ code: "unknown-command", message }], terminal, "text");
  return 2;
}

async function runCommand(
  name: CommandName,
  program: string,
  argv: readonly string[],
  frame: Frame,
): Promise<ExitCode> {
  const { commands, setOutput, ...context } = frame;
  const { terminal: plain, clock, env, signal } = context;
  const gathered = gatherOptions(name, { argv, env, readFile: readText, home: homedir() });
  if (gathered.given.help?.value === true) {
    plain.print(formatHelp(name, program));
    return 0;
  }
  if (gathered.given.version?.value === true) {
    plain.print(context.version);
    return 0;
  }
  const settings = readSettings(gathered, env);
  const { concealed, diagnostics } = gathered;
  const conceal = (text: string) => concealIn(text, concealed);
  using log = openLog({ terminal: plain, clock, settings, conceal, diagnostics });
  const { terminal } = log;
  setOutput(terminal, settings.logFormat);
  traceDecision("baleen", `${context.version} on Node.js ${process.version}, ${platform()} ${arch()}`);
  try {
    const code = await commands[name](gathered, { ...context, terminal, settings });
    signal.throwIfAborted();
    return code;
  } catch (error) {
    return conclude(concealDiagnostics(error, concealed), signal, { terminal, settings });
  }
}

/** Diagnostics never show what variables of a file stand for. */
function concealDiagnostics(error: unknown, concealed: GatheredOptions["concealed"]): unknown {
  if (!(error instanceof ConfigurationError)) return error;
  const { diagnostics, cause } = error;
  const shown = diagnostics.map(({ code, message }) => ({ code, message: concealIn(message, concealed) }));
  return new ConfigurationError(shown, { cause });
}

type Reporting = Pick<CommandContext, "terminal" | "settings">;

/** Tells what went wrong, once, and says which exit code it is. */
function conclude(error: unknown, signal: AbortSignal, reporting: Reporting): ExitCode {
  const reason: unknown = signal.reason;
  if (reason instanceof InterruptedError) {
    if (!isCausedBy(error, reason)) reportError(error, reporting);
    return 130;
  }
  return reportFailure(signal.aborted ? reason : error, reporting);
}

function isCausedBy(error: unknown, reason: Error): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current === reason || current.name === "AbortError") return true;
  }
  return false;
}

function reportFailure(error: unknown, reporting: Reporting): ExitCode {
  if (error instanceof ConfigurationError) {
    reportDiagnostics(error.diagnostics, reporting.terminal, reporting.settings.logFormat);
    return 2;
  }
  reportError(error, reporting);
  return 1;
}

function reportDiagnostics(
  diagnostics: readonly Diagnostic[],
  terminal: Terminal,
  format: Settings["logFormat"],
): void {
  for (const { code, message } of diagnostics) {
    if (format === "json") terminal.note(jsonLine("fault", code, message));
    else terminal.note(message, "error");
  }
}

function reportError(error: unknown, { terminal, settings }: Reporting): void {
  const explained = explainWithQuotes(error);
  if (settings.logFormat === "json") {
    const code = error instanceof BaleenError ? error.code : "unexpected";
    terminal.note(jsonLine("error", code, explained));
  } else if (settings.verbose) {
    terminal.note(`${explained.replace(` ${stackHint}`, "")}\n${formatStacks(error)}`, "error");
  } else {
    terminal.note(explained, "error");
    terminal.log(formatStacks(error));
  }
}

/** As one of the events of the JSON log format. */
function jsonLine(type: "fault" | "error" | "notice", code: string, message: string): string {
  return JSON.stringify({ v: 1, type, code, message });
}

function readVersion(): string {
  const content: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const version = (content as { version?: unknown }).version;
  return typeof version === "string" ? version : "unknown";
}

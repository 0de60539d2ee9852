import type { OnStep } from "../../contracts/hosts/host-report.ts";
import type { Clock } from "../../core/clock.ts";
import type { Environment } from "../../core/process/environment.ts";
import { formatForeign, type Line } from "../../core/text/foreign-text.ts";
import { hasFailed, type JudgedSweep } from "../../results/report/documents/reported-sweep.ts";
import type { Settings } from "../options/command-options.ts";
import type { GatheredOptions } from "../options/sources.ts";
import type { Beside } from "./beside.ts";
import type { CommandBackend } from "./command-backend.ts";
import type { Terminal } from "./terminal.ts";

/** 0 good · 1 failed · 2 usage or configuration · 3 a verdict or threshold failed · 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

/** Parsed but not yet checked; with the diagnostics of command line, environment, files and settings. */
export type CommandRequest = GatheredOptions;

export interface CommandContext extends Beside {
  readonly terminal: Terminal;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly env: Environment;
  /** Version of this package. */
  readonly version: string;
  /** Aborts at the first Ctrl-C or SIGTERM; clean-up runs afterwards, on signals of its own. */
  readonly signal: AbortSignal;
  /** Says what stays behind if a second signal ends the process at once; the last one set counts. */
  readonly setLeftBehind: (describe: () => readonly string[]) => void;
}

/** @throws ConfigurationError where there are diagnostics: nothing was started */
export type Command = (
  request: CommandRequest,
  context: CommandContext,
  backend: CommandBackend,
) => Promise<ExitCode>;

/** Prints what was found: the one document of `--json`, or the text for people. */
export function printFound(
  { terminal, settings }: Pick<CommandContext, "terminal" | "settings">,
  document: () => unknown,
  text: string | readonly Line[],
): void {
  terminal.print(settings.json ? JSON.stringify(document(), null, 2) : text);
}

export type CommandRunner = (request: CommandRequest, context: CommandContext) => Promise<ExitCode>;

/** Of a sweep that was told; reports for pipelines say "failed" of the same ones. */
export function exitCodeOf(summary: JudgedSweep["summary"], strict: boolean): ExitCode {
  return hasFailed({ summary, strict }) ? 3 : 0;
}

/** Steps as lines of standard error; none with --quiet. */
export function openSteps({ terminal, settings }: Pick<CommandContext, "terminal" | "settings">): OnStep {
  return (subject, step, detail) => {
    if (settings.quiet) return;
    if (settings.logFormat === "json") {
      terminal.note(JSON.stringify({ v: 1, type: "step", subject, step, detail }));
    } else {
      const more = detail === undefined ? "" : ` (${formatForeign(detail)})`;
      terminal.note(`${formatForeign(subject)}: ${formatForeign(step)}${more}`);
    }
  };
}

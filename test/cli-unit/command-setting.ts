import type { CommandName } from "../../src/cli/options/command-table.ts";
import { gatherOptions } from "../../src/cli/options/sources.ts";
import type { CommandBackend } from "../../src/cli/terminal/command-backend.ts";
import { openCommandBackend } from "../../src/cli/terminal/command-backend.ts";
import type { Command, CommandContext } from "../../src/cli/terminal/context.ts";
import { openTerminal } from "../../src/cli/terminal/terminal.ts";
import { systemClock } from "../../src/core/clock.ts";
import { ConfigurationError } from "../../src/core/errors.ts";
import { RecordedStream } from "./streams.ts";

export interface CommandSetting {
  readonly command: Command;
  readonly name: CommandName;
  readonly backend?: Partial<CommandBackend>;
  readonly settings?: Partial<CommandContext["settings"]>;
  /** Text of every file. */
  readonly file?: string;
}

/** Runs one command on backend of the test's own. @returns its exit code, or its faults, and what it said */
export async function runAlone(argv: readonly string[], setting: CommandSetting) {
  const { command, name, backend, settings, file = "" } = setting;
  const stdout = new RecordedStream();
  const stderr = new RecordedStream();
  const terminal = openTerminal({ stdout, stderr, env: {}, onBrokenOutput: () => {} });
  const request = gatherOptions(name, { argv, env: {}, home: "/home/me", readFile: () => file });
  const context: CommandContext = {
    terminal,
    settings: {
      json: false,
      consoleOutput: true,
      quiet: false,
      verbose: false,
      live: true,
      logFormat: "text",
      ...settings,
    },
    clock: systemClock,
    env: {},
    version: "0",
    signal: new AbortController().signal,
    setLeftBehind: () => {},
  };
  try {
    const code = await command(request, context, { ...openCommandBackend({}), ...backend });
    return { code, stdout: stdout.text, stderr: stderr.text };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { code: 2, diagnostics: error.diagnostics.map(({ message }) => message), stdout: stdout.text };
  }
}

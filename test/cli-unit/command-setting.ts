import type { CommandName } from "../../src/cli/commands.ts";
import type { Command, CommandContext } from "../../src/cli/context.ts";
import { openRooms } from "../../src/cli/open-rooms.ts";
import type { Rooms } from "../../src/cli/rooms.ts";
import { gatherOptions } from "../../src/cli/sources.ts";
import { openTerminal } from "../../src/cli/terminal.ts";
import { systemClock } from "../../src/core/clock.ts";
import { ConfigurationError } from "../../src/core/errors.ts";
import { RecordedStream } from "./streams.ts";

export interface CommandSetting {
  readonly command: Command;
  readonly name: CommandName;
  readonly rooms?: Partial<Rooms>;
  readonly settings?: Partial<CommandContext["settings"]>;
  /** Text of every file. */
  readonly file?: string;
}

/** Runs one command on rooms of the test's own. @returns its exit code, or its faults, and what it said */
export async function runAlone(argv: readonly string[], setting: CommandSetting) {
  const { command, name, rooms, settings, file = "" } = setting;
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
    const code = await command(request, context, { ...openRooms({}), ...rooms });
    return { code, stdout: stdout.text, stderr: stderr.text };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { code: 2, faults: error.faults.map(({ message }) => message), stdout: stdout.text };
  }
}

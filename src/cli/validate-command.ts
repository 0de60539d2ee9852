import { formatJson } from "../bundle/numbers.ts";
import { readPhases } from "../config/phases-file.ts";
import { checkHostsFile } from "../config/remote.ts";
import { readTrace } from "../config/trace-file.ts";
import { concealIn } from "../config/variables.ts";
import { ConfigurationError, describeError, type Fault } from "../core/errors.ts";
import type { CommandContext, CommandRequest, ExitCode } from "./context.ts";
import { readText } from "./read-text.ts";
import type { Rooms } from "./rooms.ts";
import { checkDescription } from "./validate-description.ts";
import { type FileKind, recognizeKind } from "./validate-kind.ts";
import { checkOptionsFile } from "./validate-options.ts";

/** What is known of a file. */
export interface Finding {
  readonly faults: readonly Fault[];
  /** What it says, where it is right: for people, a line each … */
  readonly lines: readonly string[];
  /** … and for programs. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly concealed?: ReadonlyMap<string, string>;
}

/** `validate FILE`: all that is wrong with a file, or what it says. Exit code 2 where anything is wrong. */
export async function runValidate(
  { words, faults }: CommandRequest,
  { terminal, settings, env }: CommandContext,
  rooms: Rooms,
): Promise<ExitCode> {
  const [path] = words;
  if (path === undefined || faults.length > 0) throw new ConfigurationError(faults);
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    const message = `${path}: ${describeError(error)}. Give a readable file.`;
    throw new ConfigurationError([{ code: "unreadable-file", message }], { cause: error });
  }
  const kind = recognizeKind(path, text);
  const finding = look(kind, { path, text, env }, rooms);
  const { concealed = new Map<string, string>() } = finding;
  const told = finding.faults.map((fault) => ({ ...fault, message: concealIn(fault.message, concealed) }));
  if (settings.json) {
    const document = {
      schema: "baleen.validation/1",
      file: path,
      kind,
      valid: told.length === 0,
      faults: told.map((fault) => withLine(fault, path)),
      ...(told.length === 0 ? finding.facts : {}),
    };
    terminal.print(formatJson(document).trimEnd());
    return told.length === 0 ? 0 : 2;
  }
  if (told.length > 0) throw new ConfigurationError(told);
  terminal.print([`${path}: ${kindNames[kind]}, and all of it is right.`, ...finding.lines].join("\n"));
  return 0;
}

const kindNames: Readonly<Record<FileKind, string>> = {
  options: "a file of options",
  hosts: "a file of hosts",
  phases: "a file of phases",
  trace: "a trace of loads",
  protocol: "the description of a system",
};

/** A file to be looked at. */
export interface LookedAt {
  readonly path: string;
  readonly text: string;
  readonly env: CommandContext["env"];
}

function look(kind: FileKind, file: LookedAt, rooms: Rooms): Finding {
  const { path, text } = file;
  switch (kind) {
    case "options":
      return checkOptionsFile(file, rooms);
    case "hosts": {
      const { remote, faults } = checkHostsFile({ path, text });
      const { hosts, clientHosts } = remote;
      const lines = hosts.map(
        ({ name, address, nodes }) => `  ${name} (${address}): nodes ${nodes.join(", ")}`,
      );
      const clients = clientHosts.map(({ name, address }) => `  ${name} (${address}): clients`);
      return {
        faults,
        lines: [...lines, ...clients],
        facts: { hosts: hosts.length, client_hosts: clientHosts.length },
      };
    }
    case "phases": {
      const reading = readPhases({ path, text });
      if ("faults" in reading) return { faults: reading.faults, lines: [], facts: {} };
      const { phases } = reading.value;
      return {
        faults: [],
        lines: [`  Phases: ${phases.map(({ name }) => name).join(", ")}`],
        facts: { phases: phases.length },
      };
    }
    case "trace": {
      const reading = readTrace({ path, text });
      return { faults: "faults" in reading ? reading.faults : [], lines: [], facts: {} };
    }
    case "protocol":
      return checkDescription({ path, text }, rooms);
  }
}

/** The line that a fault names. */
function withLine({ code, message }: Fault, path: string): Fault & { readonly line?: number } {
  const at = message.indexOf(`${path}:`);
  const digits = at < 0 ? undefined : /^\d+/.exec(message.slice(at + path.length + 1))?.[0];
  return digits === undefined ? { code, message } : { code, message, line: Number(digits) };
}

import { readText } from "../../../core/documents/read-text.ts";
import { ConfigurationError, describeError, type Fault } from "../../../core/errors.ts";
import { checkHostsFile } from "../../../options/checks/remote.ts";
import { concealIn } from "../../../options/file/variables.ts";
import { readPhases } from "../../../options/rules/phases-file.ts";
import { readTrace } from "../../../options/rules/trace-file.ts";
import { formatJson } from "../../../results/schema/numbers.ts";
import type { CommandBackend } from "../../terminal/backend.ts";
import type { CommandContext, CommandRequest, ExitCode } from "../../terminal/context.ts";
import type { Finding, LookedAt } from "./finding.ts";
import { checkDescription } from "./validate-description.ts";
import { type FileKind, recognizeKind } from "./validate-kind.ts";
import { checkOptionsFile } from "./validate-options.ts";

/** `validate FILE`: all that is wrong with a file, or what it says. Exit code 2 where anything is wrong. */
export async function runValidate(
  { words, faults }: CommandRequest,
  { terminal, settings, env }: CommandContext,
  backend: CommandBackend,
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
  const finding = look(kind, { path, text, env }, backend);
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

function look(kind: FileKind, file: LookedAt, backend: CommandBackend): Finding {
  const { path, text } = file;
  switch (kind) {
    case "options":
      return checkOptionsFile(file, backend);
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
      return checkDescription({ path, text }, backend);
  }
}

/** The line that a fault names. */
function withLine({ code, message }: Fault, path: string): Fault & { readonly line?: number } {
  const at = message.indexOf(`${path}:`);
  const digits = at < 0 ? undefined : /^\d+/.exec(message.slice(at + path.length + 1))?.[0];
  return digits === undefined ? { code, message } : { code, message, line: Number(digits) };
}

import { formatJson } from "../../../core/documents/numbers.ts";
import { readText } from "../../../core/documents/read-text.ts";
import { ConfigurationError, type Diagnostic, describeError } from "../../../core/errors.ts";
import { checkHostsFile } from "../../../options/checks/remote.ts";
import { concealIn } from "../../../options/file/variables.ts";
import { readPhases } from "../../../options/rules/phases-file.ts";
import { readTrace } from "../../../options/rules/trace-file.ts";
import type { CommandBackend } from "../../terminal/backend.ts";
import type { CommandContext, CommandRequest, ExitCode } from "../../terminal/context.ts";
import type { Finding, LookedAt } from "./finding.ts";
import { checkDescription } from "./validate-description.ts";
import { type FileKind, recognizeKind } from "./validate-kind.ts";
import { checkOptionsFile } from "./validate-options.ts";

/** `validate FILE`: all that is wrong with a file, or what it says. Exit code 2 where anything is wrong. */
export async function runValidate(
  { words, diagnostics }: CommandRequest,
  { terminal, settings, env }: CommandContext,
  backend: CommandBackend,
): Promise<ExitCode> {
  const [path] = words;
  if (path === undefined || diagnostics.length > 0) throw new ConfigurationError(diagnostics);
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
  const reported = finding.diagnostics.map((diagnostic) => ({
    ...diagnostic,
    message: concealIn(diagnostic.message, concealed),
  }));
  if (settings.json) {
    const document = {
      schema: "baleen.validation/1",
      file: path,
      kind,
      valid: reported.length === 0,
      faults: reported.map((diagnostic) => withLine(diagnostic, path)),
      ...(reported.length === 0 ? finding.facts : {}),
    };
    terminal.print(formatJson(document).trimEnd());
    return reported.length === 0 ? 0 : 2;
  }
  if (reported.length > 0) throw new ConfigurationError(reported);
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
      const { remote, diagnostics } = checkHostsFile({ path, text });
      const { hosts, clientHosts } = remote;
      const lines = hosts.map(
        ({ name, address, nodes }) => `  ${name} (${address}): nodes ${nodes.join(", ")}`,
      );
      const clients = clientHosts.map(({ name, address }) => `  ${name} (${address}): clients`);
      return {
        diagnostics,
        lines: [...lines, ...clients],
        facts: { hosts: hosts.length, client_hosts: clientHosts.length },
      };
    }
    case "phases": {
      const reading = readPhases({ path, text });
      if ("diagnostics" in reading) return { diagnostics: reading.diagnostics, lines: [], facts: {} };
      const { phases } = reading.value;
      return {
        diagnostics: [],
        lines: [`  Phases: ${phases.map(({ name }) => name).join(", ")}`],
        facts: { phases: phases.length },
      };
    }
    case "trace": {
      const reading = readTrace({ path, text });
      return { diagnostics: "diagnostics" in reading ? reading.diagnostics : [], lines: [], facts: {} };
    }
    case "protocol":
      return checkDescription({ path, text }, backend);
  }
}

/** The line that a diagnostic names. */
function withLine({ code, message }: Diagnostic, path: string): Diagnostic & { readonly line?: number } {
  const at = message.indexOf(`${path}:`);
  const digits = at < 0 ? undefined : /^\d+/.exec(message.slice(at + path.length + 1))?.[0];
  return digits === undefined ? { code, message } : { code, message, line: Number(digits) };
}

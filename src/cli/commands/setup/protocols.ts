import type { ProtocolReference } from "../../../contracts/protocol-choice.ts";
import type { ProtocolFacts } from "../../../contracts/protocol-facts.ts";
import { formatJson } from "../../../core/documents/numbers.ts";
import { readText } from "../../../core/documents/read-text.ts";
import { type Diagnostic, describeError } from "../../../core/errors.ts";
import { isDescriptionPath } from "../../../options/rules/protocol-choice.ts";
import { protocolFacts } from "../../../protocol/facts.ts";
import { protocols } from "../../../protocol/registry.ts";
import { formatProtocol, formatProtocols } from "../../../results/report/tables/protocols.ts";
import { buildProtocolsJson } from "../../../results/schema/protocols.ts";
import { preflight } from "../../../run/prepare/preflight.ts";
import type { CommandBackend } from "../../terminal/backend.ts";
import type { CommandContext, CommandRequest, ExitCode } from "../../terminal/context.ts";

/** `protocols [NAME|FILE]`: what can be measured, and what of it can be observed. */
export async function runProtocols(
  { words, diagnostics }: CommandRequest,
  { terminal, settings, signal }: CommandContext,
  backend: Pick<CommandBackend, "openProtocol">,
): Promise<ExitCode> {
  const [word] = words;
  const one = word === undefined ? undefined : describe(word, backend);
  await preflight([...diagnostics, ...(one?.diagnostics ?? [])], [], signal);
  const facts = one?.facts === undefined ? protocols.map((protocol) => protocolFacts(protocol)) : [one.facts];
  if (settings.json) terminal.print(formatJson(buildProtocolsJson(facts)).trimEnd());
  else terminal.print(one?.facts === undefined ? formatProtocols(facts) : formatProtocol(one.facts));
  return 0;
}

function describe(
  word: string,
  backend: Pick<CommandBackend, "openProtocol">,
): { readonly facts?: ProtocolFacts; readonly diagnostics: readonly Diagnostic[] } {
  const isPath = isDescriptionPath(word);
  let reference: ProtocolReference = { kind: "name", name: word };
  if (isPath) {
    try {
      reference = { kind: "file", path: word, text: readText(word) };
    } catch (error) {
      const message = `${word}: ${describeError(error)}. Give a readable file.`;
      return { diagnostics: [{ code: "protocol-file", message }] };
    }
  }
  const { protocol, diagnostics } = backend.openProtocol(reference);
  if (protocol === undefined) return { diagnostics };
  return { facts: protocolFacts(protocol, isPath ? word : undefined), diagnostics };
}

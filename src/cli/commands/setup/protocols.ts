import type { ProtocolReference } from "../../../contracts/protocol-choice.ts";
import type { ProtocolFacts } from "../../../contracts/protocol-facts.ts";
import { readText } from "../../../core/documents/read-text.ts";
import type { Diagnostic } from "../../../core/errors.ts";
import { isDescriptionPath } from "../../../options/rules/protocol-choice.ts";
import { protocolFacts } from "../../../protocol/open.ts";
import { protocols } from "../../../protocol/registry.ts";
import {
  buildProtocolsJson,
  formatProtocol,
  formatProtocols,
} from "../../../results/report/tables/protocols.ts";
import { refuse } from "../../../run/prepare/preflight.ts";
import { readNamed } from "../../options/named-file.ts";
import type { CommandBackend } from "../../terminal/command-backend.ts";
import { type Command, printFound } from "../../terminal/context.ts";

/** `protocols [NAME|FILE]`: what can be measured, and what of it can be observed. */
export const runProtocols: Command = async ({ words, diagnostics }, context, backend) => {
  const [word] = words;
  const one = word === undefined ? undefined : describe(word, backend);
  refuse([...diagnostics, ...(one?.diagnostics ?? [])]);
  const facts = one?.facts === undefined ? protocols.map((protocol) => protocolFacts(protocol)) : [one.facts];
  const text = one?.facts === undefined ? formatProtocols(facts) : formatProtocol(one.facts);
  printFound(context, () => buildProtocolsJson(facts), text);
  return 0;
};

function describe(
  word: string,
  backend: Pick<CommandBackend, "openProtocol">,
): { readonly facts?: ProtocolFacts; readonly diagnostics: readonly Diagnostic[] } {
  const isPath = isDescriptionPath(word);
  const opened = isPath ? readNamed(word, "protocol-file", { readFile: readText }) : undefined;
  if (opened !== undefined && "diagnostic" in opened) return { diagnostics: [opened.diagnostic] };
  const reference: ProtocolReference =
    opened === undefined ? { kind: "name", name: word } : { kind: "file", ...opened.file };
  const { protocol, diagnostics } = backend.openProtocol(reference);
  if (protocol === undefined) return { diagnostics };
  return { facts: protocolFacts(protocol, isPath ? word : undefined), diagnostics };
}

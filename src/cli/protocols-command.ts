import { formatJson } from "../bundle/numbers.ts";
import { buildProtocolsJson } from "../bundle/protocols-json.ts";
import { isDescriptionPath, type ProtocolReference } from "../config/protocol-choice.ts";
import type { ProtocolFacts } from "../contracts/protocol-facts.ts";
import { describeError, type Fault } from "../core/errors.ts";
import { protocolFacts } from "../protocol/facts.ts";
import { protocols } from "../protocol/registry.ts";
import { formatProtocol, formatProtocols } from "../report/protocols.ts";
import type { CommandContext, CommandRequest, ExitCode } from "./context.ts";
import { preflight } from "./preflight.ts";
import { readText } from "./read-text.ts";
import type { Rooms } from "./rooms.ts";

/** `protocols [NAME|FILE]`: what can be measured, and what of it can be observed. */
export async function runProtocols(
  { words, faults }: CommandRequest,
  { terminal, settings, signal }: CommandContext,
  rooms: Pick<Rooms, "openProtocol">,
): Promise<ExitCode> {
  const [word] = words;
  const one = word === undefined ? undefined : describe(word, rooms);
  await preflight([...faults, ...(one?.faults ?? [])], [], signal);
  const facts = one?.facts === undefined ? protocols.map((protocol) => protocolFacts(protocol)) : [one.facts];
  if (settings.json) terminal.print(formatJson(buildProtocolsJson(facts)).trimEnd());
  else terminal.print(one?.facts === undefined ? formatProtocols(facts) : formatProtocol(one.facts));
  return 0;
}

function describe(
  word: string,
  rooms: Pick<Rooms, "openProtocol">,
): { readonly facts?: ProtocolFacts; readonly faults: readonly Fault[] } {
  const isPath = isDescriptionPath(word);
  let reference: ProtocolReference = { kind: "name", name: word };
  if (isPath) {
    try {
      reference = { kind: "file", path: word, text: readText(word) };
    } catch (error) {
      const message = `${word}: ${describeError(error)}. Give a readable file.`;
      return { faults: [{ code: "protocol-file", message }] };
    }
  }
  const { protocol, faults } = rooms.openProtocol(reference);
  if (protocol === undefined) return { faults };
  return { facts: protocolFacts(protocol, isPath ? word : undefined), faults };
}

/** The system under test, as it is named, and as it is known afterwards. */

import type { ChosenProtocol, ProtocolLimits, ProtocolReference } from "../../contracts/protocol-choice.ts";
import { isTable } from "../../core/keys.ts";
import { isFile, type Rule, refusal, show } from "./rule.ts";

/** Nodes make the load, and count it, tell of each message or packet, or report to a results server. */
export const nodesMakeLoad = ({
  native,
  messages,
  routines,
  flows,
}: Pick<ProtocolLimits, "native" | "messages" | "routines" | "flows">) =>
  [native, messages, routines, flows].some((load) => load !== undefined);

/** Of a system of which only this is known: nothing that depends on it is refused. */
export function limitsOfUnknown({
  name,
  observesCommits,
  native,
  messages,
  routines,
  flows,
  described,
}: ChosenProtocol): ProtocolLimits {
  return {
    name,
    native,
    messages,
    routines,
    flows,
    described,
    observeCommits: observesCommits ? true : undefined,
    toleratedFaults: (nodes) => Math.floor((nodes - 1) / 3),
    transactions: { smallestBytes: 1, largestBytes: Number.MAX_SAFE_INTEGER },
  };
}

/** What parameters keep of it. */
export function chosenProtocol(limits: ProtocolLimits): ChosenProtocol {
  const { name, definition, observeCommits } = limits;
  const described = limits.described ?? (definition === undefined ? undefined : { definition });
  return {
    name,
    observesCommits: observeCommits !== undefined,
    ...(nodesMakeLoad(limits) ? { native: true } : {}),
    ...(limits.messages === undefined ? {} : { messages: true }),
    ...(limits.routines === undefined ? {} : { routines: true }),
    ...(limits.flows === undefined ? {} : { flows: true }),
    ...(described === undefined ? {} : { described }),
  };
}

/** Whether a text is the path of a description, not a name. */
export const isDescriptionPath = (text: string) => /[/\\]|\.ya?ml$/i.test(text);

const expected = "the name of a protocol, or the path of a YAML description";

/** The file is read by whoever gathers options, and stands in place of its path. */
export const protocolRule: Rule<ProtocolReference> = {
  kind: "value",
  expected,
  read: (given) => {
    const { value } = given;
    if (isFile(value)) return { value: { kind: "file", ...value } };
    // That it could not be read was told.
    if (isTable(value) && "path" in value) return { diagnostics: [] };
    if (isKept(value)) return { value: { kind: "kept", ...value } };
    if (typeof value !== "string" || value.trim() === "" || value.length > 4096) {
      return refusal(given, `${show(value)} cannot be used`, expected);
    }
    if (!isDescriptionPath(value)) return { value: { kind: "name", name: value } };
    return refusal(given, `the file ${show(value)} was not read`, "a readable YAML file");
  },
};

const isKept = (value: unknown): value is ChosenProtocol =>
  isTable(value) && "name" in value && "observesCommits" in value;

/** Which variables may stand where: a name that nobody could fill in is a diagnostic before anything starts. */

import { keysIn, listIn, tableIn, textsIn } from "../../../core/documents/loose.ts";
import { keyBytes } from "../../transactions/hex-key.ts";
import { roleOf } from "./loose.ts";

/** First words of variables, which no role may be called. */
export const reservedRoles = ["node", "item", "committee", "options", "secret", "lists", "load"];

/** What every node has; no value and no export may be called so. */
const nodeFacts = ["name", "role", "index", "number"];
const planes = ["rpc", "peer", "metrics"];
export const reservedFacts = [...nodeFacts, "home", "listen", ...planes];

/** Variables of a group's command, environment and files. */
export function nodeVariables(file: unknown, group: unknown): string[] {
  return [...innerVariables(file, group), ...keysIn(group, "lists").map((name) => `lists.${name}`)];
}

/** Variables of a list's items: those about one node of the roles `of`, and all that its reader has but lists. */
export function itemVariables(file: unknown, group: unknown, of: readonly string[]): string[] {
  const groups = listIn(file, "nodes").filter((each) => of.includes(roleOf(each)));
  // What one of several groups has not cannot be said of all.
  const [first = [], ...others] = groups.map((each) => factsOf(each, group));
  const common = first.filter((name) => others.every((names) => names.includes(name)));
  return [...common.map((name) => `item.${name}`), ...innerVariables(file, group)];
}

/** What nodes are told of the load that they make. */
const loadVariables = ["rate", "node-rate", "transaction-size", "warm-up", "duration", "seed"].map(
  (name) => `load.${name}`,
);

const transactionParts = {
  transaction: { start: 0, end: undefined },
  "transaction.key": { start: 0, end: keyBytes },
  "transaction.value": { start: keyBytes, end: undefined },
} as const;
/** A transaction is letters and digits, so that it is its own text. */
const encodings = { "": "latin1", ".text": "latin1", ".base64": "base64", ".hex": "hex" } as const;

/** Variables for bytes of a transaction: it all, the key that it begins with, and the rest. */
export const transactionTexts = new Map(
  Object.entries(transactionParts).flatMap(([name, part]) =>
    Object.entries(encodings).map(
      ([ending, encoding]) => [`${name}${ending}`, { ...part, encoding }] as const,
    ),
  ),
);

/** Variables of what submits a transaction. */
export const transactionVariables: readonly string[] = [...transactionTexts.keys(), "id"];

/** Those that may stand in its path: base64 has characters that mean something there. */
export const pathVariables = transactionVariables.filter((name) => !name.endsWith(".base64"));

/** Variables of what asks for commits. */
export const cursorVariables: readonly string[] = ["cursor"];

function innerVariables(file: unknown, group: unknown): string[] {
  return [
    ...factsOf(group, group).map((fact) => `node.${fact}`),
    "node.home",
    ...planesOf(group).flatMap((plane) => addressOf(`node.listen.${plane}`)),
    "committee.size",
    "committee.faults",
    ...keysIn(file, "options").map((name) => `options.${name}`),
    ...textsIn(file, "secrets").map((name) => `secret.${name}`),
    ...("load" in tableIn(file) ? loadVariables : []),
    ...listIn(file, "nodes").flatMap((each) => factsOf(each, group).map((fact) => `${roleOf(each)}.${fact}`)),
  ];
}

/** What a reader can say of a group's node; what it exports is known only to groups that start after its own. */
function factsOf(group: unknown, reader: unknown): string[] {
  const exports = roleOf(group) === roleOf(reader) ? [] : keysIn(group, "exports");
  return [...nodeFacts, ...planesOf(group).flatMap(addressOf), ...keysIn(group, "values"), ...exports];
}

/** Where its nodes listen. */
export const planesOf = (group: unknown) => planes.filter((plane) => plane in tableIn(group, "ports"));

function addressOf(name: string): string[] {
  return [name, `${name}.host`, `${name}.port`];
}

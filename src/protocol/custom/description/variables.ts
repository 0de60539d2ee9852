/** Which variables may stand where: a name that nobody could fill in is a diagnostic before anything starts. */
import { keyBytes } from "../../transactions/hex-key.ts";
import type { PlaneName } from "../schema/schema.ts";

/** What names depend on. */
export interface Outline {
  readonly options: readonly string[];
  readonly secrets: readonly string[];
  readonly groups: readonly GroupOutline[];
  /** The nodes make the load, and are told of it. */
  readonly makesLoad: boolean;
}

export interface GroupOutline {
  readonly role: string;
  readonly planes: readonly PlaneName[];
  readonly exports: readonly string[];
  readonly lists: readonly string[];
}

/** First words of variables, which no role may be called. */
export const reservedRoles = ["node", "item", "committee", "options", "secret", "lists", "load"];

/** What every node has; no export may be called so. */
const nodeFacts = ["name", "role", "index", "number"];
export const reservedExports = [...nodeFacts, "home", "listen", "rpc", "peer", "metrics"];

/** Variables of a group's command, environment and files. */
export function nodeVariables(outline: Outline, group: GroupOutline): string[] {
  return [...innerVariables(outline, group), ...group.lists.map((name) => `lists.${name}`)];
}

/** Variables of a list's items: those about one node of the roles `of`, and all that its reader has but lists. */
export function itemVariables(outline: Outline, group: GroupOutline, of: readonly string[]): string[] {
  const groups = outline.groups.filter(({ role }) => of.includes(role));
  // What one of several groups has not cannot be said of all.
  const [first = [], ...others] = groups.map((each) => factsOf(each, { isOwn: each.role === group.role }));
  const common = first.filter((name) => others.every((names) => names.includes(name)));
  return [...common.map((name) => `item.${name}`), ...innerVariables(outline, group)];
}

/** What nodes are told of the load that they make. */
export const loadVariables = ["rate", "node-rate", "transaction-size", "warm-up", "duration"].map(
  (name) => `load.${name}`,
);

/** How bytes stand in a text. A transaction is letters and digits, so that it is its own text. */
export type TextEncoding = "text" | "base64" | "hex";

const transactionParts = {
  transaction: { start: 0, end: undefined },
  "transaction.key": { start: 0, end: keyBytes },
  "transaction.value": { start: keyBytes, end: undefined },
} as const;
const encodings = { "": "text", ".text": "text", ".base64": "base64", ".hex": "hex" } as const;

/** Variables for bytes of a transaction: it all, the key that it begins with, and the rest. */
export const transactionTexts: ReadonlyMap<
  string,
  { readonly start: number; readonly end: number | undefined; readonly encoding: TextEncoding }
> = new Map(
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

function innerVariables({ options, secrets, groups, makesLoad }: Outline, group: GroupOutline): string[] {
  return [
    ...factsOf(group, { isOwn: true }).map((fact) => `node.${fact}`),
    "node.home",
    ...group.planes.flatMap((plane) => addressOf(`node.listen.${plane}`)),
    "committee.size",
    "committee.faults",
    ...options.map((name) => `options.${name}`),
    ...secrets.map((name) => `secret.${name}`),
    ...(makesLoad ? loadVariables : []),
    ...groups.flatMap((each) =>
      factsOf(each, { isOwn: each.role === group.role }).map((fact) => `${each.role}.${fact}`),
    ),
  ];
}

/** What can be said of a node; what it exports is known only to groups that start after its own. */
function factsOf({ planes, exports }: GroupOutline, { isOwn }: { isOwn: boolean }): string[] {
  return [...nodeFacts, ...planes.flatMap(addressOf), ...(isOwn ? [] : exports)];
}

function addressOf(name: string): string[] {
  return [name, `${name}.host`, `${name}.port`];
}

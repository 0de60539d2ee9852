/** Looking into the groups of a description that may not be what it should. */
import { keysIn, listIn, tableIn, textIn, textsIn } from "../../../core/documents/loose.ts";
import type { Path } from "../../../core/documents/schema-issues.ts";
import { templateVariables } from "./template.ts";

export const roleOf = (group: unknown): string => textIn(group, "role") ?? "";

/** The committee alone has no count. */
export const isCommittee = (group: unknown): boolean => !("count" in tableIn(group));

/** A text that may hold variables, and where it stands. */
export interface PlacedText {
  readonly path: Path;
  readonly text: string;
}

/** One of a group. */
interface NodeText extends PlacedText {
  /** Of a list's item: the roles that it is about. */
  readonly of?: readonly string[];
}

/** Every text of a group that may hold variables. */
export function nodeTexts(group: unknown): NodeText[] {
  const texts: NodeText[] = [];
  const add = (text: unknown, path: Path, of?: readonly string[]) => {
    if (typeof text === "string") texts.push({ path, text, ...(of && { of }) });
  };
  for (const [place, text] of listIn(group, "command").entries()) add(text, ["command", place]);
  for (const [name, text] of Object.entries(tableIn(group, "environment"))) add(text, ["environment", name]);
  for (const [place, file] of listIn(group, "files").entries()) {
    add(tableIn(file).content, ["files", place, "content"]);
  }
  for (const [name, list] of Object.entries(tableIn(group, "lists"))) {
    add(tableIn(list).item, ["lists", name, "item"], rolesOf(list, group));
  }
  return texts;
}

/** Roles of a list's nodes: its own group's, where it names none. */
export function rolesOf(list: unknown, group: unknown): readonly string[] {
  const named = namedRoles(list);
  return named.length > 0 ? named : [roleOf(group)];
}

export function namedRoles(list: unknown): readonly string[] {
  const one = textIn(list, "of");
  return one === undefined ? textsIn(list, "of") : [one];
}

/** Roles that must run before a group: those that it names, and those whose exports its texts use. */
export function startsAfter(group: unknown, groups: readonly unknown[]): string[] {
  const own = textIn(group, "role");
  const used = nodeTexts(group).flatMap(({ text, of = [] }) =>
    templateVariables(text).flatMap((variable) => {
      const [first = "", name = ""] = variable.split(".");
      const roles = first === "item" ? of : [first];
      return groups
        .filter((other) => roles.includes(roleOf(other)) && keysIn(other, "exports").includes(name))
        .map(roleOf);
    }),
  );
  return [...new Set([...textsIn(group, "start-after"), ...used])].filter((role) => role !== own);
}

import type { PlaneName } from "../schema/schema.ts";
import { listIn, tableIn, textIn, textsIn } from "./loose.ts";
import { templateVariables } from "./template.ts";
import type { GroupOutline, Outline } from "./variables.ts";

const planes: readonly PlaneName[] = ["rpc", "peer", "metrics"];

/** The names in a file, also in one that has diagnostics. */
export function outlineOf(file: unknown): Outline {
  return {
    options: Object.keys(tableIn(file, "options")),
    secrets: textsIn(file, "secrets"),
    groups: listIn(file, "nodes").map(outlineOfGroup),
    makesLoad: "load" in tableIn(file),
  };
}

function outlineOfGroup(group: unknown): GroupOutline {
  const ports = tableIn(group, "ports");
  return {
    role: textIn(group, "role") ?? "",
    planes: planes.filter((plane) => plane in ports),
    exports: Object.keys(tableIn(group, "exports")),
    lists: Object.keys(tableIn(group, "lists")),
  };
}

/** A text with variables of a group, and where in the group it stands. */
export interface NodeText {
  readonly path: readonly (string | number)[];
  readonly text: string;
  /** Of a list's item: the roles that it is about. */
  readonly of?: readonly string[];
}

/** Every text of a group that may hold variables. */
export function nodeTexts(group: unknown): NodeText[] {
  const texts: NodeText[] = [];
  listIn(group, "command").forEach((text, place) => {
    if (typeof text === "string") texts.push({ path: ["command", place], text });
  });
  for (const [name, text] of Object.entries(tableIn(group, "environment"))) {
    if (typeof text === "string") texts.push({ path: ["environment", name], text });
  }
  listIn(group, "files").forEach((file, place) => {
    const text = textIn(file, "content");
    if (text !== undefined) texts.push({ path: ["files", place, "content"], text });
  });
  for (const [name, list] of Object.entries(tableIn(group, "lists"))) {
    const text = textIn(list, "item");
    if (text !== undefined) texts.push({ path: ["lists", name, "item"], text, of: rolesOf(list, group) });
  }
  return texts;
}

/** Roles of a list's nodes: its own group's, where it names none. */
export function rolesOf(list: unknown, group: unknown): readonly string[] {
  const one = textIn(list, "of");
  if (one !== undefined) return [one];
  const several = textsIn(list, "of");
  return several.length > 0 ? several : [textIn(group, "role") ?? ""];
}

/** Roles that must run before a group: those that it names, and those whose exports its texts use. */
export function startsAfter(group: unknown, outline: Outline): string[] {
  const own = textIn(group, "role");
  const used = nodeTexts(group).flatMap(({ text, of = [] }) =>
    templateVariables(text).flatMap((variable) => {
      const [first = "", name = ""] = variable.split(".");
      const roles = first === "item" ? of : [first];
      return outline.groups.filter(({ role, exports }) => roles.includes(role) && exports.includes(name));
    }),
  );
  const roles = [...textsIn(group, "start-after"), ...used.map(({ role }) => role)];
  return [...new Set(roles)].filter((role) => role !== own);
}

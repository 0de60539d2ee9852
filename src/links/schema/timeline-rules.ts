/** What the keys of a timeline must be to each other. */

import { linkActions, nodeActions } from "../../contracts/links/timeline.ts";
import { keysIn, listIn, type Refuse, tableIn } from "../../core/documents/loose.ts";
import type { Path } from "../../core/documents/schema-issues.ts";
import { parseQuantity, type QuantityKind } from "../../core/quantity.ts";
import { checkShape } from "./rules.ts";
import { moment, span } from "./timeline.ts";

export const actions = [...nodeActions, ...linkActions] as const;
type Action = (typeof actions)[number];

/** Keys of an entry beside its action, the actions that take them, and those that need them. */
const companions: Readonly<
  Record<string, { readonly of: readonly Action[]; readonly needed: readonly Action[] }>
> = {
  for: {
    of: ["crash", "pause", "partition", "isolate", "set", "ramp", "flap", "move"],
    needed: ["ramp", "flap"],
  },
  up: { of: ["flap"], needed: ["flap"] },
  down: { of: ["flap"], needed: ["flap"] },
  links: { of: ["set", "ramp"], needed: [] },
  to: { of: ["move"], needed: [] },
  path: { of: ["move"], needed: [] },
  circle: { of: ["move"], needed: [] },
  wander: { of: ["move"], needed: [] },
  speed: { of: ["move"], needed: [] },
};

/** Also checks a list that the schema refuses, so that all faults are reported at once. @param base where it stands */
export function checkTimeline(list: unknown, base: Path, refuse: Refuse): void {
  const entries = Array.isArray(list) ? list : [];
  for (const [place, entry] of entries.entries()) {
    checkEntry(tableIn(entry), (path, message) => refuse([...base, place, ...path], message));
  }
}

function checkEntry(entry: Readonly<Record<string, unknown>>, refuse: Refuse): void {
  const found = actions.filter((action) => action in entry);
  const [action] = found;
  if (action === undefined) {
    refuse([], `names no action; add one of ${actions.join(", ")}`);
    return;
  }
  for (const other of found.slice(1)) {
    refuse([other], `${other}: ${action}: is given too; use an entry for each`);
  }
  if (found.length === 1) checkCompanions(entry, action, refuse);
  checkTimes(entry, refuse);
  if ("set" in entry) {
    checkShape(tableIn(entry, "set"), ["set"], refuse);
    refuseEmpty(entry, "set", refuse);
  }
  if ("ramp" in entry) refuseEmpty(entry, "ramp", refuse);
  checkLinksOf(entry, refuse);
  if ("move" in entry) checkMove(entry, refuse);
}

const ways = ["to", "path", "circle", "wander"] as const;

function checkMove(entry: Readonly<Record<string, unknown>>, refuse: Refuse): void {
  const [way, ...others] = ways.filter((one) => one in entry);
  if (way === undefined) {
    refuse(["move"], `move: says not where to; add one of ${ways.join(", ")}`);
    return;
  }
  for (const other of others) refuse([other], `${other}: ${way}: is given too; use an entry for each`);
  const [hasFor, hasSpeed] = ["for" in entry, "speed" in entry];
  if (way === "to" || way === "path") {
    if (hasFor && hasSpeed) refuse(["speed"], "speed: for: is given too; use one of them");
    if (!hasFor && !hasSpeed) refuse(["move"], "move: needs for: or speed:; add one of them");
  } else if (!hasFor) refuse(["move"], `${way}: needs for; add for:`);
  if (way === "wander" && !hasSpeed) refuse(["wander"], "wander: needs speed; add speed:");
  if (way === "circle" && hasSpeed) refuse(["speed"], "speed: does not go with circle; use its period:");
  if (way === "wander") checkArea(listIn(tableIn(entry, "wander"), "within"), refuse);
}

function checkArea([low, high]: readonly unknown[], refuse: Refuse): void {
  if (!Array.isArray(low) || !Array.isArray(high)) return;
  const isLess = low.every((value, axis) => !(value > (high[axis] ?? value)));
  if (isLess && low.length === high.length) return;
  refuse(
    ["wander", "within"],
    "within: the first corner is not below the second; give the lesser values first",
  );
}

function checkCompanions(entry: object, action: Action, refuse: Refuse): void {
  for (const [key, { of, needed }] of Object.entries(companions)) {
    if (key in entry && !of.includes(action)) {
      refuse([key], `${key}: does not go with ${action}, only with ${of.join(", ")}; remove it`);
    }
    if (!(key in entry) && needed.includes(action)) refuse([], `${action}: needs ${key}; add ${key}:`);
  }
}

function checkTimes(entry: Readonly<Record<string, unknown>>, refuse: Refuse): void {
  const at = timeIn(entry, "at", moment);
  const length = timeIn(entry, "for", span);
  const every = timeIn(entry, "every", span);
  const until = timeIn(entry, "until", moment);
  if ("until" in entry && !("every" in entry)) {
    refuse(["until"], "until: nothing is repeated; add every: or use for:");
  }
  if (every !== undefined && length !== undefined && every < length) {
    refuse(
      ["every"],
      `every: ${String(entry.every)} is shorter than for: ${String(entry.for)}; use a longer one`,
    );
  }
  if (at !== undefined && until !== undefined && until <= at) {
    refuse(["until"], `until: ${String(entry.until)} is not after at: ${String(entry.at)}; use a later time`);
  }
}

/** undefined where it is not there, or none. */
function timeIn(
  entry: Readonly<Record<string, unknown>>,
  key: string,
  kind: QuantityKind,
): number | undefined {
  const parsed = parseQuantity(entry[key], kind);
  return "value" in parsed ? parsed.value : undefined;
}

function refuseEmpty(entry: unknown, key: "set" | "ramp", refuse: Refuse): void {
  const value = tableIn(entry)[key];
  if (typeof value === "object" && value !== null && keysIn(entry, key).length === 0) {
    refuse([key], `${key}: sets nothing; add a key such as delay:`);
  }
}

function checkLinksOf(entry: Readonly<Record<string, unknown>>, refuse: Refuse): void {
  if (!("links" in entry)) return;
  const links = tableIn(entry, "links");
  if (!["from", "to", "between"].some((key) => key in links)) {
    refuse(["links"], "links: names no link; add between:, from: or to:, or remove it for all links");
  }
  if ("between" in links && ("from" in links || "to" in links)) {
    refuse(
      ["links", "between"],
      "between: from: or to: is given too; between: is both directions, from: and to: are one",
    );
  }
  if (listIn(links, "between").length === 1) {
    refuse(
      ["links", "between"],
      "between: a list of one has no links between; name two or more, or leave out the brackets",
    );
  }
}

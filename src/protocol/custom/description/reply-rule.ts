import { compilePointer } from "../../../core/documents/json-pointer.ts";
import { showJson } from "../../../core/documents/show-json.ts";
import { parseJson } from "../../rpc/reply.ts";
import type { RuleEntry } from "../schema/schema.ts";

/** Longest reason that is kept of a refusal, characters. */
const longestReason = 200;

/** Why a reply does not mean yes, shortly and in the node's own words where it has some; undefined: it does. */
export type ReplyCheck = (status: number, body: string) => string | undefined;

export function compileReplyRule(rule: RuleEntry = {}): ReplyCheck {
  const { status: good = 200, reason } = rule;
  const statuses = typeof good === "number" ? [good] : good;
  const wanted = compileWanted(rule);
  const reasonIn = reason === undefined ? () => undefined : compilePointer(reason);
  const needsJson = Object.keys(wantedIn(rule)).length > 0;
  const ownWords = (reply: unknown, body: string) => {
    const words = reasonIn(reply);
    return typeof words === "string" || typeof words === "number" ? String(words) : body.trim();
  };
  const check: ReplyCheck = (status, body) => {
    const reply = parseJson(body);
    if (!statuses.includes(status)) return `HTTP ${status}: ${ownWords(reply, body)}`;
    if (reply === undefined) return `reply is not JSON: ${body}`;
    const missing = wanted(reply);
    return missing === undefined ? undefined : `${missing}: ${ownWords(reply, body)}`;
  };
  return (status, body) => {
    if (!needsJson && statuses.includes(status)) return undefined;
    return check(status, body)?.slice(0, longestReason);
  };
}

/** JSON Pointers and the texts, numbers or truth values that must stand there; null: anything that is there. */
export function wantedIn({
  has = [],
  equals = {},
}: Pick<RuleEntry, "has" | "equals">): Readonly<Record<string, string | number | boolean | null>> {
  return { ...Object.fromEntries(has.map((pointer) => [pointer, null])), ...equals };
}

/**
 * Checks what must stand in a value.
 *
 * @returns what is otherwise: `/code is 5, not 0`; undefined: nothing
 */
export function compileWanted(rule: Parameters<typeof wantedIn>[0]): (value: unknown) => string | undefined {
  const all = Object.entries(wantedIn(rule)).map(([pointer, wanted]) => ({
    pointer,
    wanted,
    read: compilePointer(pointer),
  }));
  return (value) => {
    for (const { pointer, wanted, read } of all) {
      const found = read(value);
      const place = pointer === "" ? "the reply" : pointer;
      if (found === undefined) return `${place} is missing`;
      if (wanted !== null && found !== wanted) {
        return `${place} is ${showJson(found)}, not ${JSON.stringify(wanted)}`;
      }
    }
    return undefined;
  };
}

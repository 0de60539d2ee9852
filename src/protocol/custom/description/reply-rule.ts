import { compilePointer } from "../../../core/documents/json-pointer.ts";
import { showJson } from "../../../core/documents/show-json.ts";
import { parseJson } from "../../rpc/reply.ts";
import type { ReplyRule } from "./description.ts";

/** Longest reason that is kept of a refusal, characters. */
const longestReason = 200;

/** Why a reply does not mean yes, shortly and in the node's own words where it has some; undefined: it does. */
export type ReplyCheck = (status: number, body: string) => string | undefined;

export function compileReplyRule({ statuses, json, reason }: ReplyRule): ReplyCheck {
  const wanted = compileWanted(json);
  const reasonIn = reason === undefined ? () => undefined : compilePointer(reason);
  const needsJson = Object.keys(json).length > 0;
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

/**
 * Checks what must stand in a value.
 *
 * @returns what is otherwise: `/code is 5, not 0`; undefined: nothing
 */
export function compileWanted(json: ReplyRule["json"]): (value: unknown) => string | undefined {
  const all = Object.entries(json).map(([pointer, wanted]) => ({
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

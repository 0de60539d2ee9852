/** Parts of descriptions, with what a test leaves out filled in. */
import type {
  LoadDescription,
  PolledCommits,
  PushedCommits,
  ReplyRule,
  RequestDescription,
} from "../../../../src/protocol/custom/description/description.ts";

export type LoadSide = LoadDescription;

export const request = (changes: Partial<RequestDescription> = {}): RequestDescription => ({
  method: "POST",
  pathTemplate: "/submit",
  headers: { "content-type": "application/json" },
  bodyTemplate: "${transaction}",
  ...changes,
});

export const get = (pathTemplate: string) =>
  request({ method: "GET", pathTemplate, headers: {}, bodyTemplate: "" });

export const rule = (changes: Partial<ReplyRule> = {}): ReplyRule => ({
  statuses: [200],
  json: {},
  ...changes,
});

export function described(
  bodyTemplate: string,
  { accepted = rule(), ...changes }: { accepted?: ReplyRule } & Partial<RequestDescription> = {},
): LoadSide {
  return {
    transaction: { request: request({ bodyTemplate, ...changes }), accepted, largestBytes: 100_000 },
  };
}

/** One position for each item of a log: `GET /log?from=N` gives `{items: [{at, text}]}`, `GET /head` gives `{at}`. */
export const polledLog: PolledCommits = {
  by: "polling",
  everyMs: 5,
  request: get("/log?from=${cursor}"),
  start: { request: get("/head"), position: "/at" },
  items: "/items",
  transaction: "/text",
  encoding: "text",
  position: "/at",
  perItem: true,
};

/** One position for each reply: `GET /blocks/N` gives `{at, texts}`, and 404 where there is none yet. */
export const polledBlocks: PolledCommits = {
  ...polledLog,
  request: get("/blocks/${cursor}"),
  items: "/texts",
  transaction: "",
  perItem: false,
};

/** Messages `{kind: "block", at, items: [{text}]}` of a service that sends from now on. */
export const pushedFromNow: PushedCommits = {
  by: "websocket",
  path: "/stream",
  subscribeTemplate: '{"subscribe":"blocks"}',
  when: { "/kind": "block" },
  items: "/items",
  transaction: "/text",
  encoding: "text",
  position: "/at",
  perItem: false,
};

/** Likewise, of one that goes on from any position. */
export const pushedFromCursor: PushedCommits = {
  ...pushedFromNow,
  subscribeTemplate: '{"subscribe":"blocks","from":${cursor}}',
  start: { request: get("/head"), position: "/at" },
};

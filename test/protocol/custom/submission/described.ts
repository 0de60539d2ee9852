/** Parts of descriptions, with what a test leaves out filled in. */
import type {
  PollingEntry,
  TransactionEntry,
  WebSocketEntry,
} from "../../../../src/protocol/custom/schema/schema.ts";

export const described = (body: string, changes: Partial<TransactionEntry> = {}): TransactionEntry => ({
  method: "POST",
  path: "/submit",
  headers: { "content-type": "application/json" },
  body,
  "largest-bytes": 100_000,
  ...changes,
});

/** One position for each item of a log: `GET /log?from=N` gives `{items: [{at, text}]}`, `GET /head` gives `{at}`. */
export const polledLog: PollingEntry = {
  by: "polling",
  "every-ms": 5,
  path: "/log?from=${cursor}",
  start: { path: "/head", position: "/at" },
  items: "/items",
  transaction: "/text",
  position: { item: "/at" },
};

/** One position for each reply: `GET /blocks/N` gives `{at, texts}`, and 404 where there is none yet. */
export const polledBlocks: PollingEntry = {
  ...polledLog,
  path: "/blocks/${cursor}",
  items: "/texts",
  transaction: "",
  position: { reply: "/at" },
};

/** Messages `{kind: "block", at, items: [{text}]}` of a service that sends from now on. */
export const pushedFromNow: WebSocketEntry = {
  by: "websocket",
  path: "/stream",
  subscribe: { subscribe: "blocks" },
  when: { equals: { "/kind": "block" } },
  items: "/items",
  transaction: "/text",
  position: { reply: "/at" },
};

/** Likewise, of one that goes on from any position. */
export const pushedFromCursor: WebSocketEntry = {
  ...pushedFromNow,
  subscribe: '{"subscribe":"blocks","from":${cursor}}',
  start: { path: "/head", position: "/at" },
};

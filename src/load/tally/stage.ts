import type { ReplyFate } from "../../contracts/results/latency.ts";

/** What became of a request. `reached: false`: no connection was made, so the node cannot have the transaction. */
export type Outcome =
  | { readonly fate: "acknowledged" | "timedOut" }
  | { readonly fate: "rejected"; readonly reason: string }
  | { readonly fate: "connectionFailed"; readonly reason: string; readonly reached: boolean };

/** How far a transaction has come. The fates by reply stand from `acknowledged` on. */
export const stage = {
  queued: 0,
  inFlight: 1,
  /** Dropped, or cut by the end. */
  unsent: 2,
  acknowledged: 3,
  rejected: 4,
  timedOut: 5,
  /** The connection broke after the request may have reached the node. */
  connectionFailed: 6,
  /** No connection was made, so the node cannot have the transaction. */
  unreached: 7,
} as const;

export type Stage = (typeof stage)[keyof typeof stage];

/** The stage that a request's end leads to. */
export function stageOf(outcome: Outcome): Stage {
  return outcome.fate === "connectionFailed" && !outcome.reached ? stage.unreached : stage[outcome.fate];
}

/** The fate by reply at that stage; undefined before the reply. */
export function fateOf(at: Stage): ReplyFate | undefined {
  switch (at) {
    case stage.acknowledged:
      return "acknowledged";
    case stage.rejected:
      return "rejected";
    case stage.timedOut:
      return "timedOut";
    case stage.connectionFailed:
    case stage.unreached:
      return "connectionFailed";
    default:
      return undefined;
  }
}

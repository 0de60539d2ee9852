import type { Endpoint } from "../../src/contracts/deployment.ts";

/** What a scripted node does. "Every n" rules go by sequence number, so that counts are exact; left out: never. */
export interface Behaviour {
  /** From the receipt of a transaction to its reply. */
  readonly replyDelayMs: number;
  /** after: each transaction commits that long after its receipt. every: in blocks at that pace, with all that arrived. */
  readonly commit: { readonly kind: "after" | "every"; readonly ms: number };
  readonly rejectEvery?: number;
  /** Closes the connection instead of replying. */
  readonly hangUpEvery?: number;
  /** Whether those that it hung up on are committed. */
  readonly hangUpCommits?: boolean;
  readonly neverCommitEvery?: number;
  /** Commits, but never replies. */
  readonly neverAnswerEvery?: number;
  /** Puts the transaction into two blocks. */
  readonly duplicateEvery?: number;
  /** Commits, besides, a transaction of the same run that was never sent. */
  readonly unknownEvery?: number;
  /** From the receipt of the first transaction with at least this sequence number: no reply and no block for so long. */
  readonly stall?: { readonly atSequence: number; readonly forMs: number };
  /** Commits at most so many a second, in order of arrival; the others wait their turn. Replies do not wait. */
  readonly capacityTps?: number;
  /** Of these, how many may commit at once after a pause; left out: 1. */
  readonly burst?: number;
  /** From this height on it shows blocks of its own. */
  readonly forkAtHeight?: number;
}

export interface StandInConfig {
  readonly rpc: Endpoint;
  /** How many peers it claims to have. */
  readonly peers: number;
  readonly behaviour: Behaviour;
  /** The height that it starts with, as a node that comes back does; left out: 0. */
  readonly recoveredHeight?: number;
}

export const configFileName = "stand-in.json";

/** What a sequence number is singled out for; each rule has a remainder of its own, so that no two meet. */
export type Rule = "reject" | "hangUp" | "neverCommit" | "neverAnswer" | "duplicate" | "unknown";

const rules = {
  reject: { remainder: 1, every: "rejectEvery" },
  hangUp: { remainder: 2, every: "hangUpEvery" },
  neverCommit: { remainder: 3, every: "neverCommitEvery" },
  neverAnswer: { remainder: 4, every: "neverAnswerEvery" },
  duplicate: { remainder: 5, every: "duplicateEvery" },
  unknown: { remainder: 6, every: "unknownEvery" },
} as const;

/** Whether the rule applies. Periods that are multiples of ten keep the rules apart. */
export function applies(rule: Rule, behaviour: Behaviour, sequence: number): boolean {
  const { remainder, every } = rules[rule];
  const period = behaviour[every];
  return period !== undefined && sequence % period === remainder % period;
}

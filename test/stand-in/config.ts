import type { Endpoint } from "../../src/contracts/nodes/node.ts";

/** One transaction in each n; or `count` in each `of`, which is a multiple of ten and at least ten times as many. */
export type Every = number | { readonly count: number; readonly of: number };

/** What a scripted node does. "Every" rules go by sequence number, so that counts are exact; left out: never. */
export interface Behaviour {
  /** From the receipt of a transaction to its reply. */
  readonly replyDelayMs: number;
  /** after: each transaction commits that long after its receipt. every: in blocks at that pace, with all that arrived. */
  readonly commit: { readonly kind: "after" | "every"; readonly ms: number };
  readonly rejectEvery?: Every;
  /** Closes the connection instead of replying. */
  readonly hangUpEvery?: Every;
  /** Whether those that it hung up on are committed. */
  readonly hangUpCommits?: boolean;
  readonly neverCommitEvery?: Every;
  /** Never replies. */
  readonly neverAnswerEvery?: Every;
  /** Which of those that it never answers are committed all the same; half: every other one. Left out: all. */
  readonly neverAnswerCommits?: "all" | "half";
  /** Puts the transaction into two blocks. */
  readonly duplicateEvery?: Every;
  /** Commits, besides, a transaction of the same run that was never sent. */
  readonly unknownEvery?: Every;
  /** From the receipt of the first transaction with at least this sequence number: no reply and no block for so long. */
  readonly stall?: { readonly atSequence: number; readonly forMs: number };
  /** Commits at most so many a second, in order of arrival; the others wait their turn. Replies do not wait. */
  readonly capacityTps?: number;
  /** Of these, how many may commit at once after a pause; left out: 1. */
  readonly burst?: number;
  /** From this height on it shows blocks of its own. */
  readonly forkAtHeight?: number;
  /** Only those who ask for these blocks see them; subscriptions show the ones that all others have. */
  readonly forkHidden?: boolean;
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
  return timesBefore(rule, behaviour, sequence) !== undefined;
}

/** Whether it is one of those that are never answered, and is not committed either. */
export function vanishes(behaviour: Behaviour, sequence: number): boolean {
  const before = timesBefore("neverAnswer", behaviour, sequence);
  return before !== undefined && behaviour.neverAnswerCommits === "half" && before % 2 === 1;
}

/** How often the rule applies to sequence numbers before this one; undefined where it does not apply to this one. */
function timesBefore(rule: Rule, behaviour: Behaviour, sequence: number): number | undefined {
  const { remainder, every } = rules[rule];
  const period = behaviour[every];
  if (period === undefined) return undefined;
  if (typeof period === "number") {
    return sequence % period === remainder % period ? Math.floor(sequence / period) : undefined;
  }
  const { count, of } = period;
  const place = sequence % of;
  if (place % 10 !== remainder || place >= 10 * count) return undefined;
  return Math.floor(sequence / of) * count + Math.floor(place / 10);
}

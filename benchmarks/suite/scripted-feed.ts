/** Feeds transactions through the client's books by a script, with a clock of its own and without any socket. */
import type { Ledger } from "../../src/contracts/results/latency.ts";
import { buildPacer } from "../../src/load/pacing/pacer.ts";
import type { ClientPlan } from "../../src/load/plan/client-plan.ts";
import { SecondRows } from "../../src/load/tally/seconds.ts";
import { Tally } from "../../src/load/tally/tally.ts";
import { type Miss, timedOut } from "../../src/load/transport/transport.ts";
import type { LatencyRecord } from "../../src/metrics/stats/latency-record.ts";

/** What happens to each 1,000 transactions, by sequence number modulo 1,000; no transaction is in two of these. */
const every = {
  /** Acknowledged, never committed. */
  lost: (at: number) => at % 20 === 3,
  rejected: (at: number) => at % 100 === 11 || at % 100 === 31 || at % 100 === 61,
  timedOut: (at: number) => at % 100 === 14 || at % 100 === 64,
  /** Times out, and is committed all the same. */
  unanswered: (at: number) => at % 100 === 14,
  /** Its connection broke, and it is committed all the same. */
  broken: (at: number) => at % 100 === 27,
  unreached: (at: number) => at === 77,
  dropped: (at: number) => at === 99,
  duplicated: (at: number) => at % 100 === 5,
  /** A transaction that was never sent is shown besides. */
  unknown: (at: number) => at === 6,
  /** Its reply comes after its commit. */
  slowReply: (at: number) => at % 10 === 8,
  late: (at: number) => at % 50 === 0,
} as const;

/** One of the lost ones, which is shown when nobody remembers it. */
const forgottenAt = 3;

type Rule = keyof typeof every;
const thousand = Array.from({ length: 1000 }, (_, at) => at);
const hits = Object.fromEntries(
  Object.entries(every).map(([rule, applies]) => [rule, Uint8Array.from(thousand, (at) => +applies(at))]),
) as Record<Rule, Uint8Array>;
const isCommitted = Uint8Array.from(thousand, (at) => {
  const failed = every.lost(at) || every.rejected(at) || every.unreached(at) || every.dropped(at);
  return +!(failed || (every.timedOut(at) && !every.unanswered(at)));
});

/** Transactions that become due between a send and what follows from it. */
const replyLag = 100;
const slowReplyLag = 4000;
const timeoutLag = 100_000;
/** A block shows, in reverse order, those that were due at least so many transactions before. */
const blockLag = 1000;
const blockTransactions = 2000;

const punctualMs = 0.1;
const lateMs = 3;
const windowStartMs = 1_000_000;
const neverSent = 2 ** 40;

const outcomes = {
  rejected: { kind: "rejected", reason: "by the script" },
  timedOut,
  broken: { kind: "broken", code: "BROKEN" },
  unreached: { kind: "unreachable", code: "UNREACHED" },
} as const satisfies Record<string, Miss>;

export interface FeedRequest {
  /** Of the window, whole thousands. Besides these there are 10,000 in the warm-up. */
  readonly transactions: number;
  /** In virtual time. The less, the fewer transactions are remembered. */
  readonly rateTps: number;
  /** Called after each `sampleEvery` transactions with how many were fed. */
  readonly onSample?: (fed: number) => void;
  readonly sampleEvery?: number;
}

export interface FeedOutcome {
  readonly tally: Tally;
  readonly lateness: LatencyRecord;
  /** What the script says that the ledger must be. */
  readonly expected: Ledger;
  /** Seconds that were told, and what they add up to. */
  readonly seconds: { readonly rows: number; readonly due: number; readonly committed: number };
}

const warmUpTransactions = 10_000;

/** Feeds all of a run's transactions, and ends it. */
export function feed({ transactions, rateTps, onSample, sampleEvery = 1e6 }: FeedRequest): FeedOutcome {
  const plan = planOf(transactions, rateTps);
  const pacer = buildPacer(plan);
  const reported = { rows: 0, due: 0, committed: 0 };
  const seconds = new SecondRows({ startMs: -plan.warmUpMs, windowMs: plan.windowMs }, ({ counts }) => {
    reported.rows++;
    reported.due += counts.due;
    reported.committed += counts.committed;
  });
  const tally = new Tally({ plan, pacer, commitsObservable: true, seconds });
  tally.begin(windowStartMs);
  const steps = pacer.transactions + timeoutLag;
  const forgottenLag = forgottenAfter(plan);
  for (let step = 0; step <= steps; step++) {
    const dueMs = ((step - warmUpTransactions) * 1000) / rateTps;
    const nowMs = windowStartMs + dueMs + (hits.late[step % 1000] === 1 ? lateMs : punctualMs);
    if (step < pacer.transactions) send(tally, step, { dueMs: pacer.dueMs(step), nowMs });
    reply(tally, step, { nowMs, transactions: pacer.transactions });
    if (step % blockTransactions === 0) {
      showBlock(tally, step, { nowMs, transactions: pacer.transactions });
      seconds.closeUpTo(dueMs);
    }
    const old = step - forgottenLag;
    if (old >= 0 && old % 1000 === forgottenAt) tally.committed(old, 0, nowMs);
    if (step > 0 && step % sampleEvery === 0) onSample?.(step);
  }
  const endMs = ((steps - warmUpTransactions) * 1000) / rateTps + lateMs;
  tally.close(windowStartMs + endMs);
  seconds.finish(endMs);
  const shownLate = Math.ceil(Math.max(0, steps - forgottenLag - forgottenAt + 1) / 1000);
  return {
    tally,
    lateness: seconds.lateness,
    expected: expectedLedger(transactions, shownLate),
    seconds: reported,
  };
}

function planOf(transactions: number, rateTps: number): ClientPlan {
  return {
    run: 1,
    client: 0,
    share: { index: 0, of: 1 },
    transport: { kind: "undici", inFlightPerConnection: 1, batchSize: 1 },
    pacing: "eco",
    seed: 1,
    targets: [{ node: "node0", rpc: { host: "127.0.0.1", port: 1 } }],
    rateTps,
    arrival: "constant",
    transactionSizeBytes: 128,
    warmUpMs: (warmUpTransactions * 1000) / rateTps,
    windowTransactions: transactions,
    windowMs: (transactions * 1000) / rateTps,
    drainMs: 0,
    requestTimeoutMs: (timeoutLag * 1000) / rateTps,
    maxInFlight: timeoutLag,
    queueLimit: 1,
    lateAfterMs: 2,
    failover: false,
    segments: [],
  };
}

/** More than a tally remembers: the power of two above what it must. */
function forgottenAfter({ rateTps, maxInFlight, queueLimit }: ClientPlan): number {
  return 2 * Math.ceil(rateTps * 300 + maxInFlight + queueLimit + 1);
}

function send(tally: Tally, sequence: number, { dueMs, nowMs }: { dueMs: number; nowMs: number }): void {
  if (!tally.admit(sequence, dueMs, nowMs)) return;
  if (hits.dropped[sequence % 1000] === 1) tally.dropped(sequence, nowMs);
  else tally.sent(sequence, 0, nowMs);
}

interface Moment {
  readonly nowMs: number;
  /** All of the run's. */
  readonly transactions: number;
}

/** Ends the requests whose time has come. */
function reply(tally: Tally, step: number, moment: Moment): void {
  const end = (sequence: number, miss: Miss) => tally.missed(sequence, miss, moment.nowMs);
  const [quick, slow, silent] = [step - replyLag, step - slowReplyLag, step - timeoutLag];
  if (quick >= 0 && quick < moment.transactions) {
    const at = quick % 1000;
    if (hits.rejected[at] === 1) end(quick, outcomes.rejected);
    else if (hits.broken[at] === 1) end(quick, outcomes.broken);
    else if (hits.unreached[at] === 1) end(quick, outcomes.unreached);
    else if (hits.timedOut[at] === 0 && hits.slowReply[at] === 0 && hits.dropped[at] === 0)
      tally.acknowledged(quick, moment.nowMs);
  }
  if (slow >= 0 && slow < moment.transactions && hits.slowReply[slow % 1000] === 1)
    tally.acknowledged(slow, moment.nowMs);
  if (silent >= 0 && silent < moment.transactions && hits.timedOut[silent % 1000] === 1)
    end(silent, outcomes.timedOut);
}

/** Commits what this block holds. */
function showBlock(tally: Tally, step: number, { nowMs, transactions }: Moment): void {
  const end = Math.min(step - blockLag, transactions);
  for (let sequence = end - 1; sequence >= Math.max(0, step - blockLag - blockTransactions); sequence--) {
    const at = sequence % 1000;
    if (isCommitted[at] === 0) continue;
    tally.committed(sequence, 0, nowMs);
    if (hits.duplicated[at] === 1) tally.committed(sequence, 0, nowMs);
    if (hits.unknown[at] === 1) tally.committed(sequence + neverSent, 0, nowMs);
  }
}

/** By the script's shares of each thousand; what was never sent counts in the warm-up, too. */
function expectedLedger(transactions: number, forgottenCommits: number): Ledger {
  const thousands = transactions / 1000;
  return {
    scheduled: transactions,
    unsent: { dropped: thousands, cut: 0 },
    sent: {
      acknowledged: { committed: 888 * thousands, notSeen: 50 * thousands },
      rejected: { committed: 0, notSeen: 30 * thousands },
      timedOut: { committed: 10 * thousands, notSeen: 10 * thousands },
      connectionFailed: { committed: 10 * thousands, notSeen: thousands },
    },
    duplicateCommits: 10 * thousands,
    unknownCommits: thousands + warmUpTransactions / 1000,
    forgottenCommits,
    lateSends: 20 * thousands,
  };
}

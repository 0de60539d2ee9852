import {
  type LatencyKind,
  type LatencySummary,
  type Ledger,
  latencyKinds,
  type ReplyFate,
} from "../../contracts/results/latency.ts";
import { snakeCase } from "../../core/keys.ts";

/** The fates by reply, in the order in which they are shown. */
export const replyFates = [
  "acknowledged",
  "rejected",
  "timedOut",
  "connectionFailed",
] as const satisfies readonly ReplyFate[];

/** Transactions that were sent, whatever became of them. */
export function sentTotal(ledger: Ledger): number {
  return sumOverFates(ledger, (cell) => cell.committed + cell.notSeen);
}

/** Transactions due in the window that were seen committed, whatever was replied. */
export function committedTotal(ledger: Ledger): number {
  return sumOverFates(ledger, (cell) => cell.committed);
}

/** Transactions due in the window that a node acknowledged. */
export function acknowledgedTotal(ledger: Ledger): number {
  const { committed, notSeen } = ledger.sent.acknowledged;
  return committed + notSeen;
}

/** Transactions due in the window that a node refused. */
export function rejectedTotal(ledger: Ledger): number {
  const { committed, notSeen } = ledger.sent.rejected;
  return committed + notSeen;
}

/**
 * Why a ledger does not balance; undefined where it does.
 *
 * It balances if every number is a whole one from 0, scheduled = sent + dropped + cut, and no more were late than scheduled.
 */
export function ledgerImbalance(ledger: Ledger): string | undefined {
  const { scheduled, unsent, lateSends } = ledger;
  if (!numbersOf(ledger).every(([, number]) => Number.isSafeInteger(number) && number >= 0)) {
    return "it contains a number that is not a count";
  }
  const sent = sentTotal(ledger);
  const accounted = sent + unsent.dropped + unsent.cut;
  if (accounted !== scheduled) {
    return `${scheduled} scheduled, but ${accounted} accounted for (${sent} sent, ${unsent.dropped} dropped, ${unsent.cut} cut)`;
  }
  if (lateSends > scheduled) return `${lateSends} late, but only ${scheduled} scheduled`;
  return undefined;
}

/** The first number in which a ledger is not the sum of those, in words; undefined where it is. */
export function ledgerDifference(ledger: Ledger, parts: readonly Ledger[]): string | undefined {
  const sums = new Map(numbersOf(mergeLedgers(parts)));
  for (const [name, number] of numbersOf(ledger)) {
    if (sums.get(name) !== number) return `${sums.get(name)} ${name}, not ${number}`;
  }
  return undefined;
}

type Counted = Pick<LatencySummary, "count" | "censored">;

/**
 * How many transactions each latency has to count, measured and censored, by the ledger.
 *
 * Every scheduled transaction has a commit and a response latency, and every sent one the other two; what the ledger
 * says was committed (replied to) is measured. In a run without latencies of refusals, which has none or was made by an
 * earlier version, only acceptances count as replies.
 */
export function countsByLedger(
  ledger: Ledger,
  latency: Readonly<Partial<Record<LatencyKind, unknown>>>,
): Readonly<Record<LatencyKind, Counted>> {
  const { scheduled } = ledger;
  const sent = sentTotal(ledger);
  const committed = committedTotal(ledger);
  const accepted = acknowledgedTotal(ledger);
  const refused = rejectedTotal(ledger);
  const replied = accepted + (latency.responseRefused === undefined ? 0 : refused);
  const of = (all: number, count = all) => ({ count, censored: all - count });
  return {
    commit: of(scheduled, committed),
    commitService: of(sent, committed),
    response: of(scheduled, replied),
    responseAccepted: of(accepted),
    responseRefused: of(refused),
    submit: of(sent, replied),
    submitAccepted: of(accepted),
    submitRefused: of(refused),
  };
}

/** Where latencies and ledger tell of different transactions; one sentence each, none where they agree. */
export function latencyImbalances(
  ledger: Ledger,
  latency: Readonly<Partial<Record<LatencyKind, Counted | undefined>>>,
  lateness: Counted,
): string[] {
  const wanted = countsByLedger(ledger, latency);
  const difference = (name: string, found: Counted | undefined, { count, censored }: Counted) =>
    found === undefined || (found.count === count && found.censored === censored)
      ? []
      : [
          `${name} was measured for ${found.count} transactions and not observed for ${found.censored}, but the ledger has ${count} and ${censored}`,
        ];
  return [
    ...latencyKinds.flatMap((kind) =>
      difference(snakeCase(kind).replaceAll("_", " "), latency[kind], wanted[kind]),
    ),
    // Each has its lateness, whatever becomes of it.
    ...difference("lateness", lateness, { count: ledger.scheduled, censored: 0 }),
  ];
}

/** The ledger of all the given ones' transactions together: every number added up. */
export function mergeLedgers(ledgers: readonly Ledger[]): Ledger {
  const sum = (number: (ledger: Ledger) => number) =>
    ledgers.reduce((total, ledger) => total + number(ledger), 0);
  const cell = (fate: ReplyFate) => ({
    committed: sum((ledger) => ledger.sent[fate].committed),
    notSeen: sum((ledger) => ledger.sent[fate].notSeen),
  });
  return {
    scheduled: sum((ledger) => ledger.scheduled),
    unsent: { dropped: sum((ledger) => ledger.unsent.dropped), cut: sum((ledger) => ledger.unsent.cut) },
    sent: {
      acknowledged: cell("acknowledged"),
      rejected: cell("rejected"),
      timedOut: cell("timedOut"),
      connectionFailed: cell("connectionFailed"),
    },
    duplicateCommits: sum((ledger) => ledger.duplicateCommits),
    unknownCommits: sum((ledger) => ledger.unknownCommits),
    forgottenCommits: sum((ledger) => ledger.forgottenCommits),
    lateSends: sum((ledger) => ledger.lateSends),
  };
}

/** Every number of a ledger, with what it counts. */
function numbersOf(ledger: Ledger): (readonly [string, number])[] {
  const cells = replyFates.flatMap((fate) => {
    const { committed, notSeen } = ledger.sent[fate];
    return [[`${fate} and committed`, committed] as const, [`${fate} and not seen`, notSeen] as const];
  });
  return [
    ["scheduled", ledger.scheduled],
    ["dropped", ledger.unsent.dropped],
    ["cut", ledger.unsent.cut],
    ...cells,
    ["duplicate commits", ledger.duplicateCommits],
    ["unknown commits", ledger.unknownCommits],
    ["forgotten commits", ledger.forgottenCommits],
    ["late sends", ledger.lateSends],
  ];
}

function sumOverFates(ledger: Ledger, number: (cell: Ledger["sent"][ReplyFate]) => number): number {
  return replyFates.reduce((total, fate) => total + number(ledger.sent[fate]), 0);
}

import type { LatencyKind, LatencySummary, Ledger, ReplyFate } from "../../contracts/results/latency.ts";

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

/**
 * Where latencies and ledger tell of different transactions; one sentence each, none where they agree.
 *
 * Every scheduled transaction has a commit and a response latency, measured or censored, and every sent one the other
 * two; what the ledger says was committed (acknowledged) is measured. Each has its lateness.
 */
export function latencyImbalances(
  ledger: Ledger,
  latency: Readonly<Partial<Record<LatencyKind, LatencySummary | undefined>>>,
  lateness: Pick<LatencySummary, "count" | "censored">,
): string[] {
  const { scheduled } = ledger;
  const sent = sentTotal(ledger);
  const committed = committedTotal(ledger);
  const acknowledged = acknowledgedTotal(ledger);
  const wanted = [
    ["commit", latency.commit, committed, scheduled],
    ["commit service", latency.commitService, committed, sent],
    ["response", latency.response, acknowledged, scheduled],
    ["submit", latency.submit, acknowledged, sent],
    ["lateness", lateness, scheduled, scheduled],
  ] as const;
  return wanted.flatMap(([name, summary, measured, all]) => {
    if (summary === undefined) return [];
    const { count, censored } = summary;
    if (count === measured && count + censored === all) return [];
    return [
      `${name} was measured for ${count} transactions and not observed for ${censored}, but the ledger has ${measured} and ${all - measured}`,
    ];
  });
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

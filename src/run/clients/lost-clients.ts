import type { LostClients } from "../../contracts/results/verdict.ts";
import { buildPacer } from "../../load/pacing/pacer.ts";
import type { ClientPlan } from "../../load/plan/client-plan.ts";
import { Share } from "../../load/plan/share.ts";

/** Where and when clients were lost, and why. */
export interface Loss {
  readonly host: string;
  /** Since the start of the window. */
  readonly atSecs: number;
  readonly reason: string;
}

/** What is told of the clients of one place that were lost. @param plans theirs, at least one */
export function describeLoss(plans: readonly ClientPlan[], { host, atSecs, reason }: Loss): LostClients {
  const windowTransactions = plans.reduce((sum, plan) => sum + dueInWindow(plan), 0);
  return { clients: plans.map(({ client }) => `client${client}`), host, atSecs, windowTransactions, reason };
}

function dueInWindow(plan: ClientPlan): number {
  const { warmUpTransactions, transactions } = buildPacer(plan);
  const share = new Share(plan.share);
  return share.countOf(transactions) - share.countOf(warmUpTransactions);
}

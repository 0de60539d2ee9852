import type { LostClients } from "../../contracts/results/verdict.ts";
import type { ClientPlacement } from "../../load/messages/messages.ts";
import { buildPacer } from "../../load/pacing/pacer.ts";
import type { ClientPlan } from "../../load/plan/client-plan.ts";
import { partOf, Share } from "../../load/plan/share.ts";

/** What the plans of a run's clients have in common; `maxInFlight` and `queueLimit` are of all together. */
export type SharedPlan = Omit<ClientPlan, "client" | "share">;

/**
 * The plans of all clients, by placement, numbered over all. Each sends an equal share of the load, has an equal share
 * of what may be under way and wait, and begins with another of its targets.
 */
export function planClients(
  shared: SharedPlan,
  placements: readonly Pick<ClientPlacement, "clients" | "targets">[],
): readonly (readonly ClientPlan[])[] {
  const of = placements.reduce((sum, { clients }) => sum + clients, 0);
  let next = 0;
  return placements.map(({ clients, targets }) =>
    Array.from({ length: clients }, () => {
      const index = next++;
      const own = rotate(targets, index);
      return {
        ...shared,
        client: index,
        share: { index, of },
        targets: own,
        maxInFlight: partOf(shared.maxInFlight, { index, of }),
        queueLimit: partOf(shared.queueLimit, { index, of }),
        segments: shared.segments.map((segment) => ({
          ...segment,
          down: placesOf(segment.down, shared.targets, own),
        })),
      };
    }),
  );
}

function rotate<T>(items: readonly T[], by: number): readonly T[] {
  const from = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(from), ...items.slice(0, from)];
}

/** Where those nodes stand in another list; left out where they do not. */
function placesOf(
  places: readonly number[],
  all: ClientPlan["targets"],
  own: ClientPlan["targets"],
): readonly number[] {
  return places
    .map((place) => own.findIndex(({ node }) => node === all[place]?.node))
    .filter((place) => place >= 0);
}

/** What is told of the clients of one place that were lost. @param plans theirs, at least one */
export function describeLoss(
  plans: readonly ClientPlan[],
  { host, atSecs, reason }: Pick<LostClients, "host" | "atSecs" | "reason">,
): LostClients {
  const windowTransactions = plans.reduce((sum, plan) => sum + dueInWindow(plan), 0);
  return { clients: plans.map(({ client }) => `client${client}`), host, atSecs, windowTransactions, reason };
}

function dueInWindow(plan: ClientPlan): number {
  const { warmUpTransactions, transactions } = buildPacer(plan);
  const share = new Share(plan.share);
  return share.countOf(transactions) - share.countOf(warmUpTransactions);
}

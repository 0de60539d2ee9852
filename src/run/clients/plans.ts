import type { ClientPlacement } from "../../load/messages/messages.ts";
import type { ClientPlan } from "../../load/plan/client-plan.ts";
import { partOf } from "../../load/plan/share.ts";

/** What the plans of a run's clients have in common; `maxInFlight` and `queueLimit` are of all of them together. */
export type SharedPlan = Omit<ClientPlan, "client" | "share">;

/**
 * The plans of all clients, by placement. Clients are numbered over all placements; each sends an equal share of the
 * load, has an equal share of what may be under way and wait, and begins with another of its targets.
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

/** Where the nodes at those places stand in another list; left out where they do not. */
function placesOf(
  places: readonly number[],
  all: ClientPlan["targets"],
  own: ClientPlan["targets"],
): readonly number[] {
  return places
    .map((place) => own.findIndex(({ node }) => node === all[place]?.node))
    .filter((place) => place >= 0);
}

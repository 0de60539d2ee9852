import type { SweepParameters } from "../../contracts/parameters.ts";

/**
 * Clients that there can be at most. In an open loop every client has a place in flight and one in the queue for each
 * of its nodes; a closed loop has no use for either, but each client has one transaction in flight.
 */
export function mostClients(
  { profile, maxInFlight, queueLimit }: SharedLimits,
  { loadTps, targets }: { readonly loadTps: number; readonly targets: number },
): number {
  return profile.kind === "closed" ? loadTps : Math.floor(Math.min(maxInFlight, queueLimit) / targets);
}

/**
 * The smallest numbers of clients in proportion to the nodes that each place drives for itself alone; 1 where all
 * places drive all nodes.
 *
 * @param driven number of nodes, by place
 */
export function weighPlaces(driven: readonly number[], nodes: number): readonly number[] {
  if (driven.every((count) => count === nodes)) return driven.map(() => 1);
  const divisor = driven.reduce(greatestCommonDivisor);
  return driven.map((count) => count / divisor);
}

/** Clients of these parameters; undefined where their hosts are not known, having diagnostics of their own. */
export function clientUnit({
  committee,
  remote,
}: Pick<SweepParameters, "committee" | "remote">): ClientUnit | undefined {
  const placement = remote?.clientPlacement ?? "coordinator";
  if (remote === undefined || placement === "coordinator") return { clients: 1, targets: committee };
  const driven =
    placement === "dedicated"
      ? remote.clientHosts.map(() => committee)
      : remote.hosts.map(({ nodes }) => nodes.length);
  if (driven.length === 0) return undefined;
  const clients = weighPlaces(driven, committee).reduce((sum, weight) => sum + weight, 0);
  return { clients, targets: Math.max(...driven) };
}

/** Clients of a run, as far as is known before it. */
export interface ClientUnit {
  /** There are this many, or a multiple of it: every place has its share. */
  readonly clients: number;
  /** Nodes that each of them sends to, at most. */
  readonly targets: number;
}

export type SharedLimits = Pick<SweepParameters, "profile" | "maxInFlight" | "queueLimit">;

export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

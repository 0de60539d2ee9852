import type { SweepParameters } from "../../contracts/parameters.ts";
import type { RunParameters } from "../../contracts/results/run-parameters.ts";

/**
 * Rate that one client is given where nobody says how many there are. A client can do many times as much; with so
 * little, its thread sleeps most of the time and what it measures is not its own.
 */
export const ratePerClientTps = 20_000;

/** What a run's clients share the machine with. */
export interface ClientSetting {
  /** The highest one of all clients together, as their plans have it; a closed loop's is an estimate. */
  readonly rateTps: number;
  /** Clients that there can be at most: what they share is to go round. */
  readonly most: number;
  /** Of the machine that the clients run on. */
  readonly cores: number;
  /** The system under test runs there too. */
  readonly isShared: boolean;
}

/** How many clients a run has, and how they wait for the next due time. */
export function chooseClients(
  { clients, pacing }: Pick<SweepParameters, "clients" | "pacing">,
  { rateTps, most, cores, isShared }: ClientSetting,
): Pick<RunParameters, "clients" | "pacing"> {
  const needed = Math.max(1, Math.ceil(rateTps / ratePerClientTps));
  const count = clients === "auto" ? Math.min(needed, Math.max(1, cores - 1), Math.max(1, most)) : clients;
  // Beside the clients, the observer and the coordinator have something to do.
  const hasFreeCores = cores > count + 1 && !isShared;
  return { clients: count, pacing: pacing === "auto" ? (hasFreeCores ? "precise" : "balanced") : pacing };
}

/** Clients that have to wait for a core see their own delays; undefined where there are cores enough. */
export function coreWarning(clients: number, cores: number): string | undefined {
  if (cores >= clients + 1) return undefined;
  const have = cores === 1 ? "1 core" : `${cores} cores`;
  const want = clients === 1 ? "1 client" : `${clients} clients`;
  return `${want} on ${have}: one core for each client and one for everything else keeps client delays out of the figures. Use fewer with --clients.`;
}

/** The same for all places of a run together, each of which has its part of `unit`. */
export function chooseForPlaces(
  parameters: SweepParameters,
  { clients: total, targets }: ClientUnit,
  { loadTps, rateTps, ...machine }: Omit<ClientSetting, "most"> & { readonly loadTps: number },
): Pick<RunParameters, "clients" | "pacing"> {
  const { clients, pacing } = parameters;
  const asked = clients === "auto" ? "auto" : Math.ceil(clients / total);
  const most = Math.floor(mostClients(parameters, { loadTps, targets }) / total);
  const each = chooseClients({ clients: asked, pacing }, { ...machine, rateTps: rateTps / total, most });
  return { ...each, clients: each.clients * total };
}

/**
 * Clients that there can be at most. In an open loop every client has a place in flight and one in the queue for each
 * of its nodes; a closed loop has no use for either, but each client has one transaction in flight.
 */
function mostClients(
  { profile, maxInFlight, queueLimit }: Pick<SweepParameters, "profile" | "maxInFlight" | "queueLimit">,
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

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

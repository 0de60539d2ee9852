/** How many clients may share a run. Pure. */
import type { Fault } from "../core/errors.ts";
import type { GivenParameters } from "./check.ts";
import { knownLoadsTps, type SweepParameters } from "./parameters.ts";
import { formatCount } from "./rule.ts";

/** Clients of a run, as far as is known before it. */
export interface ClientUnit {
  /** There are this many, or a multiple of it: every place has its share. */
  readonly clients: number;
  /** Nodes that each of them sends to, at most. */
  readonly targets: number;
}

type SharedTerms = Pick<SweepParameters, "profile" | "maxInFlight" | "queueLimit">;

/**
 * Clients that there can be at most. In an open loop every client has a place in flight and one in the queue for each
 * of its nodes; a closed loop has no use for either, but each client has one transaction in flight.
 */
export function mostClients(
  { profile, maxInFlight, queueLimit }: SharedTerms,
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

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Clients of these parameters; undefined where their hosts are not known, having faults of their own. */
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

/** What clients share goes round: the in-flight cap and the queue over clients and nodes, or what is in flight. */
export function checkClients(given: GivenParameters, parameters: SweepParameters, faults: Fault[]): void {
  const unit = clientUnit(parameters);
  if (unit === undefined) return;
  const { clients: asked, profile } = parameters;
  const clients = Math.ceil((asked === "auto" ? 1 : asked) / unit.clients) * unit.clients;
  const who = clients === 1 ? "1 client" : `${formatCount(clients)} clients`;
  const fewer = clients > unit.clients ? ", or fewer clients" : "";
  const refuse = (message: string) => faults.push({ code: "contradiction", message });
  if (profile.kind === "closed") {
    for (const inFlight of new Set(knownLoadsTps(parameters))) {
      const name = inFlightName(given);
      if (!Number.isSafeInteger(inFlight)) {
        refuse(`${name}: ${inFlight} in flight in a closed loop is not a whole number. Give one.`);
      } else if (inFlight < clients) {
        refuse(
          `${name}: ${inFlight} in flight in a closed loop cannot be shared out over ${who}. Give at least ${formatCount(clients)}${fewer}.`,
        );
      }
    }
    return;
  }
  const places = clients * unit.targets;
  const nodes = unit.targets === 1 ? "1 node" : `${unit.targets} nodes`;
  for (const name of ["maxInFlight", "queueLimit"] as const) {
    const what = { maxInFlight: "requests in flight", queueLimit: "places in the queue" }[name];
    if (parameters[name] >= places) continue;
    refuse(
      `${given[name]?.name ?? name}: ${formatCount(parameters[name])} ${what} cannot be shared out over ${who} with ${nodes} each. Give at least ${formatCount(places)}${fewer}.`,
    );
  }
}

/** Who says how many are in flight: the profile by its text, or the loads of a program. */
function inFlightName({ profile, loads }: GivenParameters): string {
  return (typeof profile?.value === "string" ? profile.name : loads?.name) ?? "loads";
}

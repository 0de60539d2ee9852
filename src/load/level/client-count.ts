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

import type { ClientSite, Network } from "../../contracts/deployment.ts";
import type { SweepParameters } from "../../contracts/parameters.ts";
import type { RunParameters } from "../../contracts/results/run-parameters.ts";
import { chooseForPlaces, weighPlaces } from "../../load/level/client-count.ts";
import type { LoadPlan } from "../../load/level/plan-level.ts";
import type { ClientPlacement } from "../../load/messages/messages.ts";
import { openStreamLink } from "../../load/messages/stream-link.ts";

export interface SitedClients {
  readonly placements: readonly ClientPlacement[];
  /** How many there are in all, and how they wait. */
  readonly chosen: Pick<RunParameters, "clients" | "pacing">;
}

interface SiteLoad extends Pick<LoadPlan, "rateTps"> {
  readonly parameters: SweepParameters;
  readonly loadTps: number;
}

/**
 * Clients on all hosts where a network has them run. Each sends the same share of the load, so a host has as many as
 * let all nodes have the same: in proportion to its nodes where clients drive those of their own host.
 */
export function placeOnSites(
  sites: readonly ClientSite[],
  { nodes }: Pick<Network, "nodes">,
  { parameters, loadTps, rateTps }: SiteLoad,
): SitedClients {
  const driven = sites.map(({ targets }) => targets.length);
  const weights = weighPlaces(driven, nodes.length);
  const unit = { clients: weights.reduce((sum, weight) => sum + weight, 0), targets: Math.max(...driven) };
  const isShared = parameters.remote?.clientPlacement === "colocated";
  // Of the host with the fewest cores for each of its clients.
  const cores = Math.max(1, Math.min(...sites.map(({ cpus = 1 }, i) => Math.ceil(cpus / (weights[i] ?? 1)))));
  const chosen = chooseForPlaces(parameters, unit, { loadTps, rateTps, cores, isShared });
  const each = chosen.clients / unit.clients;
  const placements = sites.map((site, index) => placeOn(site, each * (weights[index] ?? 1)));
  return { placements, chosen };
}

function placeOn({ host, targets, start }: ClientSite, clients: number): ClientPlacement {
  return {
    host,
    clients,
    targets,
    open: async (signal) => {
      const process = await start(signal);
      return openStreamLink({
        host,
        input: process.stdin,
        output: process.stdout,
        explainEnd: () => process.ended,
        close: async () => process[Symbol.asyncDispose](),
      });
    },
  };
}

import type { ClientSite, Network } from "../../contracts/deployment.ts";
import type { SweepParameters } from "../../contracts/parameters.ts";
import type { RunParameters } from "../../contracts/results/run-parameters.ts";
import { chooseClients } from "../../load/level/client-count.ts";
import { mostClients, weighPlaces } from "../../load/level/client-unit.ts";
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
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const isShared = parameters.remote?.clientPlacement === "colocated";
  // Of the host with the fewest cores for each of its clients.
  const cores = Math.max(1, Math.min(...sites.map(({ cpus = 1 }, i) => Math.ceil(cpus / (weights[i] ?? 1)))));
  const asked = parameters.clients === "auto" ? "auto" : Math.ceil(parameters.clients / total);
  const most = mostClients(parameters, { loadTps, targets: Math.max(...driven) });
  const each = chooseClients(
    { clients: asked, pacing: parameters.pacing },
    { rateTps: rateTps / total, most: Math.floor(most / total), cores, isShared },
  );
  const placements = sites.map((site, index) => placeOn(site, each.clients * (weights[index] ?? 1)));
  return { placements, chosen: { clients: each.clients * total, pacing: each.pacing } };
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

import { mostClients, weighPlaces } from "../config/clients.ts";
import type { SweepParameters } from "../config/parameters.ts";
import type { ClientSite, Network } from "../contracts/deployment.ts";
import type { RunParameters } from "../contracts/run-parameters.ts";
import type { ClientPlacement } from "../load/process/messages.ts";
import { openStreamLink } from "../load/process/stream-link.ts";
import { chooseClients } from "./client-count.ts";
import type { LoadPlan } from "./load-plan.ts";

/** Clients on the hosts of a network. */
export interface SitedClients {
  readonly placements: readonly ClientPlacement[];
  /** How many there are in all, and how they wait. */
  readonly chosen: Pick<RunParameters, "clients" | "pacing">;
}

/** What the clients have to do. */
interface SiteLoad extends Pick<LoadPlan, "rateTps"> {
  readonly parameters: SweepParameters;
  readonly loadTps: number;
}

/**
 * Clients on all hosts where a network has them run. Every client sends the same share of the load, so a host has as
 * many as let all nodes have the same: in proportion to its nodes where clients drive those of their own host.
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

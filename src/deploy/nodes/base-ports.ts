/** Ports of a local network that a user moves. Pure. */
import type { DeploymentPlan, NodeGroup } from "../../contracts/deployment.ts";
import type { NodeName, Plane } from "../../contracts/nodes/node.ts";
import type { SweepParameters } from "../../contracts/parameters.ts";
import { highestPort } from "../../core/address.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { listPlannedNodes } from "./planned.ts";

/** The flags that move a plane. */
export const basePortFlags = { rpc: "--rpc-base-port", metrics: "--metrics-base-port" } as const;

/** First port of a plane: node i has that + i. Absent: the usual ones. */
export type BasePorts = Readonly<Partial<Record<Plane, number | undefined>>>;

export function basePortsOf({
  rpcBasePort: rpc,
  metricsBasePort: metrics,
}: Pick<SweepParameters, "rpcBasePort" | "metricsBasePort">): BasePorts {
  return { rpc, metrics };
}

/** The flags of planes that are moved. */
export function movedFlags(bases: BasePorts): readonly string[] {
  return Object.entries(basePortFlags).flatMap(([plane, flag]) => (bases[plane as Plane] ? [flag] : []));
}

/** The port of a plane of the node of that number, if it is moved. */
export function movedPort(bases: BasePorts, plane: Plane, node: number): number | undefined {
  const first = bases[plane];
  return first === undefined ? undefined : first + node;
}

/** What keeps the nodes of a plan from being moved there. @param isMovable whether a group's plane can be */
export function checkBasePorts(
  plan: DeploymentPlan,
  bases: BasePorts,
  isMovable: (group: NodeGroup, plane: Plane) => boolean,
): Diagnostic[] {
  const nodes = listPlannedNodes(plan);
  return Object.entries(basePortFlags).flatMap(([name, flag]): Diagnostic[] => {
    const plane = name as keyof typeof basePortFlags;
    const first = bases[plane];
    if (first === undefined) return [];
    const moved = nodes.findLastIndex(({ group }) => isMovable(group, plane));
    if (moved === -1) {
      const message = `${flag}: no node of ${plan.protocol} has a port for ${plane} that can be moved. Remove it.`;
      return [{ code: "port-conflict", message }];
    }
    if (first + moved <= highestPort) return [];
    const message = `${flag} ${first}: node${moved} would need port ${first + moved}, but the highest port is ${highestPort}. Use a lower port or a smaller committee.`;
    return [{ code: "port-conflict", message }];
  });
}

/** A plane of a node, and the port that it is to have. */
export interface WantedPort {
  readonly node: NodeName;
  readonly plane: Plane;
  readonly port: number;
}

/** Ranges that meet: the first port of which several nodes, or planes, would have. */
export function findOverlap(wanted: readonly WantedPort[]): Diagnostic[] {
  const shared = [...Map.groupBy(wanted, ({ port }) => port)].find(([, users]) => users.length > 1);
  if (shared === undefined) return [];
  const [port, users] = shared;
  const both = users.map(({ node, plane }) => `${plane} of ${node}`).join(" and ");
  const message = `The nodes' ports overlap: ${port} would be used for ${both}. Move one of the ranges with ${Object.values(basePortFlags).join(" or ")}.`;
  return [{ code: "port-conflict", message }];
}

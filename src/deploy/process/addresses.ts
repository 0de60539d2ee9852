import type { Endpoint, NodeName, Plane } from "../../contracts/nodes/node.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { listFixedPorts } from "../nodes/fixed-ports.ts";
import type { GroupedNode } from "../nodes/planned.ts";
import { findFreePorts } from "../nodes/ports.ts";

/** Where every plane of every node listens. */
export interface Addresses {
  /** @throws InvalidArgumentError where there is no such node or plane */
  readonly of: (node: NodeName, plane: Plane) => Endpoint;
  readonly allOf: (node: NodeName) => readonly PlaneAddress[];
}

export interface PlaneAddress {
  readonly plane: Plane;
  readonly endpoint: Endpoint;
  /** Its program listens there whatever it is told. */
  readonly fixed: boolean;
}

/** Gives every plane of every node a port of `host`: a free one, unless its program has its own. */
export async function chooseAddresses(nodes: readonly GroupedNode[], host: string): Promise<Addresses> {
  const slots = nodes.flatMap(({ name, group }) =>
    group.planes.map((plane) => ({ name, plane, fixed: group.ports?.[plane] })),
  );
  const taken = new Set(nodes.flatMap(({ group }) => listFixedPorts(group).map(({ port }) => port)));
  const free = await findFreePorts(countFreePorts(nodes), host, taken);
  const rows = slots.map(({ fixed, ...slot }) => {
    const endpoint = { host, port: fixed ?? free.pop() ?? 0 };
    return { ...slot, endpoint, fixed: fixed !== undefined };
  });
  return {
    of: (node, plane) => {
      const row = rows.find((candidate) => candidate.name === node && candidate.plane === plane);
      if (row === undefined)
        throw new InvalidArgumentError(`The network has no ${node} with a plane ${plane}.`);
      return row.endpoint;
    },
    allOf: (node) => rows.filter(({ name }) => name === node),
  };
}

/** How many ports have to be found for the planes of these nodes. */
export function countFreePorts(nodes: readonly GroupedNode[]): number {
  return nodes.reduce(
    (sum, { group }) => sum + group.planes.filter((plane) => group.ports?.[plane] === undefined).length,
    0,
  );
}

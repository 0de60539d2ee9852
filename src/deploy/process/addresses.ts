import type { Endpoint, NodeName, Plane } from "../../contracts/nodes/node.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { listFixedPorts } from "../nodes/fixed-ports.ts";
import type { GroupedNode } from "../nodes/planned.ts";
import { findFreePorts } from "../nodes/ports.ts";

/** Where every plane of every node listens. */
export type Addresses = Awaited<ReturnType<typeof chooseAddresses>>;

export interface PlaneAddress {
  readonly plane: Plane;
  readonly endpoint: Endpoint;
  /** Its program listens there whatever it is told. */
  readonly fixed: boolean;
}

/**
 * Gives every plane of every node a port of `host`: a free one, unless its program has its own.
 *
 * @throws BaleenError "no-free-ports"
 */
export async function chooseAddresses(nodes: readonly GroupedNode[], host: string) {
  const slots = nodes.flatMap(({ name, group }) =>
    group.planes.map((plane) => ({ name, plane, port: group.ports?.[plane] })),
  );
  const taken = new Set(nodes.flatMap(({ group }) => listFixedPorts(group).map(({ port }) => port)));
  const wanted = slots.filter(({ port }) => port === undefined).length;
  const free = await findFreePorts(wanted, host, taken);
  const rows = slots.map(({ name, plane, port }) => ({
    ...{ name, plane, fixed: port !== undefined },
    endpoint: { host, port: port ?? free.pop() ?? 0 },
  }));
  return {
    /** @throws InvalidArgumentError where there is no such node or plane */
    of: (node: NodeName, plane: Plane): Endpoint => {
      const row = rows.find((candidate) => candidate.name === node && candidate.plane === plane);
      if (row !== undefined) return row.endpoint;
      throw new InvalidArgumentError(`The network has no ${node} with a plane ${plane}.`);
    },
    allOf: (node: NodeName): readonly PlaneAddress[] => rows.filter(({ name }) => name === node),
  };
}

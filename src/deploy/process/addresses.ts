import type { DeployOptions } from "../../contracts/deployment.ts";
import type { Endpoint, NodeName, Plane } from "../../contracts/nodes/node.ts";
import { mapBounded, until } from "../../core/async.ts";
import { BaleenError, InvalidArgumentError, TimeoutError } from "../../core/errors.ts";
import { containerPorts } from "../containers/compose-file.ts";
import { type BasePorts, movedPort } from "../nodes/base-ports.ts";
import { fixedPort } from "../nodes/fixed-ports.ts";
import type { GroupedNode } from "../nodes/planned.ts";
import { findFreePorts, findPortHolder, isListening, isPortFree } from "../nodes/ports.ts";
import type { ProcessNode } from "./node.ts";

/** Where every plane of every node listens. */
export type Addresses = ReturnType<typeof addressesOf>;

interface PlaneAddress {
  readonly name: NodeName;
  readonly plane: Plane;
  /** The program always listens there, or the user chose the port. */
  readonly fixed: boolean;
  readonly endpoint: Endpoint;
}

/** @param alone only the nodes are on their network */
function addressesOf(rows: readonly PlaneAddress[], alone: boolean) {
  return {
    /** @throws InvalidArgumentError where there is no such node or plane */
    of: (node: NodeName, plane: Plane): Endpoint => {
      const row = rows.find((candidate) => candidate.name === node && candidate.plane === plane);
      if (row !== undefined) return row.endpoint;
      throw new InvalidArgumentError(`The network has no ${node} with a plane ${plane}.`);
    },
    allOf: (node: NodeName) => rows.filter(({ name }) => name === node),
    alone,
  };
}

/** The same ports for every node, where each has a network namespace and an address of its own. */
export function ownAddresses(
  nodes: readonly GroupedNode[],
  addressOf: (place: number) => string,
  bases: BasePorts = {},
): Addresses {
  const rows = nodes.flatMap((node, place) => {
    const fixed = node.group.planes.flatMap((plane) => fixedPort(node, plane) ?? []);
    return node.group.planes.map((plane): PlaneAddress => {
      const given = fixedPort(node, plane) ?? movedPort(bases, plane, place);
      let port = given ?? containerPorts[plane];
      while (given === undefined && fixed.includes(port)) port++;
      const endpoint = { host: addressOf(place), port };
      return { name: node.name, plane, fixed: given !== undefined, endpoint };
    });
  });
  return addressesOf(rows, true);
}

/**
 * Gives every plane of every node a port of `host`: a free one, unless its program has its own, or it is moved.
 *
 * @throws BaleenError "no-free-ports"
 */
export async function chooseAddresses(
  nodes: readonly GroupedNode[],
  host: string,
  bases: BasePorts = {},
): Promise<Addresses> {
  const slots = nodes.flatMap((node, i) =>
    node.group.planes.map((plane) => ({
      ...{ name: node.name, plane },
      port: fixedPort(node, plane) ?? movedPort(bases, plane, i),
    })),
  );
  const taken = new Set(slots.flatMap(({ port }) => port ?? []));
  const wanted = slots.filter(({ port }) => port === undefined).length;
  const free = await findFreePorts(wanted, host, taken);
  const rows = slots.map(
    ({ name, plane, port }): PlaneAddress => ({
      ...{ name, plane },
      fixed: port !== undefined,
      endpoint: { host, port: port ?? free.pop() ?? 0 },
    }),
  );
  return addressesOf(rows, false);
}

/** Other programs have a port that a node cannot do without, or took the chosen ones again and again. */
export class PortConflictError extends BaleenError {
  readonly what: string;
  /** It may go well with other ports. */
  readonly movable: boolean;

  constructor(what: string, movable: boolean) {
    const remedy = movable
      ? ", even after trying other ports. End the program that takes so many ports."
      : ". No other port is possible: end the process that has it.";
    super("port-conflict", `Cannot start the nodes: ${what}${remedy}`);
    this.what = what;
    this.movable = movable;
  }
}

const listenTimeoutMs = 10_000;
/** Of the log of a node that ended, where it says why; a stack comes behind the reason. */
const lastWordLines = 30;
/** As Node.js has it, and as the C library, Go, Rust, Java and Python do. */
const takenWords = /EADDRINUSE|address (?:is )?already in use|address in use/i;

interface Listening extends PlaneAddress {
  readonly node: ProcessNode;
}

/**
 * Waits until all nodes listen on all their planes, or one has ended, or it takes too long to be worth it: whether
 * they work is for the readiness check to say.
 *
 * @throws PortConflictError where a port of a node is, or for a moment was, in other hands
 */
export async function untilListening(
  nodes: readonly ProcessNode[],
  addresses: Addresses,
  { signal, emit }: Pick<DeployOptions, "signal" | "emit">,
): Promise<void> {
  const pending = new Set(
    nodes.flatMap((node) => addresses.allOf(node.name).map((address): Listening => ({ node, ...address }))),
  );
  const probe = async () => {
    const ended = nodes.filter((node) => node.pid() === undefined);
    if (ended.length > 0) return ended;
    await mapBounded([...pending], 16, async (waiting) => {
      if (await listens(waiting)) pending.delete(waiting);
    });
    return pending.size === 0 ? [] : undefined;
  };
  let ended: readonly ProcessNode[];
  try {
    const limits = { timeoutMs: listenTimeoutMs, everyMs: 50, signal };
    ended = await until(probe, { ...limits, describe: () => "not all nodes listen" });
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    if (!addresses.alone) await refuseStrangers(pending);
    const silent = [...pending].map(({ node, plane }) => `${plane} of ${node.name}`);
    const step = `not listening after ${listenTimeoutMs / 1000} s; no longer waiting`;
    emit({ type: "network-step", step, detail: silent.join(", ") });
    return;
  }
  for (const node of ended) await explainEnd(node, addresses);
}

/** That the port answers would not do: it may be another program that does. */
async function listens({ node, endpoint }: Listening): Promise<boolean> {
  const pid = node.pid();
  return pid !== undefined && (await isListening(pid, endpoint));
}

/** A program may live on without a port that somebody else has. */
async function refuseStrangers(pending: Iterable<Listening>): Promise<void> {
  for (const waiting of pending) if (!(await listens(waiting))) await refuseTaken(waiting.node, waiting);
}

/** Throws where a node has ended because of a port. */
async function explainEnd(node: ProcessNode, { allOf, alone }: Addresses): Promise<void> {
  const addresses = allOf(node.name);
  if (alone) return;
  for (const address of addresses) await refuseTaken(node, address);
  // Who held it is gone by now, but the node died of it.
  const said = (await node.logs({ tailLines: lastWordLines })).split("\n");
  if (!said.some((line) => takenWords.test(line))) return;
  const movable = addresses.some(({ fixed }) => !fixed);
  throw new PortConflictError(`a port of ${node.name} was taken for a moment`, movable);
}

async function refuseTaken(node: ProcessNode, { endpoint, fixed }: PlaneAddress): Promise<void> {
  const { host, port } = endpoint;
  if (await isPortFree(host, port)) return;
  const holder = (await findPortHolder(port, host))?.description ?? "an unknown process";
  throw new PortConflictError(`port ${port} of ${node.name} was taken by ${holder}`, !fixed);
}

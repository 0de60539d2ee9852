import { join } from "node:path";
import type { Endpoint, NodeExit, NodeName, Plane, Program } from "../contracts/deployment.ts";
import { mapBounded, until } from "../core/async.ts";
import { InvalidArgumentError, TimeoutError } from "../core/errors.ts";
import { nothingExported } from "./exported.ts";
import type { GroupedNode } from "./plan-nodes.ts";
import { findFreePorts, findPortHolder, isListening, isPortFree } from "./ports.ts";
import { writeNodeFiles } from "./process-folder.ts";
import { createProcessNode, type ProcessNode } from "./process-node.ts";

/** Where every plane of every node listens. */
export interface Addresses {
  /** @throws InvalidArgumentError where there is no such node or plane */
  readonly of: (node: NodeName, plane: Plane) => Endpoint;
  readonly allOf: (node: NodeName) => readonly Endpoint[];
}

/** Gives every plane of every node a free port of `host`. */
export async function chooseAddresses(nodes: readonly GroupedNode[], host: string): Promise<Addresses> {
  const slots = nodes.flatMap(({ name, group }) => group.planes.map((plane) => ({ name, plane })));
  const ports = await findFreePorts(slots.length, host);
  const rows = ports.map((port, at) => ({ ...slots[at], endpoint: { host, port } }));
  return {
    of: (node, plane) => {
      const row = rows.find((candidate) => candidate.name === node && candidate.plane === plane);
      if (row === undefined)
        throw new InvalidArgumentError(`The network has no ${node} with a plane ${plane}.`);
      return row.endpoint;
    },
    allOf: (node) => rows.filter(({ name }) => name === node).map(({ endpoint }) => endpoint),
  };
}

/** Lays the files of every node and says how each is started. */
export function prepareNodes(
  planned: readonly GroupedNode[],
  place: {
    readonly addresses: Addresses;
    readonly folder: string;
    readonly nodeBinary: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly onUnexpectedExit: (exit: NodeExit) => void;
  },
): Promise<ProcessNode[]> {
  const nodes = planned.map(({ name, role, index }) => ({ name, role, index }));
  return mapBounded(planned, 8, async ({ name, role, index, group }) => {
    const home = join(place.folder, name);
    const node = { name, role, index };
    const { args, files, env } = group.configure(node, {
      home,
      nodes,
      endpoint: place.addresses.of,
      listen: (plane) => place.addresses.of(name, plane),
      exported: nothingExported,
    });
    await writeNodeFiles(home, files);
    return createProcessNode({
      node,
      argv: argvOf(group.program, args, place.nodeBinary),
      env: { ...place.env, ...env },
      folder: place.folder,
      onUnexpectedExit: place.onUnexpectedExit,
    });
  });
}

/** A program of ours ends with its standard input; a foreign one knows nothing of us, so the kernel ends it with us. */
const lifeLine = ["/usr/bin/setpriv", "--pdeathsig", "KILL"];

function argvOf(program: Program, args: readonly string[], nodeBinary: string): string[] {
  if (program.kind === "node-program") {
    return [nodeBinary, join(program.root, program.entry), ...args, "--exit-with-parent"];
  }
  if (program.path === undefined) throw new InvalidArgumentError(`${program.name} has no file to start.`);
  return [...lifeLine, program.path, ...args];
}

const listenTimeoutMs = 10_000;
/** Of the log of a node that ended, where it says why; a stack comes behind the reason. */
const lastWordLines = 30;

/**
 * Waits until all nodes listen on all their planes, or one has ended, or it takes too long to be worth it: whether
 * they work is for the readiness check to say.
 *
 * @returns what happened, where a node ended because one of its ports is, or for a moment was, in other hands
 */
export async function findPortConflict(
  nodes: readonly ProcessNode[],
  addresses: Addresses,
  signal: AbortSignal,
): Promise<string | undefined> {
  // That a port answers would not do: it may be another program that does.
  const pending = new Set(
    nodes.flatMap((node) => addresses.allOf(node.name).map((endpoint) => ({ node, endpoint }))),
  );
  const probe = async () => {
    const ended = nodes.filter((node) => node.pid() === undefined);
    if (ended.length > 0) return ended;
    await mapBounded([...pending], 16, async (waiting) => {
      const pid = waiting.node.pid();
      if (pid !== undefined && (await isListening(pid, waiting.endpoint))) pending.delete(waiting);
    });
    return pending.size === 0 ? [] : undefined;
  };
  try {
    const ended = await until(probe, {
      timeoutMs: listenTimeoutMs,
      everyMs: 50,
      signal,
      describe: () => "not all nodes listen",
    });
    return await describeConflict(ended, addresses);
  } catch (error) {
    if (error instanceof TimeoutError) return undefined;
    throw error;
  }
}

async function describeConflict(
  ended: readonly ProcessNode[],
  addresses: Addresses,
): Promise<string | undefined> {
  for (const node of ended) {
    for (const { host, port } of addresses.allOf(node.name)) {
      if (await isPortFree(host, port)) continue;
      const holder = await findPortHolder(port, host);
      return `port ${port} of ${node.name} was taken by ${holder?.description ?? "an unknown process"}`;
    }
    // Who held it is gone by now, but the node died of it.
    const said = (await node.logs({ tailLines: lastWordLines })).split("\n");
    if (said.some((line) => line.includes("EADDRINUSE")))
      return `a port of ${node.name} was taken for a moment`;
  }
  return undefined;
}

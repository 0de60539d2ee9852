import type { DeployOptions } from "../../contracts/deployment.ts";
import { mapBounded, until } from "../../core/async.ts";
import { TimeoutError } from "../../core/errors.ts";
import { findPortHolder, isListening, isPortFree } from "../nodes/ports.ts";
import type { Addresses, PlaneAddress } from "./addresses.ts";
import type { ProcessNode } from "./node.ts";

/** A port of a node is, or for a moment was, in other hands. */
export interface PortConflict {
  readonly what: string;
  /** It may go well with other ports. */
  readonly movable: boolean;
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
 * @returns what happened, where a port of a node is, or for a moment was, in other hands
 */
export async function findPortConflict(
  nodes: readonly ProcessNode[],
  addresses: Addresses,
  { signal, emit }: Pick<DeployOptions, "signal" | "emit">,
): Promise<PortConflict | undefined> {
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
  try {
    const ended = await until(probe, {
      timeoutMs: listenTimeoutMs,
      everyMs: 50,
      signal,
      describe: () => "not all nodes listen",
    });
    return await findFatalConflict(ended, addresses);
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    const conflict = await findStranger(pending);
    const silent = [...pending].map(({ node, plane }) => `${plane} of ${node.name}`);
    const step = `not listened on after ${listenTimeoutMs / 1000} s, and not waited for any longer`;
    if (conflict === undefined) emit({ type: "network-step", step, detail: silent.join(", ") });
    return conflict;
  }
}

/** That the port answers would not do: it may be another program that does. */
async function listens({ node, endpoint }: Listening): Promise<boolean> {
  const pid = node.pid();
  return pid !== undefined && (await isListening(pid, endpoint));
}

/** A program may live on without a port that somebody else has. */
async function findStranger(pending: Iterable<Listening>): Promise<PortConflict | undefined> {
  for (const waiting of pending) {
    const { endpoint, node, fixed } = waiting;
    if ((await isPortFree(endpoint.host, endpoint.port)) || (await listens(waiting))) continue;
    return { what: await describeTaken(node, endpoint), movable: !fixed };
  }
  return undefined;
}

async function findFatalConflict(
  ended: readonly ProcessNode[],
  addresses: Addresses,
): Promise<PortConflict | undefined> {
  for (const node of ended) {
    const all = addresses.allOf(node.name);
    for (const { endpoint, fixed } of all) {
      if (await isPortFree(endpoint.host, endpoint.port)) continue;
      return { what: await describeTaken(node, endpoint), movable: !fixed };
    }
    // Who held it is gone by now, but the node died of it.
    const said = (await node.logs({ tailLines: lastWordLines })).split("\n");
    if (said.some((line) => takenWords.test(line))) {
      return {
        what: `a port of ${node.name} was taken for a moment`,
        movable: all.some(({ fixed }) => !fixed),
      };
    }
  }
  return undefined;
}

async function describeTaken(node: ProcessNode, { host, port }: PlaneAddress["endpoint"]): Promise<string> {
  const holder = await findPortHolder(port, host);
  return `port ${port} of ${node.name} was taken by ${holder?.description ?? "an unknown process"}`;
}

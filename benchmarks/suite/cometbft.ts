/** A committee of CometBFT nodes as processes of this machine, with the kvstore application inside. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Network, NodeExit } from "../../src/contracts/deployment.ts";
import { runCommand } from "../../src/core/command.ts";
import { findFreePorts } from "../../src/network/ports.ts";
import {
  openRunFolder,
  type RunFolder,
  removeDeadRuns,
  writeNodeFiles,
} from "../../src/network/process-folder.ts";
import { createProcessNode } from "../../src/network/process-node.ts";
import { buildCometBftFiles, type CometBftPlace, type CometBftTuning } from "./cometbft-files.ts";

export interface CometBftOptions {
  /** Absolute path of the program. */
  readonly program: string;
  readonly stateDir: string;
  /** Name of the run, unique in the state folder. */
  readonly run: string;
  readonly nodes: number;
  readonly tuning: CometBftTuning;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const host = "127.0.0.1";
const graceMs = 5_000;
/** CometBFT does not end when its standard input does, so the kernel ends it with us. */
const lifeLine = ["/usr/bin/setpriv", "--pdeathsig", "KILL"];

/** Starts the nodes; that they work is for the readiness check to say. They end with this process, however it ends. */
export async function startCometBft(options: CometBftOptions): Promise<Network> {
  await removeDeadRuns(options.stateDir, () => {});
  const folder = await openRunFolder(options.stateDir, options.run);
  const network = openNetwork(options, folder, await choosePlaces(options.nodes));
  try {
    await Promise.all(network.nodes.map((node) => node.start()));
    return network;
  } catch (error) {
    await network[Symbol.asyncDispose]();
    throw error;
  }
}

async function choosePlaces(nodes: number): Promise<CometBftPlace[]> {
  const ports = await findFreePorts(2 * nodes, host);
  return Array.from({ length: nodes }, (_, index) => ({
    rpc: { host, port: ports[2 * index] as number },
    peer: { host, port: ports[2 * index + 1] as number },
  }));
}

/** The nodes, none of them started yet. */
function openNetwork(
  { tuning, program, env }: CometBftOptions,
  folder: RunFolder,
  places: readonly CometBftPlace[],
): Network {
  const listeners = new Set<(exit: NodeExit) => void>();
  const plan = { secret: randomBytes(32), genesisTime: new Date().toISOString(), places, tuning };
  const nodes = places.map((_, index) => {
    const name = `node${index}`;
    const home = join(folder.path, name);
    const node = createProcessNode({
      node: { name, role: "validator", index },
      argv: [...lifeLine, program, "node", "--home", home, "--proxy_app", "kvstore"],
      env,
      folder: folder.path,
      onUnexpectedExit: (exit) => {
        for (const listener of [...listeners]) listener(exit);
      },
    });
    const start = async () => {
      await writeNodeFiles(home, buildCometBftFiles(plan, index));
      await node.start();
    };
    return { ...node, start };
  });
  const end = async () => {
    await Promise.allSettled(nodes.map((node) => node.retire({ graceMs })));
    await folder[Symbol.asyncDispose]();
    return undefined;
  };
  return {
    runtime: "process",
    nodes,
    endpoint: (target, _seenBy, plane) => {
      const place = places[nodes.findIndex(({ name }) => name === target)];
      if (place === undefined || plane === "metrics") throw new Error(`${target} has no ${plane}.`);
      return place[plane];
    },
    onExit: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: end,
    describe: async () => ({ version: await readCometBftVersion(program) }),
    [Symbol.asyncDispose]: end,
  };
}

/** As `cometbft version` tells it. */
export async function readCometBftVersion(program: string): Promise<string> {
  return (await runCommand([program, "version"], { timeoutMs: 10_000 })).stdout.trim();
}

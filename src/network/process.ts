import type { Deployer, DeploymentPlan, DeployOptions, Leftover, Network } from "../contracts/deployment.ts";
import { coordinatorName } from "../contracts/host-load.ts";
import { runCommand } from "../core/command.ts";
import { BaleenError } from "../core/errors.ts";
import { type Exits, openExits } from "./exits.ts";
import { listPlannedNodes } from "./plan-nodes.ts";
import { checkProcesses } from "./process-check.ts";
import { openRunFolder, type RunFolder, removeDeadRuns } from "./process-folder.ts";
import type { ProcessNode } from "./process-node.ts";
import { type Addresses, chooseAddresses, findPortConflict, prepareNodes } from "./process-start.ts";

export interface ProcessDeployerOptions {
  /** Absolute path of the Node.js that runs the nodes. */
  readonly nodeBinary: string;
  /** Folder for this user's state on this machine. */
  readonly stateDir: string;
  /** The whole environment of the nodes. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Other programs took the chosen ports again and again before the nodes could. */
export class PortConflictError extends BaleenError {
  constructor(conflict: string) {
    super(
      "port-conflict",
      `Cannot start the nodes: ${conflict}, after other ports had been tried. End what takes so many ports.`,
    );
  }
}

const host = "127.0.0.1";
/** How often ports are chosen anew when one was taken between its choice and its use. */
const attempts = 5;
/** Between SIGTERM and SIGKILL of a node when its network ends. */
const graceMs = 2000;

/**
 * Runs the nodes of a plan as child processes on free loopback ports. They always end with this process, whatever
 * the clean-up that was asked for, also where this process is killed.
 */
export function createProcessDeployer(deployer: ProcessDeployerOptions): Deployer {
  return {
    runtime: "process",
    check: (plan) => checkProcesses(plan, { ...deployer, host }),
    deploy: async (plan, options) => {
      options.signal.throwIfAborted();
      await removeDeadRuns(deployer.stateDir, options.emit);
      const folder = await openRunFolder(deployer.stateDir, options.run);
      try {
        return await deployInto(folder, { plan, deployer, options });
      } catch (error) {
        await folder[Symbol.asyncDispose]();
        throw error;
      }
    },
  };
}

interface Deployment {
  readonly plan: DeploymentPlan;
  readonly deployer: ProcessDeployerOptions;
  readonly options: DeployOptions;
}

async function deployInto(folder: RunFolder, deployment: Deployment): Promise<Network> {
  const { deployer, options } = deployment;
  const planned = listPlannedNodes(deployment.plan);
  options.emit({ type: "network-step", step: `starting ${planned.length} nodes as processes` });
  for (let attempt = 1; ; attempt++) {
    const exits = openExits();
    const addresses = await chooseAddresses(planned, host);
    const nodes = await prepareNodes(planned, {
      addresses,
      folder: folder.path,
      nodeBinary: deployer.nodeBinary,
      env: deployer.env,
      onUnexpectedExit: exits.tell,
    });
    const conflict = await startAll(nodes, addresses, options.signal);
    if (conflict === undefined) return openNetwork({ folder, nodes, addresses, exits, deployer });
    if (attempt === attempts) throw new PortConflictError(conflict);
    options.emit({ type: "network-step", step: "choosing other ports", detail: conflict });
  }
}

/** Starts all nodes; unless all is well, none runs at the end. Returns the conflict over a port, where there is one. */
async function startAll(
  nodes: readonly ProcessNode[],
  addresses: Addresses,
  signal: AbortSignal,
): Promise<string | undefined> {
  let kept = false;
  try {
    signal.throwIfAborted();
    await Promise.all(nodes.map((node) => node.start()));
    const conflict = await findPortConflict(nodes, addresses, signal);
    kept = conflict === undefined;
    return conflict;
  } finally {
    if (!kept) await retireAll(nodes);
  }
}

/** Ends all nodes for good; returns those that could not be ended. */
async function retireAll(nodes: readonly ProcessNode[]): Promise<ProcessNode[]> {
  await Promise.allSettled(nodes.map((node) => node.retire({ graceMs })));
  return nodes.filter((node) => node.pid() !== undefined);
}

function openNetwork(parts: {
  readonly folder: RunFolder;
  readonly nodes: readonly ProcessNode[];
  readonly addresses: Addresses;
  readonly exits: Exits;
  readonly deployer: ProcessDeployerOptions;
}): Network {
  const { folder, nodes, addresses, exits, deployer } = parts;
  let ending: Promise<Leftover | undefined> | undefined;
  const end = async (): Promise<Leftover | undefined> => {
    const left = await retireAll(nodes);
    await folder[Symbol.asyncDispose]();
    if (left.length === 0) return undefined;
    return {
      what: left.map((node) => `${node.name} (process ${node.pid()})`),
      command: `kill -9 ${left.map((node) => node.pid()).join(" ")}`,
    };
  };
  const stop = () => {
    ending ??= end();
    return ending;
  };
  return {
    runtime: "process",
    nodes,
    endpoint: (target, _seenBy, plane) => addresses.of(target, plane),
    onExit: exits.listen,
    machines: () => [
      {
        name: coordinatorName,
        processes: async () => nodes.flatMap((node) => node.pid() ?? []).map((pid) => ({ pid })),
        otherContainers: async () => undefined,
      },
    ],
    stop,
    describe: async () => {
      const argv = [deployer.nodeBinary, "--version"];
      const version = await runCommand(argv, { env: deployer.env, timeoutMs: 10_000 });
      return { runtime: "process", nodeBinary: deployer.nodeBinary, nodeVersion: version.stdout.trim() };
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

import type {
  Deployer,
  DeploymentPlan,
  DeployOptions,
  Leftover,
  Network,
} from "../../contracts/deployment.ts";
import { coordinatorName } from "../../contracts/hosts/host-load.ts";
import { runCommand } from "../../core/process/command.ts";
import type { Environment } from "../../core/process/environment.ts";
import { traceDecision } from "../../core/trace.ts";
import type { BasePorts } from "../nodes/base-ports.ts";
import { describeForeignPrograms, listForeignPrograms } from "../nodes/foreign-programs.ts";
import { listPlannedNodes } from "../nodes/planned.ts";
import { type Exits, openExits } from "../nodes/stages.ts";
import { findStarters, withStarted } from "../nodes/started.ts";
import { type Addresses, chooseAddresses, PortConflictError } from "./addresses.ts";
import { checkProcesses } from "./check.ts";
import { openRunFolder, type RunFolder, removeDeadRuns } from "./folder.ts";
import { chooseLifeLine, type LifeLine, type LifeLineKind, openLifeLine } from "./life-line.ts";
import { type LinkWays, openLinkWays } from "./link-ways.ts";
import { openProcessLinks, type ProcessLinks } from "./links.ts";
import type { ProcessNode } from "./node.ts";
import { retireNodes, startNodes } from "./start.ts";

export interface ProcessDeployerOptions {
  /** Absolute path of the Node.js that runs the nodes. */
  readonly nodeBinary: string;
  /** Folder for this user's state on this machine. */
  readonly stateDir: string;
  /** The whole environment of the nodes. */
  readonly env: Environment;
  /** Where their ports begin; those of other planes are free ones. */
  readonly basePorts?: BasePorts | undefined;
  /**
   * What ends foreign programs when this process is killed: "kernel" (Linux), or "keeper", a process of ours beside
   * them. Default: the kernel where it can, unless one of them is a script.
   */
  readonly lifeLine?: LifeLineKind | undefined;
}

const host = "127.0.0.1";
/** How often ports are chosen anew when one was taken between its choice and its use. */
const attempts = 5;

/**
 * Runs the nodes of a plan as child processes on free loopback ports. They always end with this process, whatever
 * the clean-up that was asked for, also where this process is killed.
 */
export function createProcessDeployer(deployer: ProcessDeployerOptions): Deployer {
  const kindFor = async (plan: DeploymentPlan) => deployer.lifeLine ?? (await chooseLifeLine(plan));
  const chooseWay = openLinkWays(deployer);
  return {
    runtime: "process",
    check: async (plan) => await checkProcesses(plan, { ...deployer, chooseWay }, host, await kindFor(plan)),
    deploy: async (plan, options) => {
      options.signal.throwIfAborted();
      await removeDeadRuns(deployer.stateDir, options.emit);
      const folder = await openRunFolder(deployer.stateDir, options.run);
      let line: LifeLine | undefined;
      try {
        const kind = await kindFor(plan);
        traceDecision(
          "end of foreign programs with this process",
          kind === "kernel" ? "by setpriv" : "by a keeper process",
        );
        line = await openLifeLine(kind, deployer);
        return await deployInto({ plan, deployer, chooseWay, options, folder, lifeLine: line });
      } catch (error) {
        await line?.[Symbol.asyncDispose]();
        await folder[Symbol.asyncDispose]();
        throw error;
      }
    },
  };
}

interface Deployment {
  readonly plan: DeploymentPlan;
  readonly deployer: ProcessDeployerOptions;
  readonly chooseWay: LinkWays;
  readonly options: DeployOptions;
  readonly folder: RunFolder;
  readonly lifeLine: LifeLine;
}

async function deployInto(deployment: Deployment): Promise<Network> {
  const { plan, deployer, chooseWay, options, folder, lifeLine } = deployment;
  const planned = listPlannedNodes(plan);
  options.emit({ type: "network-step", step: `starting ${planned.length} nodes as processes` });
  for (let attempt = 1; ; attempt++) {
    const exits = openExits();
    const links = await openProcessLinks({ ...deployer, chooseWay, plan, host, options });
    try {
      const addresses = links?.addresses ?? (await chooseAddresses(planned, host, deployer.basePorts));
      const onUnexpectedExit = exits.notify;
      const place = { ...deployer, addresses, folder: folder.path, lifeLine, links, onUnexpectedExit };
      const nodes = await startNodes(plan, place, options);
      return openNetwork({ ...deployment, nodes, addresses, links, exits });
    } catch (error) {
      await links?.[Symbol.asyncDispose]();
      if (!(error instanceof PortConflictError)) throw error;
      if (attempt === attempts || !error.movable) throw error;
      options.emit({ type: "network-step", step: "choosing other ports", detail: error.what });
    }
  }
}

interface StartedDeployment extends Deployment {
  readonly nodes: readonly ProcessNode[];
  readonly addresses: Addresses;
  readonly links: ProcessLinks | undefined;
  readonly exits: Exits;
}

function openNetwork(deployment: StartedDeployment): Network {
  const { nodes, addresses, links, exits } = deployment;
  const starters = findStarters(deployment.plan);
  let ending: Promise<Leftover | undefined> | undefined;
  const end = async (): Promise<Leftover | undefined> => {
    const left = await retireNodes(nodes);
    await links?.[Symbol.asyncDispose]();
    await deployment.lifeLine[Symbol.asyncDispose]();
    await deployment.folder[Symbol.asyncDispose]();
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
    endpoint: (target, seenBy, plane) =>
      seenBy === "coordinator" || links === undefined
        ? addresses.of(target, plane)
        : links.endpoint(target, seenBy.node, plane),
    onExit: exits.listen,
    ...(links === undefined ? {} : { links: links.shaping }),
    machines: () => [
      {
        name: coordinatorName,
        processes: async () => {
          const first = nodes.flatMap((node) => {
            const pid = node.pid();
            return pid === undefined ? [] : [{ pid, node: node.name }];
          });
          return [...(await withStarted(first, starters)), ...(links?.pids ?? []).map((pid) => ({ pid }))];
        },
        otherContainers: async () => undefined,
      },
    ],
    stop,
    describe: () => describeNetwork(deployment),
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

async function describeNetwork({
  plan,
  deployer,
  links,
}: StartedDeployment): Promise<Record<string, unknown>> {
  const { nodeBinary, env } = deployer;
  const facts: Record<string, unknown> = { runtime: "process" };
  if (links !== undefined) facts.links = { mechanism: links.shaping.mechanism, ...links.facts };
  if (plan.groups.some(({ program }) => program.kind === "node-program")) {
    const { stdout } = await runCommand([nodeBinary, "--version"], { env, timeoutMs: 10_000 });
    Object.assign(facts, { nodeBinary, nodeVersion: stdout.trim() });
  }
  if (listForeignPrograms(plan).length > 0) facts.programs = await describeForeignPrograms(plan);
  return facts;
}

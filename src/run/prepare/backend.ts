import { randomBytes } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import type { RunLeftovers } from "../../contracts/hosts/host-report.ts";
import type { SeenNode } from "../../contracts/nodes/seen-node.ts";
import type { SweepParameters } from "../../contracts/parameters.ts";
import type { ProtocolReference } from "../../contracts/protocol-choice.ts";
import type { Environment, ProcessFacts } from "../../core/process/environment.ts";
import { findOnPath } from "../../core/process/find-program.ts";
import type { LockHolder } from "../../core/process/lock.ts";
import { chooseLocalDeployer } from "../../deploy/choose-deployer.ts";
import { listSeenContainers } from "../../deploy/containers/seen.ts";
import type { ChosenDeployer, RemoteHosts, SweepContext, Testbed } from "../../deploy/deployers.ts";
import { findDocker } from "../../deploy/docker/deployer.ts";
import {
  cacheLabel,
  describeThings,
  listLeftovers,
  removeCachedImages,
  removeLeftovers,
} from "../../deploy/engine/ownership.ts";
import { acquireLock, readLock } from "../../deploy/lock.ts";
import { listProcessRuns, type ProcessRun, removeDeadRun } from "../../deploy/process/folder.ts";
import { listSeenProcesses } from "../../deploy/process/seen.ts";
import { type AskPassphrase, openRemoteBackend } from "../../deploy/remote/open-hosts.ts";
import { openTestbed } from "../../deploy/testbed/open.ts";
import { listHostFlags } from "../../options/hosts/flags.ts";
import { type FindProgram, type OpenedProtocol, openProtocol } from "../../protocol/open.ts";
import type { ClientRuntime } from "../clients/local-placement.ts";
import { clientProgram } from "../clients/program.ts";

/** Protocols, deployers and hosts, as sweeps and commands use them. */
export interface Backend {
  /** The adapter of the system under test. */
  readonly openProtocol: (reference: ProtocolReference) => OpenedProtocol;
  /** Absolute path of the program of a name; undefined where no folder of PATH has it. */
  readonly findProgram: FindProgram;
  /** Of clients on this machine. */
  readonly clientRuntime: ClientRuntime;
  readonly chooseDeployer: (
    parameters: SweepParameters,
    occasion: SweepContext,
    signal: AbortSignal,
  ) => Promise<ChosenDeployer>;
  /** Takes this machine's lock; rejects, naming the holder, where another run has it. */
  readonly lock: (run: string, signal: AbortSignal) => Promise<AsyncDisposable>;
  /** The living holder of this machine's lock. */
  readonly lockHolder: () => Promise<LockHolder | undefined>;
  /** The nodes of all runs on this machine, dead ones too. */
  readonly listNodes: (signal: AbortSignal) => Promise<readonly SeenNode[]>;
  readonly listLeftovers: (signal: AbortSignal) => Promise<readonly RunLeftovers[]>;
  /** Removes everything that carries this run's label, and ends its processes and removes their files. */
  readonly removeLeftovers: (run: string, signal: AbortSignal) => Promise<void>;
  /** Images that later runs would reuse, by name. */
  readonly listImages: (signal: AbortSignal) => Promise<readonly string[]>;
  /** Those that a container uses stay. */
  readonly removeImages: (
    signal: AbortSignal,
  ) => Promise<{ readonly removed: readonly string[]; readonly inUse: readonly string[] }>;
  readonly hosts: RemoteHosts;
  readonly testbed: Testbed;
}

/** A new id for a sweep. */
export const newRunId = (): string => randomBytes(4).toString("hex");

/** Folder for this user's state on this machine. */
export function stateDirOf(env: Environment): string {
  const base = env.XDG_STATE_HOME;
  return join(base?.startsWith("/") ? base : join(homedir(), ".local", "state"), "baleen");
}

/** What this machine and its hosts offer. Touches nothing yet. */
export function openBackend(
  { env, pid, nodeBinary, commandLine }: ProcessFacts,
  askPassphrase: AskPassphrase,
): Backend {
  const stateDir = stateDirOf(env);
  const engineOf = async (signal: AbortSignal) => {
    const found = await findDocker({ env, home: homedir(), signal });
    return found.available ? found.docker.engine : undefined;
  };
  const findProgram = (name: string) => findOnPath(name, env.PATH);
  // Nodes and clients are told in other ways what to do: what stands there for a command is not for them.
  const nodeEnv = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("BALEEN_")));
  const remote = openRemoteBackend({
    env,
    pid,
    nodeBinary,
    stateDir,
    askPassphrase,
    newRunId,
    clientProgram,
    listHostFlags,
  });
  return {
    openProtocol: (reference) => openProtocol(reference, findProgram),
    findProgram,
    clientRuntime: { nodeBinary, env: nodeEnv },
    chooseDeployer: (parameters, occasion, signal) =>
      parameters.networkType === "remote"
        ? remote.chooseDeployer(parameters, occasion, signal)
        : chooseLocalDeployer(parameters, { env, nodeBinary, stateDir, nodeEnv }, signal),
    lock: (run, signal) => acquireLock({ stateDir, run, command: commandLine, signal }),
    lockHolder: () => readLock(stateDir),
    listNodes: async (signal) => {
      const engine = await engineOf(signal);
      const containers = engine === undefined ? [] : await listSeenContainers(engine);
      return [...containers, ...(await listSeenProcesses(stateDir))];
    },
    listLeftovers: async (signal) => {
      const engine = await engineOf(signal);
      const left = engine === undefined ? [] : await listLeftovers(engine);
      const holder = await readLock(stateDir);
      const containers = left.map((one) => ({
        run: one.run,
        inUse: one.holderPid !== undefined || one.holderElsewhere !== undefined || one.run === holder?.run,
        what: describeThings(one),
      }));
      return [...containers, ...(await listProcessRuns(stateDir)).map(describeProcesses)];
    },
    removeLeftovers: async (run, signal) => {
      const engine = await engineOf(signal);
      if (engine !== undefined) await removeLeftovers(engine, run, { volumes: true, signal });
      await removeDeadRun(stateDir, run);
    },
    listImages: async (signal) => {
      const engine = await engineOf(signal);
      const images = (await engine?.listImages(cacheLabel)) ?? [];
      return images.flatMap(({ id, tags }) => (tags.length === 0 ? [id] : tags));
    },
    removeImages: async (signal) => {
      const engine = await engineOf(signal);
      return engine === undefined ? { removed: [], inUse: [] } : await removeCachedImages(engine);
    },
    hosts: remote.hosts,
    testbed: openTestbed(stateDir, env),
  };
}

function describeProcesses({ run, inUse, folder, running }: ProcessRun): RunLeftovers {
  const what = [...running.map(({ node, pid }) => `process ${node} (pid ${pid})`), `folder ${folder}`];
  return { run, inUse, what };
}

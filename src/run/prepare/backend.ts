import { randomBytes } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import type { RunLeftovers } from "../../contracts/hosts/host-report.ts";
import type { SeenNode } from "../../contracts/nodes/seen-node.ts";
import type { SweepParameters } from "../../contracts/parameters.ts";
import type { ProtocolReference } from "../../contracts/protocol-choice.ts";
import type { Environment, ProcessFacts } from "../../core/process/environment.ts";
import { findOnPath } from "../../core/process/find-program.ts";
import { chooseLocalDeployer } from "../../deploy/choose-local-deployer.ts";
import type { SweepContext } from "../../deploy/chosen-deployer.ts";
import { listSeenContainers } from "../../deploy/containers/seen.ts";
import { findDocker } from "../../deploy/docker/deployer.ts";
import {
  makeStandalone,
  type StandaloneRequest,
  type StandaloneWatch,
} from "../../deploy/docker/standalone.ts";
import {
  cacheLabel,
  describeThings,
  listLeftovers,
  removeCachedImages,
  removeLeftovers,
} from "../../deploy/engine/ownership.ts";
import { joinRuns, listLeftoverFiles, removeLeftoverFiles } from "../../deploy/leftover-files.ts";
import { acquireLock, readLock } from "../../deploy/lock.ts";
import {
  listProcessRuns,
  listSeenProcesses,
  type ProcessRun,
  removeDeadRun,
} from "../../deploy/process/folder.ts";
import { type AskPassphrase, openRemoteBackend } from "../../deploy/remote/open-hosts.ts";
import { openTestbed } from "../../deploy/testbed/open.ts";
import { listHostFlags } from "../../options/hosts/join.ts";
import { type FindProgram, openProtocol } from "../../protocol/open.ts";
import { clientProgram } from "../clients/program.ts";
import { openOrigin } from "./origin.ts";

/** Protocols, deployers and hosts, as sweeps and commands use them. */
export type Backend = Readonly<ReturnType<typeof openBackend>>;

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
) {
  const stateDir = stateDirOf(env);
  const engineOf = async (signal: AbortSignal) => {
    const found = await findDocker({ env, home: homedir(), signal });
    return found.available ? found.docker.engine : undefined;
  };
  const findProgram: FindProgram = (name) => findOnPath(name, env.PATH);
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
    openProtocol: (reference: ProtocolReference) => openProtocol(reference, findProgram),
    findProgram,
    /** Of clients on this machine. */
    clientRuntime: { nodeBinary, env: nodeEnv },
    chooseDeployer: (parameters: SweepParameters, occasion: SweepContext, signal: AbortSignal) =>
      parameters.networkType === "remote"
        ? remote.chooseDeployer(parameters, occasion, signal)
        : chooseLocalDeployer({ parameters, env, nodeBinary, stateDir, nodeEnv }, occasion, signal),
    /** Takes this machine's lock; rejects, naming the holder, where another run has it. */
    lock: (run: string, signal: AbortSignal): Promise<AsyncDisposable> =>
      acquireLock({ stateDir, run, command: commandLine, signal }),
    /** The living holder of that lock. */
    lockHolder: () => readLock(stateDir),
    /** The nodes of all runs on this machine, dead ones too. */
    listNodes: async (signal: AbortSignal): Promise<readonly SeenNode[]> => {
      const engine = await engineOf(signal);
      const containers = engine === undefined ? [] : await listSeenContainers(engine);
      return [...containers, ...(await listSeenProcesses(stateDir))];
    },
    /** A committee as a folder for compose. */
    makeStandalone: (request: StandaloneRequest, watch: Pick<StandaloneWatch, "signal" | "onStep">) =>
      makeStandalone(request, { env, nodeBinary }, { ...watch, run: newRunId() }),
    listLeftovers: async (signal: AbortSignal): Promise<readonly RunLeftovers[]> => {
      const engine = await engineOf(signal);
      const left = engine === undefined ? [] : await listLeftovers(engine);
      const holder = await readLock(stateDir);
      const containers = left.map((one) => ({
        run: one.run,
        inUse: one.holder !== undefined || one.run === holder?.run,
        what: describeThings(one),
      }));
      const processes = (await listProcessRuns(stateDir)).map(describeProcesses);
      return joinRuns([...containers, ...processes, ...(await listLeftoverFiles(stateDir))]);
    },
    /** Removes everything that carries this run's label, and ends its processes and removes their files. */
    removeLeftovers: async (run: string, signal: AbortSignal) => {
      // First: a command that the run left may still be making containers.
      await removeLeftoverFiles(stateDir, run);
      const engine = await engineOf(signal);
      if (engine !== undefined) await removeLeftovers(engine, run, { volumes: true, signal });
      await removeDeadRun(stateDir, run);
    },
    /** Images that later runs would reuse, by name. */
    listImages: async (signal: AbortSignal): Promise<readonly string[]> => {
      const engine = await engineOf(signal);
      const images = (await engine?.listImages(cacheLabel)) ?? [];
      return images.flatMap(({ id, tags }) => (tags.length === 0 ? [id] : tags));
    },
    /** Those that a container uses stay. */
    removeImages: async (signal: AbortSignal): ReturnType<typeof removeCachedImages> => {
      const engine = await engineOf(signal);
      return engine === undefined ? { removed: [], inUse: [] } : await removeCachedImages(engine);
    },
    origin: openOrigin(stateDir),
    hosts: remote.hosts,
    testbed: openTestbed(stateDir, env),
  };
}

function describeProcesses({ run, inUse, folder, running }: ProcessRun): RunLeftovers {
  const what = [...running.map(({ node, pid }) => `process ${node} (pid ${pid})`), `folder ${folder}`];
  return { run, inUse, what };
}

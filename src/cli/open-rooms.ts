import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { SweepParameters } from "../config/parameters.ts";
import type { Fault } from "../core/errors.ts";
import {
  cacheLabel,
  describeThings,
  listLeftovers,
  removeCachedImages,
  removeLeftovers,
} from "../docker/ownership.ts";
import { createDockerDeployer, findDocker } from "../network/docker.ts";
import { checkComposeFile } from "../network/docker-layout.ts";
import { acquireLock, readLock } from "../network/lock.ts";
import { createProcessDeployer } from "../network/process.ts";
import { listProcessRuns, type ProcessRun, removeDeadRun } from "../network/process-folder.ts";
import { listSeenContainers } from "../network/seen-containers.ts";
import { listSeenProcesses } from "../network/seen-processes.ts";
import { openProtocol } from "../protocol/open.ts";
import { commandLine } from "./command-line.ts";
import { findOnPath } from "./find-program.ts";
import { openDialogue } from "./prompt.ts";
import { openRemoteRoom } from "./remote-room.ts";
import type { ChosenDeployer, Rooms, RunLeftovers, SweepOccasion } from "./rooms.ts";
import { plainRpcFaults } from "./rpc-tls.ts";
import { newRunId } from "./run-id.ts";
import type { Environment } from "./sources.ts";
import { openTestbed } from "./testbed-room.ts";

/** Folder for this user's state on this machine. */
export function stateDirOf(env: Environment): string {
  const base = env.XDG_STATE_HOME;
  return join(base?.startsWith("/") ? base : join(homedir(), ".local", "state"), "baleen");
}

/** The rooms below, as the commands use them on this machine. Touches nothing yet. */
export function openRooms(env: Environment): Rooms {
  const stateDir = stateDirOf(env);
  const probe = (signal: AbortSignal) => findDocker({ env, home: homedir(), signal });
  const engineOf = async (signal: AbortSignal) => {
    const found = await probe(signal);
    return found.available ? found.docker.engine : undefined;
  };
  const nodeBinary = process.execPath;
  const findProgram = (name: string) => findOnPath(name, env.PATH);
  // Nodes and clients are told in other ways what to do: what stands there for a command is not for them.
  const ownEnv = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("BALEEN_")));
  const processes = () => createProcessDeployer({ nodeBinary, stateDir, env: ownEnv });

  const remote = openRemoteRoom({ env, stateDir, newRunId });

  const chooseDeployer = async (
    parameters: SweepParameters,
    occasion: SweepOccasion,
    signal: AbortSignal,
  ): Promise<ChosenDeployer> => {
    if (parameters.networkType === "remote") return remote.chooseDeployer(parameters, occasion, signal);
    if (parameters.runtime === "process") {
      const unused = parameters.dockerComposePath !== undefined;
      const faults = [...(unused ? [composePathUnused] : []), ...plainRpcFaults(parameters, undefined)];
      return { deployer: processes(), faults };
    }
    const found = await probe(signal);
    if (found.available) {
      const composePath = parameters.dockerComposePath ?? ownComposeFile();
      const deployer = createDockerDeployer({
        docker: found.docker,
        composePath,
        rpcPort: parameters.rpcPort,
        nodeBinary,
      });
      return { deployer, faults: plainRpcFaults(parameters, composePath) };
    }
    if (parameters.runtime === "docker" || parameters.dockerComposePath !== undefined) {
      const { dockerComposePath } = parameters;
      const unreadable =
        dockerComposePath === undefined ? undefined : await checkComposeFile(dockerComposePath);
      return { faults: [found.fault, ...(unreadable === undefined ? [] : [unreadable])] };
    }
    const faults = plainRpcFaults(parameters, undefined);
    return { deployer: processes(), reason: found.reason, faults };
  };

  const list = async (signal: AbortSignal): Promise<readonly RunLeftovers[]> => {
    const engine = await engineOf(signal);
    const left = engine === undefined ? [] : await listLeftovers(engine);
    const holder = await readLock(stateDir);
    const containers = left.map((one) => ({
      run: one.run,
      inUse: one.holderPid !== undefined || one.holderElsewhere !== undefined || one.run === holder?.run,
      what: describeThings(one),
    }));
    return [...containers, ...(await listProcessRuns(stateDir)).map(describeProcesses)];
  };

  return {
    openProtocol: (reference) => openProtocol(reference, findProgram),
    findProgram,
    clientRuntime: { nodeBinary, env: ownEnv },
    chooseDeployer,
    lock: (run, signal) => acquireLock({ stateDir, run, command: commandLine(), signal }),
    lockHolder: () => readLock(stateDir),
    listNodes: async (signal) => {
      const engine = await engineOf(signal);
      const containers = engine === undefined ? [] : await listSeenContainers(engine);
      return [...containers, ...(await listSeenProcesses(stateDir))];
    },
    listLeftovers: list,
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
    openDialogue: (signal) => openDialogue({ input: process.stdin, output: process.stderr, signal }),
    hosts: remote.hosts,
    testbed: openTestbed(stateDir, env),
  };
}

const composePathUnused: Fault = {
  code: "contradiction",
  message:
    "--docker-compose-path and --runtime process contradict each other: plain processes come from no compose file. Leave one of them out.",
};

export function ownComposeFile(): string | undefined {
  const path = "./docker-compose.yml";
  return existsSync(path) ? path : undefined;
}

function describeProcesses({ run, inUse, folder, running }: ProcessRun): RunLeftovers {
  const what = [...running.map(({ node, pid }) => `process ${node} (pid ${pid})`), `folder ${folder}`];
  return { run, inUse, what };
}

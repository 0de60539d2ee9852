import { constants } from "node:os";
import type { NodeExit, NodeStatus, PlannedNode } from "../../contracts/deployment.ts";
import type { OwnProcess } from "../../contracts/hosts/host-load.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import { mapBounded } from "../../core/async.ts";
import type { Engine } from "../engine/engine.ts";
import { runLabel } from "../engine/ownership.ts";
import { openExits } from "../nodes/stages.ts";

export type DockerNode = ReturnType<typeof createDockerNode>;

/** Describes a container as a node. @param onUnexpectedExit called for an end that nobody had asked for */
function createDockerNode(
  engine: Engine,
  { name, role, index }: PlannedNode,
  containerId: string,
  onUnexpectedExit: (exit: NodeExit) => void,
) {
  const ends = distinguishEnds((code) => onUnexpectedExit({ node: name, ...describeExit(code) }));
  let pid: number | undefined;
  return {
    name,
    role,
    index,
    containerId,
    status: async () => describeState(await engine.inspectContainer(containerId)),
    logs: ({ tailLines }: { tailLines: number }) => engine.logs(containerId, tailLines),
    stats: () => engine.stats(containerId),
    kill: () => ends.ask(() => engine.kill(containerId)),
    stop: ({ graceMs }: { graceMs: number }) => ends.ask(() => engine.stop(containerId, graceMs)),
    start: () => engine.start(containerId),
    /**
     * Its first process, on the machine of its engine; undefined where it does not run. The engine is asked once a life,
     * and while it is down each time: news of an end may come after the next start, so it cannot be kept.
     */
    process: async (): Promise<OwnProcess | undefined> => {
      pid ??= (await engine.inspectContainer(containerId))?.pid;
      return pid === undefined ? undefined : { pid, containerId, node: name };
    },
    pause: () => engine.pause(containerId),
    resume: () => engine.unpause(containerId),
    noteDeath: (exitCode: number) => {
      pid = undefined;
      ends.note(exitCode);
    },
  };
}

/**
 * Tells ends that were asked for from those that were not. News of an end comes before or after the answer to the
 * request for it, and a node may end by itself just before it is asked to.
 */
export function distinguishEnds(report: (exitCode: number) => void) {
  let asking = 0;
  let unseen = 0;
  const unexplained: number[] = [];
  const settle = () => {
    const explained = Math.min(unseen, unexplained.length);
    unseen -= explained;
    unexplained.splice(0, explained);
    if (asking === 0) for (const exitCode of unexplained.splice(0)) report(exitCode);
  };
  return {
    /** @param request says whether it ended something */
    ask: async (request: () => Promise<boolean>): Promise<void> => {
      asking++;
      try {
        if (await request()) unseen++;
      } finally {
        asking--;
        settle();
      }
    },
    note: (exitCode: number): void => {
      unexplained.push(exitCode);
      settle();
    },
  };
}

function describeState(container: Awaited<ReturnType<Engine["inspectContainer"]>>): NodeStatus {
  switch (container?.state) {
    case undefined:
    case "removing":
      return { state: "missing" };
    case "running":
      return { state: "running" };
    case "paused":
      return { state: "paused" };
    default: {
      const { exitCode, signal } = describeExit(container?.exitCode ?? 0);
      return { state: "exited", exitCode: exitCode ?? undefined, signal: signal ?? undefined };
    }
  }
}

/** A container's exit code above 128 is a signal's number, as a shell has it. */
export function describeExit(code: number): { exitCode: number | null; signal: string | null } {
  const number = code - 128;
  const signal = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return signal === undefined ? { exitCode: code, signal: null } : { exitCode: null, signal };
}

/** The nodes of a run that are containers, watched for their ends. */
export type DockerWatch = Awaited<ReturnType<typeof watchContainers>>;

const enginesAtOnce = 32;

/** Begins to watch the containers of a run on some engines, before there are any, so that no end is missed. */
export async function watchContainers(engines: readonly Engine[], run: string) {
  const exits = openExits();
  const nodes = new Map<NodeName, DockerNode>();
  const watch = new AbortController();
  const watching = mapBounded(engines, enginesAtOnce, (engine) =>
    engine.watchDeaths(
      `${runLabel}=${run}`,
      ({ id, exitCode }) =>
        [...nodes.values()].find(({ containerId }) => containerId === id)?.noteDeath(exitCode),
      watch.signal,
    ),
  );
  await watching.catch((error: unknown) => {
    watch.abort();
    throw error;
  });
  return {
    /** Takes a container that was made, before it is started, as a node. */
    add: (engine: Engine, node: PlannedNode, containerId: string): void => {
      nodes.set(node.name, createDockerNode(engine, node, containerId, exits.notify));
    },
    /** undefined where its container was not made yet. */
    find: (name: NodeName) => nodes.get(name),
    exits,
    end: () => watch.abort(),
  };
}

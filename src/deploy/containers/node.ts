import { constants } from "node:os";
import type { NetworkNode, NodeExit, NodeStatus, PlannedNode } from "../../contracts/deployment.ts";
import type { OwnProcess } from "../../contracts/hosts/host-load.ts";
import type { Engine } from "../engine/engine.ts";
import type { ContainerState } from "../engine/types.ts";

export interface DockerNode extends NetworkNode {
  readonly containerId: string;
  /**
   * Its first process, on the machine of its engine; undefined where it does not run. The engine is asked once a life,
   * and while it is down each time: news of an end may come after the next start, so it cannot be kept.
   */
  readonly process: () => Promise<OwnProcess | undefined>;
  readonly noteDeath: (exitCode: number) => void;
}

/** Describes a container as a node. @param onUnexpectedExit called for an end that nobody had asked for */
export function createDockerNode(
  engine: Engine,
  { name, role, index }: PlannedNode,
  containerId: string,
  onUnexpectedExit: (exit: NodeExit) => void,
): DockerNode {
  const ends = distinguishEnds((code) => onUnexpectedExit({ node: name, ...describeExit(code) }));
  let pid: number | undefined;
  return {
    name,
    role,
    index,
    containerId,
    status: async () => describeState(await engine.inspectContainer(containerId)),
    logs: ({ tailLines }) => engine.logs(containerId, tailLines),
    stats: () => engine.stats(containerId),
    kill: () => ends.ask(() => engine.kill(containerId)),
    stop: ({ graceMs }) => ends.ask(() => engine.stop(containerId, graceMs)),
    start: () => engine.start(containerId),
    process: async () => {
      pid ??= (await engine.inspectContainer(containerId))?.pid;
      return pid === undefined ? undefined : { pid, containerId };
    },
    pause: () => engine.pause(containerId),
    resume: () => engine.unpause(containerId),
    noteDeath: (exitCode) => {
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

function describeState(container: ContainerState | undefined): NodeStatus {
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

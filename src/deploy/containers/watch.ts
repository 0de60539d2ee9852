import type { PlannedNode } from "../../contracts/deployment.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import { mapBounded } from "../../core/async.ts";
import type { Engine } from "../engine/engine.ts";
import { runLabel } from "../engine/ownership.ts";
import { type Exits, openExits } from "../nodes/exits.ts";
import { createDockerNode, type DockerNode } from "./node.ts";

/** The nodes of a run that are containers, watched for their ends. */
export interface DockerWatch {
  /** Takes a container that was made, before it is started, as a node. */
  readonly add: (engine: Engine, node: PlannedNode, containerId: string) => DockerNode;
  /** undefined where its container was not made yet. */
  readonly find: (name: NodeName) => DockerNode | undefined;
  readonly exits: Exits;
  readonly end: () => void;
}

const enginesAtOnce = 32;

/** Begins to watch the containers of a run on some engines, before there are any, so that no end is missed. */
export async function watchContainers(engines: readonly Engine[], run: string): Promise<DockerWatch> {
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
    add: (engine, node, containerId) => {
      const made = createDockerNode({ engine, node, containerId, onUnexpectedExit: exits.notify });
      nodes.set(node.name, made);
      return made;
    },
    find: (name) => nodes.get(name),
    exits,
    end: () => watch.abort(),
  };
}

import type { PlannedNode } from "../../contracts/deployment.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import { mapBounded } from "../../core/async.ts";
import type { Engine } from "../engine/engine.ts";
import { runLabel } from "../engine/ownership.ts";
import { openExits } from "../nodes/exits.ts";
import { createDockerNode, type DockerNode } from "./node.ts";

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

import type { SeenNode } from "../../contracts/nodes/seen-node.ts";
import { delay } from "../../core/async.ts";
import type { ContainerSummary } from "../engine/containers.ts";
import type { Engine } from "../engine/engine.ts";
import { findHolder, runLabel } from "../engine/ownership.ts";
import type { FollowOptions } from "../engine/types.ts";
import { nodeLabel, serviceLabel } from "./compose-file.ts";

const restartPollMs = 500;

/**
 * Nodes that are containers of an engine; changes nothing.
 *
 * @param host whose engine it is; undefined: this machine's
 */
export async function listSeenContainers(engine: Engine, host?: string): Promise<SeenNode[]> {
  const containers = await engine.listContainers({ label: runLabel });
  const nodes = await Promise.all(containers.map((container) => lookAt(engine, container, host)));
  return nodes.toSorted(
    (a, b) => a.run.localeCompare(b.run) || a.name.localeCompare(b.name, "en", { numeric: true }),
  );
}

async function lookAt(
  engine: Engine,
  container: ContainerSummary,
  host: string | undefined,
): Promise<SeenNode> {
  const { id, state, labels, createdAtMs, ports } = container;
  const holder = await findHolder(labels, engine.remote);
  const isUp = state === "running" || state === "paused";
  return {
    run: labels[runLabel] ?? "",
    name: nameOf(container),
    host,
    runtime: "docker",
    state: state === "running" ? "up" : state === "paused" ? "paused" : "down",
    startedAtMs: isUp ? createdAtMs : undefined,
    ports: [...new Set(ports.map(({ port }) => port))].sort((a, b) => a - b),
    driver: holder?.description,
    readLog: async (tailLines) => (await engine.logs(id, tailLines)).replace(/\n$/, ""),
    followLog: (tailLines, onText, signal) => follow(engine, id, { tailLines, onText, signal }),
  };
}

/** As results name it. */
function nameOf({ name, labels }: ContainerSummary): string {
  const node = labels[nodeLabel];
  if (node === undefined) return labels[serviceLabel] ?? name;
  return /^\d+$/.test(node) ? `node${node}` : node;
}

/** The engine ends a log with the container's process; the next one's follows at the engine's time of that end. */
async function follow(engine: Engine, id: string, options: FollowOptions): Promise<void> {
  const { signal } = options;
  let next = options;
  try {
    while (!signal.aborted) {
      await engine.followLogs(id, next);
      next = { ...options, tailLines: "all", sinceNs: (await engine.info()).timeNs };
      for (;;) {
        const state = await engine.inspectContainer(id);
        if (state === undefined) return;
        if (state.state === "running") break;
        await delay(restartPollMs, signal);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

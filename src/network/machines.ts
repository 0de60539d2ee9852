/** What a network of containers tells of the machines that it runs on. */
import { readdir, readFile } from "node:fs/promises";
import type { OwnProcess } from "../contracts/host-load.ts";
import type { Engine } from "../docker/engine-types.ts";
import { runLabel } from "../docker/ownership.ts";
import type { DockerNode } from "./docker-node.ts";

/** Containers that run on an engine and are not this run's, by name. */
export async function listOtherContainers(engine: Engine, run: string): Promise<string[]> {
  const containers = await engine.listContainers();
  return containers
    .filter(({ state, labels }) => state === "running" && labels[runLabel] !== run)
    .map(({ name }) => name);
}

/** First processes of those that run. */
export async function listNodeProcesses(nodes: readonly DockerNode[]): Promise<OwnProcess[]> {
  const found = await Promise.all(nodes.map((node) => node.process()));
  return found.filter((process) => process !== undefined);
}

/**
 * Processes of this machine by which Docker carries connections from loopback to these ports: what goes through them
 * is the run's own. They come and go with their containers.
 */
async function findPortProxies(ports: ReadonlySet<string>): Promise<OwnProcess[]> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const words = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
      if (!words[0]?.endsWith("docker-proxy")) return [];
      return ports.has(words[words.indexOf("-host-port") + 1] ?? "") ? [{ pid: Number(pid) }] : [];
    }),
  );
  return found.flat();
}

/** Tells the processes of nodes on this machine's engine, and those that carry their ports; looks anew where nodes are. */
export function openProcessList(
  nodes: readonly DockerNode[],
  ports: ReadonlySet<string>,
): () => Promise<readonly OwnProcess[]> {
  let seen = "";
  let proxies: readonly OwnProcess[] = [];
  return async () => {
    const processes = await listNodeProcesses(nodes);
    const pids = processes.map(({ pid }) => pid).join(" ");
    if (pids !== seen) proxies = await findPortProxies(ports);
    seen = pids;
    return [...processes, ...proxies];
  };
}

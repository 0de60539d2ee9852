/** What networks of containers have in common, whoever made the containers. */

import { readdir, readFile } from "node:fs/promises";
import type { Cleanup, DeployOptions, Leftover, Network } from "../../contracts/deployment.ts";
import type { OwnProcess } from "../../contracts/hosts/host-load.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import type { Engine } from "../engine/engine.ts";
import { runLabel } from "../engine/ownership.ts";
import type { DockerNode, DockerWatch } from "./node.ts";

interface ContainerNetwork extends Omit<Network, "runtime" | "nodes" | "onExit" | "stop" | symbol> {
  readonly nodes: readonly DockerNode[];
  readonly watch: DockerWatch;
  readonly options: DeployOptions;
  /** Lets go of the ways to the nodes. */
  readonly hangUp?: () => Promise<void>;
  readonly remove: (what: { readonly volumes: boolean; readonly graceful: boolean }) => Promise<void>;
  readonly describeLeftover: () => Promise<readonly string[]>;
  /** What removes what is left, for people to type. */
  readonly command: string;
}

import { withStarted } from "../nodes/started.ts";

/** Makes the handle on the containers of a run, all of which were made. */
export function openContainerNetwork(network: ContainerNetwork): Network {
  const { watch, options, hangUp, remove, describeLeftover, command, ...own } = network;
  let stopped = false;
  const stop = async (cleanup: Cleanup): Promise<Leftover | undefined> => {
    stopped = true;
    watch.end();
    await hangUp?.();
    if (cleanup !== "keep") {
      await remove({ volumes: cleanup === "thorough", graceful: cleanup === "remove" });
    }
    const what = await describeLeftover();
    return what.length === 0 ? undefined : { what, command };
  };
  return {
    ...own,
    runtime: "docker",
    onExit: watch.exits.listen,
    stop,
    [Symbol.asyncDispose]: async () => {
      if (!stopped) await stop(options.cleanup);
    },
  };
}

/** Containers that run on an engine and are not this run's, by name. */
export async function listOtherContainers(engine: Engine, run: string): Promise<string[]> {
  const containers = await engine.listContainers();
  return containers
    .filter(({ state, labels }) => state === "running" && labels[runLabel] !== run)
    .map(({ name }) => name);
}

/** First processes of those that run, as the engine's machine counts them. */
export async function listNodeProcesses(nodes: readonly DockerNode[]): Promise<OwnProcess[]> {
  const found = await Promise.all(nodes.map((node) => node.process()));
  return found.filter((process) => process !== undefined);
}

const anyAddress: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/**
 * Processes of this machine by which Docker carries connections from loopback to published ports: what goes through
 * them is the run's own. They come and go with their containers.
 */
async function findPortProxies(published: readonly Endpoint[]): Promise<OwnProcess[]> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const words = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
      if (words[0]?.endsWith("docker-proxy") !== true) return [];
      const [address = "", port] = ["-host-ip", "-host-port"].map((flag) => words[words.indexOf(flag) + 1]);
      const isOurs = published.some(
        (endpoint) =>
          String(endpoint.port) === port && (endpoint.host === address || anyAddress.has(address)),
      );
      return isOurs ? [{ pid: Number(pid) }] : [];
    }),
  );
  return found.flat();
}

/**
 * Tells the processes of nodes on this machine's engine, and those that carry their ports; looks anew where nodes are.
 *
 * @param starters nodes whose programs may start others
 */
export function openProcessList(
  nodes: readonly DockerNode[],
  published: readonly Endpoint[],
  starters: ReadonlySet<string>,
): () => Promise<readonly OwnProcess[]> {
  let seen = "";
  let proxies: readonly OwnProcess[] = [];
  return async () => {
    const first = await listNodeProcesses(nodes);
    const pids = first.map(({ pid }) => pid).join(" ");
    if (pids !== seen) proxies = await findPortProxies(published);
    seen = pids;
    return [...(await withStarted(first, starters)), ...proxies];
  };
}

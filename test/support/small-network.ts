import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DeploymentPlan, Network, NetworkNode, NodeFile } from "../../src/contracts/deployment.ts";
import type { EventBody } from "../../src/contracts/events.ts";
import type { NodeHealth, Protocol } from "../../src/contracts/protocol.ts";
import { systemClock } from "../../src/core/clock.ts";
import { sendHttp } from "../../src/core/http.ts";
import { waitUntilReady } from "../../src/deploy/nodes/readiness.ts";
import { createProcessDeployer } from "../../src/deploy/process/deployer.ts";
import type { SmallNodeConfig } from "./small-node.ts";

/** A plan of small nodes, each told what `tell` says of it. */
export function planSmallNodes(
  count: number,
  notify: (index: number) => Partial<SmallNodeConfig> = () => ({}),
  files: readonly NodeFile[] = [],
): DeploymentPlan {
  return {
    protocol: "small",
    groups: [
      {
        role: "validator",
        count,
        program: {
          kind: "node-program",
          name: "small-node",
          root: new URL(".", import.meta.url).pathname,
          entry: "small-node.ts",
          nodeFlags: ["--no-deprecation"],
          include: ["small-node.ts"],
        },
        planes: ["rpc", "peer"],
        configure: (node, view) => {
          const config: SmallNodeConfig = {
            listen: [view.listen("rpc"), view.listen("peer")],
            peers: count - 1,
            ...notify(node.index),
          };
          return {
            args: [`${view.home}/config.json`, "--name", node.name],
            files: [{ path: "config.json", content: JSON.stringify(config), mode: 0o644 }, ...files],
          };
        },
      },
    ],
  };
}

export const smallProtocol: Pick<Protocol, "probe"> = {
  probe: async (rpc, { timeoutMs, signal }) => {
    const origin = `http://${rpc.host}:${rpc.port}`;
    const reply = await sendHttp(origin, { method: "GET", path: "/health", timeoutMs, signal });
    return JSON.parse(reply.body) as NodeHealth;
  },
};

export const idle = new AbortController().signal;

export function deployerIn(stateDir: string) {
  return createProcessDeployer({ nodeBinary: process.execPath, stateDir, env: { ONLY: "this" } });
}

export async function deployIn(stateDir: string, plan: DeploymentPlan, run = "run-1") {
  const events: EventBody[] = [];
  const network = await deployerIn(stateDir).deploy(plan, {
    run,
    cleanup: "keep",
    emit: (event) => void events.push(event),
    signal: idle,
  });
  return { network, events };
}

export function ready(network: Network) {
  return waitUntilReady(network, smallProtocol, {
    timeoutMs: 20_000,
    signal: idle,
    emit: () => {},
    clock: systemClock,
  });
}

export function nodeOf(network: Network, index: number): NetworkNode {
  const node = network.nodes[index];
  if (node === undefined) throw new Error(`The network has no node ${index}.`);
  return node;
}

/** Pids of all starts of a node so far. */
export async function startsOf(stateDir: string, node: string, run = "run-1"): Promise<number[]> {
  const text = await readFile(join(stateDir, "runs", run, node, "starts.txt"), "utf8");
  return text.trim().split("\n").map(Number);
}

/** A network of nodes that answer at once while they run, and do at once what they are told. */
import type { Network, NetworkNode, NodeExit, NodeStatus } from "../../../src/contracts/deployment.ts";
import type { Protocol } from "../../../src/contracts/protocol.ts";

export interface ScriptedNode extends NetworkNode {
  readonly calls: string[];
}

function scriptNode(index: number): ScriptedNode {
  let state: NodeStatus["state"] = "running";
  const calls: string[] = [];
  const become = (call: string, next: NodeStatus["state"]) => async () => {
    calls.push(call);
    state = next;
  };
  return {
    name: `node${index}`,
    role: "validator",
    index,
    calls,
    status: async () => ({ state }),
    logs: async () => "",
    stats: async () => undefined,
    kill: become("kill", "exited"),
    stop: become("stop", "exited"),
    start: become("start", "running"),
    pause: become("pause", "paused"),
    resume: become("resume", "running"),
  };
}

/** @param behind places of nodes that never catch up */
export function scriptNetwork(count: number, behind: readonly number[] = []) {
  const nodes = Array.from({ length: count }, (_, index) => scriptNode(index));
  const onExit = new Set<(exit: NodeExit) => void>();
  // Nothing else of it is asked.
  const network = {
    runtime: "process",
    nodes,
    endpoint: (target: string) => ({ host: target, port: 1 }),
    onExit: (listener: (exit: NodeExit) => void) => {
      onExit.add(listener);
      return () => void onExit.delete(listener);
    },
  } as unknown as Network;
  const protocol: Pick<Protocol, "probe"> = {
    probe: async ({ host }) => {
      const node = nodes.find(({ name }) => name === host) as ScriptedNode;
      if ((await node.status()).state !== "running") throw new Error("it does not answer");
      return { height: 10, catchingUp: behind.includes(node.index) && node.calls.length > 0, peers: 2 };
    },
  };
  const exit = (node: string) => {
    for (const listener of onExit) listener({ node, exitCode: 1, signal: null });
  };
  return { network, nodes, protocol, exit };
}

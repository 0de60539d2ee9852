import { fileURLToPath } from "node:url";
import type { DeploymentPlan, NodeProgram } from "../../src/contracts/deployment.ts";
import type { Protocol } from "../../src/contracts/protocol.ts";
import { observeCommits } from "../../src/protocol/commits/observer.ts";
import { probe, readBlockHash } from "../../src/protocol/commits/rpc-client.ts";
import { broadcastTxAsync } from "../../src/protocol/rpc/json-rpc.ts";
import { type Behaviour, configFileName, type StandInConfig } from "./config.ts";
import { format } from "./format.ts";

export const program: NodeProgram = {
  kind: "node-program",
  name: "stand-in",
  root: fileURLToPath(new URL("../..", import.meta.url)),
  entry: "test/stand-in/main.ts",
  include: ["src", "test/stand-in", "node_modules/ws", "package.json"],
};

/**
 * A protocol whose nodes do what a script says; real sockets and processes, known latencies and losses.
 *
 * @param behaviour of all nodes, or of each by its index
 */
export function buildStandInProtocol(behaviour: Behaviour | ((index: number) => Behaviour)): Protocol {
  const behaviourOf = typeof behaviour === "function" ? behaviour : () => behaviour;
  return {
    name: "stand-in",
    title: "scripted stand-ins",
    options: [],
    module: import.meta.url,
    toleratedFaults: () => 0,
    plan: ({ nodes }): DeploymentPlan => ({
      protocol: "stand-in",
      groups: [
        {
          role: "validator",
          count: nodes,
          program,
          planes: ["rpc"],
          configure: (node, view) => {
            const config: StandInConfig = {
              rpc: view.listen("rpc"),
              peers: nodes - 1,
              behaviour: behaviourOf(node.index),
            };
            return {
              args: ["--home", view.home],
              files: [{ path: configFileName, content: `${JSON.stringify(config, null, 2)}\n`, mode: 0o644 }],
            };
          },
        },
      ],
    }),
    probe,
    transactions: format,
    submission: broadcastTxAsync,
    observeCommits,
    history: { chained: false, fingerprintAt: readBlockHash },
  };
}

/** For clients in processes of their own; how nodes behave is nothing to them. */
export const protocols: readonly Protocol[] = [
  buildStandInProtocol({ replyDelayMs: 0, commit: { kind: "after", ms: 0 } }),
];

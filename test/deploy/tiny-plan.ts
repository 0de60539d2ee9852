import { fileURLToPath } from "node:url";
import type { DeploymentPlan, NodeProgram } from "../../src/contracts/deployment.ts";
import type { Plane } from "../../src/contracts/nodes/node.ts";

/** A program small enough to see through: test/docker/tiny-node. */
export const tinyNode: NodeProgram = {
  kind: "node-program",
  name: "tiny-node",
  root: fileURLToPath(new URL("tiny-node", import.meta.url)),
  entry: "main.mjs",
  include: ["lib"],
};

const planes: readonly Plane[] = ["rpc", "peer", "metrics"];

/** A committee of tiny nodes; `configured` is added to the configuration of each. */
export function planTinyNodes(count: number, configured: Record<string, unknown> = {}): DeploymentPlan {
  return {
    protocol: "tiny",
    groups: [
      {
        role: "validator",
        count,
        program: tinyNode,
        planes,
        configure: (node, view) => {
          const keyFile = `${view.home}/keys/own/key.json`;
          const others = view.nodes.filter(({ name }) => name !== node.name);
          const config = {
            name: node.name,
            home: view.home,
            keyFile,
            listen: planes.map(view.listen),
            peers: others.map(({ name }) => view.endpoint(name, "peer")),
            ...configured,
          };
          return {
            args: [`${view.home}/config.json`, "$HOME is 10:30 'yes'"],
            files: [
              { path: "config.json", content: JSON.stringify(config), mode: 0o644 },
              { path: "keys/own/key.json", content: `key of ${node.name}`, mode: 0o600 },
            ],
          };
        },
      },
    ],
  };
}

import { expect, test } from "vitest";
import type { ClientSite, DeploymentPlan } from "../../../src/contracts/deployment.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { InvalidArgumentError } from "../../../src/core/errors.ts";
import { withHelpers } from "../../../src/deploy/nodes/planned.ts";
import { waitUntilReady } from "../../../src/deploy/nodes/readiness.ts";
import { deployIn, idle, planSmallNodes, smallProtocol } from "../../support/small-network.ts";
import type { SmallNodeConfig } from "../../support/small-node.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

/** Two nodes, and one beside them that listens for peers alone. */
function planWithHelper(helper: Partial<SmallNodeConfig> = {}): DeploymentPlan {
  const { protocol, groups } = planSmallNodes(2);
  const [group] = groups;
  if (group === undefined) throw new TypeError("a plan has a group");
  return {
    protocol,
    groups: [
      group,
      {
        ...group,
        role: "helper",
        count: 1,
        isHelper: true,
        planes: ["peer"],
        configure: (_node, view) => {
          const config: SmallNodeConfig = { listen: [view.listen("peer")], peers: 0, ...helper };
          return {
            args: [`${view.home}/config.json`],
            files: [{ path: "config.json", content: JSON.stringify(config), mode: 0o644 }],
          };
        },
      },
    ],
  };
}

async function readyWith(plan: DeploymentPlan, stateDir: string) {
  const { network } = await deployIn(stateDir, plan);
  await using driven = withHelpers(network, plan);
  const options = { timeoutMs: 20_000, signal: idle, emit: () => {}, clock: systemClock };
  return { network, driven, readiness: await waitUntilReady(driven, smallProtocol, options) };
}

test("a helper is not asked whether it is ready, and takes no transactions", async () => {
  await using folder = await openTemporaryFolder();
  const { network, driven, readiness } = await readyWith(planWithHelper(), folder.path);
  expect(network.nodes).toHaveLength(3);
  expect(driven.nodes.map(({ name }) => name)).toEqual(["node0", "node1"]);
  expect(driven.helpers?.map(({ name }) => name)).toEqual(["node2"]);
  expect(Object.keys(readiness.heights)).toEqual(["node0", "node1"]);
});

test("one that ends before the others are ready is named with its log", async () => {
  await using folder = await openTemporaryFolder();
  const late = planWithHelper({ failWith: 7 });
  await expect(readyWith(late, folder.path)).rejects.toThrow(/node2: exited with code 7\n.*told to fail/s);
});

test("one whose work is done may end", async () => {
  await using folder = await openTemporaryFolder();
  const { driven, readiness } = await readyWith(planWithHelper({ failWith: 0 }), folder.path);
  expect(driven.helpers?.map(({ name }) => name)).toEqual(["node2"]);
  expect(Object.keys(readiness.heights)).toEqual(["node0", "node1"]);
});

test("a network without any is as it was", async () => {
  await using folder = await openTemporaryFolder();
  const plan = planSmallNodes(1);
  const { network } = await deployIn(folder.path, plan);
  await using _ = network;
  expect(withHelpers(network, plan)).toBe(network);
});

test("clients on hosts drive no helpers, and a host with nothing else has no clients", async () => {
  await using folder = await openTemporaryFolder();
  const plan = planWithHelper();
  const { network } = await deployIn(folder.path, plan);
  await using _ = network;
  const rpc = { host: "127.0.0.1", port: 1 };
  const siteOf = (host: string, ...nodes: string[]): ClientSite => ({
    host,
    targets: nodes.map((node) => ({ node, rpc })),
    start: () => Promise.reject(new InvalidArgumentError("nobody starts one here")),
  });
  const clientSites = [siteOf("a", "node0", "node2"), siteOf("b", "node2"), siteOf("c", "node1")];
  const driven = withHelpers({ ...network, clientSites }, plan);
  expect(driven.clientSites?.map(({ host, targets }) => [host, targets.map(({ node }) => node)])).toEqual([
    ["a", ["node0"]],
    ["c", ["node1"]],
  ]);
});

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import type { NodeGroup } from "../../../src/contracts/deployment.ts";
import { checkFixedPorts } from "../../../src/deploy/nodes/fixed-ports.ts";
import { listPlannedNodes } from "../../../src/deploy/nodes/planned.ts";
import { findFreePorts } from "../../../src/deploy/nodes/ports.ts";
import { chooseAddresses } from "../../../src/deploy/process/addresses.ts";

const host = "127.0.0.1";

function planOf(...groups: Pick<NodeGroup, "role" | "count" | "ports" | "portsPlace">[]) {
  const program = { kind: "foreign-program", name: "p", path: "/p", remedy: "" } as const;
  const rest = { program, planes: ["rpc", "peer"], configure: () => ({ args: [], files: [] }) } as const;
  return { protocol: "p", groups: groups.map((group): NodeGroup => ({ ...rest, ...group })) };
}

test("one node on free ports of its own is well", async () => {
  const [rpc = 0, peer = 0] = await findFreePorts(2, host);
  const plan = planOf({ role: "a", count: 1, ports: { rpc, peer } }, { role: "b", count: 3 });
  expect(await checkFixedPorts(plan, host)).toEqual([]);
  const addresses = await chooseAddresses(listPlannedNodes(plan), host);
  expect(addresses.of("node0", "rpc")).toEqual({ host, port: rpc });
  expect(addresses.of("node0", "peer")).toEqual({ host, port: peer });
  const ports = ["node0", "node1", "node2", "node3"].flatMap((node) =>
    addresses.allOf(node).map(({ endpoint }) => endpoint.port),
  );
  expect(new Set(ports).size).toBe(8);
});

test("a crowd on one port, two on one port, and a port that is held are told, all at once", async () => {
  const [shared = 0, own = 0] = await findFreePorts(2, host);
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const { port: held } = server.address() as AddressInfo;
  try {
    const plan = planOf(
      { role: "member", count: 3, ports: { rpc: own } },
      { role: "relay", count: 1, ports: { rpc: shared, peer: shared }, portsPlace: "own.yaml:7" },
      { role: "boot", count: 1, ports: { metrics: shared, peer: held }, portsPlace: "own.yaml:12" },
    );
    const diagnostics = await checkFixedPorts(plan, host);
    expect(new Set(diagnostics.map(({ code }) => code))).toEqual(new Set(["port-conflict"]));
    expect(diagnostics.map(({ message }) => message)).toEqual([
      `All 3 nodes of role member would listen on port ${own} (rpc): their program always uses this port, so ` +
        "only one of them can run as a plain process on this machine. Use --runtime docker.",
      `Port ${shared} is assigned to both rpc of relay and peer of relay and metrics of boot. Give each its own port. It is set in own.yaml:7 and own.yaml:12.`,
      expect.stringMatching(
        new RegExp(
          `^Port ${held} is in use by .* \\(pid ${process.pid}\\), but node4 always listens there\\. End that process\\. It is set in own\\.yaml:12\\.$`,
        ),
      ),
    ]);
  } finally {
    server.close();
  }
});

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import type { NodeGroup } from "../../../src/contracts/deployment.ts";
import { containerPorts } from "../../../src/deploy/containers/compose-file.ts";
import { portInContainer } from "../../../src/deploy/containers/program.ts";
import { checkContainerPorts, checkFixedPorts } from "../../../src/deploy/nodes/fixed-ports.ts";
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

test("ports by base and index: each node has its own, and none of them is chosen for another", async () => {
  const [base = 0] = await findFreePorts(1, host, new Set([65_535]));
  const plan = planOf({ role: "member", count: 3, ports: { peer: { base } } });
  const addresses = await chooseAddresses(listPlannedNodes(plan), host);
  const peers = ["node0", "node1", "node2"].map((node) => addresses.of(node, "peer").port);
  expect(peers).toEqual([base, base + 1, base + 2]);
  expect(await checkFixedPorts(plan, host)).toEqual([]);
});

test("ports by base and index that meet, are held, or end beyond the last one, as processes and in containers", async () => {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const { port: held } = server.address() as AddressInfo;
  try {
    const plan = planOf(
      { role: "member", count: 4, ports: { rpc: { base: 1600 }, peer: { base: 1602 } } },
      { role: "relay", count: 2, ports: { peer: { base: held } }, portsPlace: "own.yaml:9" },
      { role: "far", count: 9, ports: { peer: { base: 65_530 } } },
    );
    const far =
      "The last of 9 nodes of role far would listen on port 65538 (peer), but ports end at 65535. Lower the base, or use fewer nodes.";
    const messages = (await checkFixedPorts(plan, host)).map(({ message }) => message);
    expect(messages).toEqual([
      far,
      "Port 1602 is assigned to both peer of member and rpc of member. Give each its own port.",
      expect.stringMatching(
        new RegExp(`^Port ${held} is in use by .*, but node4 always listens there.* own\\.yaml:9\\.$`),
      ),
    ]);
    // Each container has all ports to itself: only its own ones can meet.
    const inContainers = planOf(
      { role: "member", count: 4, ports: { peer: { base: containerPorts.rpc - 2 } } },
      { role: "other", count: 2, ports: { peer: { base: containerPorts.rpc + 1 } } },
      { role: "far", count: 9, ports: { peer: { base: 65_530 } } },
    );
    expect(checkContainerPorts(inContainers, portInContainer).map(({ message }) => message)).toEqual([
      far,
      `Port ${containerPorts.rpc} is assigned to both rpc of member and peer of member. Give each its own port.`,
    ]);
  } finally {
    server.close();
  }
});

import { describe, expect, test } from "vitest";
import type { HostSpec } from "../../../src/contracts/hosts/host.ts";
import { checkHostList } from "../../../src/deploy/remote/checks.ts";
import {
  findClientEndpoint,
  findRemoteEndpoint,
  placeOnHosts,
  portsOf,
  publishedAddresses,
} from "../../../src/deploy/remote/layout.ts";
import { planTinyNodes } from "../tiny-plan.ts";

function host(name: string, address: string, nodes: readonly number[], privateAddress?: string): HostSpec {
  return {
    name,
    address: { host: address, port: 22, user: "ubuntu", keyFiles: [] },
    nodes,
    ...(privateAddress === undefined ? {} : { privateAddress }),
  };
}

describe("nodes on hosts", () => {
  const hosts = [host("a", "192.0.2.1", [0, 2], "10.0.0.1"), host("b", "192.0.2.2", [1])];
  const nodes = placeOnHosts(planTinyNodes(3), hosts);

  test("stand where their host names them, each at ports of its own", () => {
    expect(nodes.map(({ name, host: { name: at }, slot, ports }) => [name, at, slot, ports])).toEqual([
      ["node0", "a", 0, { peer: 26656, rpc: 26657, metrics: 26670 }],
      ["node1", "b", 0, { peer: 26656, rpc: 26657, metrics: 26670 }],
      ["node2", "a", 1, { peer: 26701, rpc: 26658, metrics: 26671 }],
    ]);
  });

  test("are reached at the private address by one another, at the public one from here, or through a tunnel", () => {
    const tunnels = new Map([["node1/rpc", { endpoint: { host: "127.0.0.1", port: 40_000 } }]]);
    const from = (seenBy: "coordinator" | { node: string }, target: string, plane: "rpc" | "peer") =>
      findRemoteEndpoint(nodes, target, { seenBy, plane, tunnels });
    expect(from({ node: "node1" }, "node2", "peer")).toEqual({ host: "10.0.0.1", port: 26701 });
    expect(from({ node: "node0" }, "node1", "peer")).toEqual({ host: "192.0.2.2", port: 26656 });
    expect(from("coordinator", "node2", "rpc")).toEqual({ host: "192.0.2.1", port: 26658 });
    expect(from("coordinator", "node1", "rpc")).toEqual({ host: "127.0.0.1", port: 40_000 });
    expect(() => from("coordinator", "node9", "rpc")).toThrow("There is no node node9 in this network.");
  });

  test("are reached on loopback by clients of their host, at the private address by those of others", () => {
    const rpc = (from: string) => nodes.map((node) => findClientEndpoint(node, from));
    expect(rpc("a")).toEqual([
      { host: "127.0.0.1", port: 26657 },
      { host: "192.0.2.2", port: 26657 },
      { host: "127.0.0.1", port: 26658 },
    ]);
    expect(rpc("c")[2]).toEqual({ host: "10.0.0.1", port: 26658 });
  });

  test("no two of a host share a port, and those that would are refused", () => {
    const all = Array.from({ length: 13 }, (_, slot) => Object.values(portsOf(slot))).flat();
    expect(new Set(all).size).toBe(39);
    const crowded = host(
      "a",
      "192.0.2.1",
      Array.from({ length: 14 }, (_, i) => i),
    );
    expect(checkHostList(14, [crowded])).toEqual([
      { code: "host-slots", message: "a has 14 nodes; at most 13 fit its ports. Name more hosts." },
    ]);
    expect(checkHostList(4, hosts)).toEqual([
      { code: "hosts-missing", message: "There is no host for node3. Name more hosts." },
    ]);
    expect(() => placeOnHosts(planTinyNodes(4), hosts)).toThrow("There is no host for node3.");
  });
});

describe("ports are published", () => {
  const facts = { addresses: ["127.0.0.1", "10.0.0.1", "192.0.2.1"], sshAddress: "192.0.2.1" };
  const inside = host("a", "192.0.2.1", [0], "10.0.0.1");
  const alone = host("a", "192.0.2.1", [0]);
  const behindNat = { ...facts, addresses: ["127.0.0.1", "10.0.0.5"], sshAddress: "10.0.0.5" };

  test.each([
    ["at all addresses where no private one is given", alone, facts, ["0.0.0.0"], ["0.0.0.0"]],
    [
      "inside alone, and the RPC where this machine comes in",
      inside,
      facts,
      ["10.0.0.1"],
      ["10.0.0.1", "192.0.2.1", "127.0.0.1"],
    ],
    ["at all where no interface has the private address", inside, behindNat, ["0.0.0.0"], ["0.0.0.0"]],
    [
      "inside where the interfaces are unknown",
      inside,
      { ...facts, addresses: undefined },
      ["10.0.0.1"],
      ["10.0.0.1", "192.0.2.1", "127.0.0.1"],
    ],
    [
      "at all where the private address is a name",
      host("a", "192.0.2.1", [0], "a.lan"),
      facts,
      ["0.0.0.0"],
      ["0.0.0.0"],
    ],
    [
      "once where both are one",
      host("a", "1.2.3.4", [0], "192.0.2.1"),
      facts,
      ["192.0.2.1"],
      ["192.0.2.1", "127.0.0.1"],
    ],
    ["of both families at IPv6 addresses", host("a", "2001:db8::7", [0]), facts, [""], [""]],
    [
      "at an IPv6 address, however it is written",
      host("a", "2001:db8::7", [0], "fd00::1"),
      { addresses: ["fd00:0000:0000:0000:0000:0000:0000:0001"], sshAddress: "2001:db8::7" },
      ["fd00::1"],
      ["fd00::1", "2001:db8::7", "127.0.0.1"],
    ],
  ])("%s", (...[, spec, known, peer, rpc]) => {
    const published = (plane: "peer" | "rpc" | "metrics") =>
      publishedAddresses(plane, { spec, facts: known }, "direct");
    expect([published("peer"), published("rpc"), published("metrics")]).toEqual([peer, rpc, rpc]);
  });

  test.each([
    ["the private address", inside, facts, ["10.0.0.1"]],
    ["the address of the SSH connection", alone, facts, ["192.0.2.1"]],
    ["all addresses where that is unknown", alone, { ...facts, sshAddress: undefined }, ["0.0.0.0"]],
    ["all addresses where it is a loopback one", alone, { ...facts, sshAddress: "127.0.0.1" }, ["0.0.0.0"]],
  ])("with RPC by SSH: RPC and metrics on loopback, peers at %s", (_, spec, known, peer) => {
    const open = { spec, facts: known };
    expect(publishedAddresses("peer", open, "ssh")).toEqual(peer);
    expect(publishedAddresses("rpc", open, "ssh")).toEqual(["127.0.0.1"]);
    expect(publishedAddresses("metrics", open, "ssh")).toEqual(["127.0.0.1"]);
  });
});

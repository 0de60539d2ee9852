import { describe, expect, test } from "vitest";
import type { HostSpec } from "../../../src/contracts/hosts/host.ts";
import { checkHostList } from "../../../src/deploy/remote/checks.ts";
import {
  findClientEndpoint,
  findRemoteEndpoint,
  placeOnHosts,
  portsOf,
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

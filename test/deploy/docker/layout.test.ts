import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../src/core/errors.ts";
import type { Compose } from "../../../src/deploy/docker/compose.ts";
import { readLayout } from "../../../src/deploy/docker/layout.ts";
import { findEndpoint } from "../../../src/deploy/docker/network.ts";
import { standsInTheWay } from "../../../src/deploy/docker/ports.ts";
import type { BasePorts } from "../../../src/deploy/nodes/base-ports.ts";
import { planTinyNodes } from "../tiny-plan.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baleen-layout-"));
});
afterEach(() => rm(folder, { recursive: true }));

const untouched = () => Promise.reject(new Error("compose must not be asked"));
const compose: Compose = {
  ...{ argv: [], version: "0", config: untouched },
  ...{ create: untouched, start: untouched, down: untouched },
};

async function read(nodes: number, composePath?: string) {
  const signal = new AbortController().signal;
  return readLayout(planTinyNodes(nodes), { compose, composePath, rpcPort: 26_657, signal });
}

describe("our own compose file", () => {
  test("four nodes stand on their usual ports", async () => {
    const { nodes } = await read(4);
    expect(nodes.map(({ name, rpc, metrics }) => [name, rpc?.port, metrics?.port])).toEqual([
      ["node0", 26_657, 26_670],
      ["node1", 26_658, 26_671],
      ["node2", 26_659, 26_672],
      ["node3", 26_660, 26_673],
    ]);
  });

  test("fourteen get ports of their own, each once", async () => {
    const { nodes } = await read(14);
    const ports = nodes.flatMap(({ rpc, metrics }) => [rpc?.port, metrics?.port]);
    expect(new Set(ports).size).toBe(28);
    for (const port of ports) expect(port).toBeGreaterThan(1024);
  });
});

describe("our own compose file, moved", () => {
  const move = (nodes: number, basePorts: BasePorts, composePath?: string) => {
    const signal = new AbortController().signal;
    return readLayout(planTinyNodes(nodes), { compose, composePath, rpcPort: 26_657, basePorts, signal });
  };

  test.each([[2], [14]])("node i has the first port + i, of %i nodes", async (count) => {
    const { nodes } = await move(count, { rpc: 30_000, metrics: 31_000 });
    expect(nodes.map(({ rpc, metrics }) => [rpc?.port, metrics?.port])).toEqual(
      Array.from({ length: count }, (_, i) => [30_000 + i, 31_000 + i]),
    );
  });

  test("one range may stay where it is", async () => {
    const { nodes } = await move(2, { metrics: 26_659 });
    expect(nodes.map(({ rpc, metrics }) => [rpc?.port, metrics?.port])).toEqual([
      [26_657, 26_659],
      [26_658, 26_660],
    ]);
  });

  const flags = "--rpc-base-port or --metrics-base-port";
  test.each<[string, BasePorts, string]>([
    [
      "ranges that overlap",
      { rpc: 26_668 },
      `The nodes' ports overlap: 26670 would be used for metrics of node0 and rpc of node2. Move one of the ranges with ${flags}.`,
    ],
    [
      "a range above the last port",
      { rpc: 65_534 },
      "--rpc-base-port 65534: node3 would need port 65537, but the highest port is 65535. Use a lower port or a smaller committee.",
    ],
  ])("%s: refused", async (_, bases, message) => {
    await expect(move(4, bases)).rejects.toMatchObject({ diagnostics: [{ code: "port-conflict", message }] });
  });

  test("a plane that the nodes do not have: refused", async () => {
    const plan = planTinyNodes(4);
    const groups = plan.groups.map((group) => ({ ...group, planes: ["rpc"] as const }));
    const options = {
      compose,
      composePath: undefined,
      rpcPort: 26_657,
      signal: new AbortController().signal,
    };
    const laidOut = readLayout({ ...plan, groups }, { ...options, basePorts: { metrics: 30_000 } });
    await expect(laidOut).rejects.toMatchObject({
      diagnostics: [
        {
          code: "port-conflict",
          message:
            "--metrics-base-port: no node of tiny has a port for metrics that can be moved. Remove it.",
        },
      ],
    });
  });

  test("a file of the user's has ports of its own", async () => {
    await expect(move(4, { rpc: 30_000 }, "my.yml")).rejects.toMatchObject({
      diagnostics: [
        {
          code: "contradiction",
          message:
            "--rpc-base-port: the ports of the nodes are in compose file my.yml. Change them there, or remove --rpc-base-port.",
        },
      ],
    });
  });
});

describe("nodes that are not like ours", () => {
  test("nothing is published of what they have not; their own ports count among nodes", async () => {
    const [group] = planTinyNodes(2).groups;
    if (group === undefined) throw new Error("no group");
    const id = { from: "http", plane: "peer", path: "/id", pointer: "" } as const;
    const plan = {
      protocol: "mixed",
      groups: [
        { ...group, planes: ["rpc", "peer"] as const, ports: { rpc: 2379, peer: 2380 } },
        { ...group, role: "relay", count: 1, planes: ["peer"] as const, exports: { id } },
      ],
    };
    const layout = await readLayout(plan, {
      ...{ compose, composePath: undefined, rpcPort: 26_657, signal: new AbortController().signal },
    });
    expect(layout.nodes.map(({ rpc, metrics }) => [rpc?.port, metrics])).toEqual([
      [26_657, undefined],
      [26_658, undefined],
      [undefined, undefined],
    ]);
    const from = (target: string, plane: "rpc" | "peer") =>
      findEndpoint(layout, target, { seenBy: { node: "node0" }, plane });
    expect(from("node1", "rpc")).toEqual({ host: "node1", port: 2379 });
    expect(from("node1", "peer")).toEqual({ host: "node1", port: 2380 });
    expect(from("node2", "peer")).toEqual({ host: "node2", port: 26_656 });
    // What it tells at its peers' port is read from here.
    expect(findEndpoint(layout, "node2", { seenBy: "coordinator", plane: "peer" })).toEqual({
      host: "127.0.0.1",
      port: 26_702,
    });
    expect(() => findEndpoint(layout, "node2", { seenBy: "coordinator", plane: "rpc" })).toThrow(
      "not published",
    );
  });
});

test("ports by base and index: each node is published from its own, and others reach it there", async () => {
  const [group] = planTinyNodes(3).groups;
  if (group === undefined) throw new Error("no group");
  const ports = { rpc: { base: 8000 }, peer: { base: 1500 } };
  const plan = { protocol: "counted", groups: [{ ...group, planes: ["rpc", "peer"] as const, ports }] };
  const layout = await readLayout(plan, {
    ...{ compose, composePath: undefined, rpcPort: 26_657, signal: new AbortController().signal },
  });
  const published = layout.model.services.map(({ ports: own }) => own);
  expect(published).toEqual(
    [0, 1, 2].map((index) => [{ host: "127.0.0.1", port: 26_657 + index, containerPort: 8000 + index }]),
  );
  const seen = (target: string, plane: "rpc" | "peer") =>
    findEndpoint(layout, target, { seenBy: { node: "node0" }, plane });
  expect(seen("node2", "rpc")).toEqual({ host: "node2", port: 8002 });
  expect(["node0", "node1", "node2"].map((target) => seen(target, "peer").port)).toEqual([1500, 1501, 1502]);
});

describe("addresses depend on who looks", () => {
  test("the coordinator sees published ports, a node sees the service", async () => {
    const layout = await read(4);
    const other = { node: "node0" };
    expect(findEndpoint(layout, "node1", { seenBy: "coordinator", plane: "rpc" })).toEqual({
      host: "127.0.0.1",
      port: 26_658,
    });
    expect(findEndpoint(layout, "node1", { seenBy: other, plane: "peer" })).toEqual({
      host: "node1",
      port: 26_656,
    });
    expect(findEndpoint(layout, "node1", { seenBy: other, plane: "metrics" }).port).toBe(26_660);
    expect(() => findEndpoint(layout, "node1", { seenBy: "coordinator", plane: "peer" })).toThrow(
      "not published",
    );
    expect(() => findEndpoint(layout, "node9", { seenBy: other, plane: "rpc" })).toThrow("no node node9");
  });
});

describe("a compose file that is none", () => {
  test("missing, empty, a folder: one line each, without asking compose", async () => {
    const empty = join(folder, "empty.yml");
    await writeFile(empty, "");
    const codes: unknown[] = [];
    for (const path of [join(folder, "missing.yml"), empty, folder, join(empty, "below.yml")]) {
      const failure = await read(4, path).catch((error: unknown) => error);
      if (!(failure instanceof ConfigurationError)) throw new Error("it was taken");
      expect(failure.diagnostics).toHaveLength(1);
      expect(failure.message).toContain(path);
      expect(failure.message).not.toContain("\n");
      codes.push(failure.diagnostics[0]?.code);
    }
    expect(codes).toEqual([
      "compose-file-missing",
      "compose-file-empty",
      "compose-file",
      "compose-file-missing",
    ]);
  });

  test("one that cannot be read: why", async () => {
    const path = join(folder, "circle.yml");
    await symlink(path, path);
    await expect(read(4, path)).rejects.toMatchObject({
      diagnostics: [
        {
          code: "compose-file",
          message: expect.stringMatching(
            /^Compose file \S+circle\.yml cannot be read: .*ELOOP.*\. Name another file with /,
          ),
        },
      ],
    });
  });
});

describe("a container in the way", () => {
  const container = { id: "1", name: "c", image: "i", state: "running", labels: {}, createdAtMs: 0 };
  const on = (host: string, port: number) => ({ ...container, ports: [{ host, port, containerPort: 1 }] });
  test.each([
    ["127.0.0.1", 26_657, true],
    ["0.0.0.0", 26_670, true],
    ["::", 26_657, true],
    ["127.0.0.2", 26_657, false],
    ["127.0.0.1", 26_656, false],
  ])("that publishes on %s:%i: %j", async (host, port, expected) => {
    expect(standsInTheWay(on(host, port), await read(4))).toBe(expected);
  });
});

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import type { Network, NetworkNode, NodeExit, NodeStatus } from "../../../src/contracts/deployment.ts";
import type { EventBody } from "../../../src/contracts/events.ts";
import type { NodeHealth, Protocol } from "../../../src/contracts/protocol.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { InvalidArgumentError } from "../../../src/core/errors.ts";
import { sendHttp } from "../../../src/core/http.ts";
import { NotReadyError, waitUntilReady } from "../../../src/deploy/nodes/readiness.ts";

/** What a node answers to its n-th probe (from 1); undefined: nothing, for as long as the probe waits. */
type Behaviour = (probe: number) => NodeHealth | undefined;

interface ServedNode {
  readonly behaviour: Behaviour;
  readonly status?: NodeStatus;
  readonly log?: string;
}

/** A network of real HTTP servers; only what readiness asks of a network is there. */
async function openNetwork(served: readonly ServedNode[]) {
  const listeners = new Set<(exit: NodeExit) => void>();
  const servers = await Promise.all(
    served.map(async ({ behaviour }) => {
      let probes = 0;
      const server = createServer((_request, response) => {
        const health = behaviour(++probes);
        if (health !== undefined) response.end(JSON.stringify(health));
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  const unused = () => Promise.reject(new InvalidArgumentError("not a part of readiness"));
  const nodes = served.map(
    (node, index): NetworkNode => ({
      name: `node${index}`,
      role: "validator",
      index,
      status: async () => node.status ?? { state: "running" },
      logs: async ({ tailLines }) => (node.log ?? "").split("\n").slice(-tailLines).join("\n"),
      stats: unused,
      kill: unused,
      stop: unused,
      start: unused,
      pause: unused,
      resume: unused,
    }),
  );
  const close = async () => {
    for (const server of servers) {
      server.closeAllConnections();
      if (server.close().listening) await once(server, "close");
    }
  };
  const network: Network = {
    runtime: "process",
    nodes,
    endpoint: (target) => ({
      host: "127.0.0.1",
      port: ports[nodes.findIndex(({ name }) => name === target)] ?? 0,
    }),
    onExit: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: unused,
    describe: unused,
    [Symbol.asyncDispose]: close,
  };
  return { network, listeners, exit: (exit: NodeExit) => [...listeners].map((listener) => listener(exit)) };
}

const protocol: Pick<Protocol, "probe"> = {
  probe: async (rpc, { timeoutMs, signal }) => {
    const reply = await sendHttp(`http://${rpc.host}:${rpc.port}`, {
      method: "GET",
      path: "/",
      timeoutMs,
      signal,
    });
    return JSON.parse(reply.body) as NodeHealth;
  },
};

function options(timeoutMs: number, signal = new AbortController().signal) {
  const events: EventBody[] = [];
  return {
    events,
    timeoutMs,
    signal,
    clock: systemClock,
    emit: (event: EventBody) => void events.push(event),
  };
}

const growing =
  (peers: number, from = 0): Behaviour =>
  (probe) => ({ height: from + probe, peers, catchingUp: false });

async function failureOf(waiting: Promise<unknown>): Promise<NotReadyError> {
  const error = await waiting.catch((reason: unknown) => reason);
  if (!(error instanceof NotReadyError)) throw new Error("Not a NotReadyError", { cause: error });
  return error;
}

describe("a network that becomes ready", () => {
  test("is ready once every node answers, has its peers, and grows", async () => {
    const late: Behaviour = (probe) => ({
      height: Math.max(0, probe - 4),
      peers: Math.min(2, probe),
      catchingUp: false,
    });
    const { network, listeners } = await openNetwork([
      { behaviour: growing(2, 10) },
      { behaviour: late },
      { behaviour: growing(2) },
    ]);
    await using _ = network;
    const how = options(20_000);
    const startMs = performance.now();
    const ready = await waitUntilReady(network, protocol, how);
    const tookMs = performance.now() - startMs;
    expect(ready.heights).toEqual({ node0: 12, node1: 1, node2: 2 });
    expect(ready.readyAfterMs).toBeGreaterThan(0);
    expect(ready.readyAfterMs).toBeLessThanOrEqual(tookMs);
    const steps = how.events.map((event) => (event.type === "network-step" ? event.step : event.type));
    expect(steps.sort()).toEqual(["node0 is ready", "node1 is ready", "node2 is ready"]);
    expect(listeners.size).toBe(0);
  });

  test("is not ready at the first sight of a height: it may have stood there for long", async () => {
    let probes = 0;
    const stuckThenGrowing: Behaviour = (probe) => {
      probes = probe;
      return { height: probe < 5 ? 7 : 8, peers: 0, catchingUp: false };
    };
    const { network } = await openNetwork([{ behaviour: stuckThenGrowing }]);
    await using _ = network;
    expect((await waitUntilReady(network, protocol, options(20_000))).heights).toEqual({ node0: 8 });
    expect(probes).toBe(5);
  });

  test("may have many nodes", async () => {
    const { network } = await openNetwork(Array.from({ length: 40 }, () => ({ behaviour: growing(39) })));
    await using _ = network;
    expect(Object.keys((await waitUntilReady(network, protocol, options(20_000))).heights)).toHaveLength(40);
  });
});

describe("a network that does not become ready", () => {
  test("is told after the limit, with the state of each node and the last lines of those to blame", async () => {
    const log = Array.from({ length: 30 }, (_, i) => `line ${i}`).join("\n");
    const { network } = await openNetwork([
      { behaviour: growing(4), log: "all well" },
      { behaviour: (probe) => ({ height: probe, peers: 2, catchingUp: false }), log },
      { behaviour: () => ({ height: 5, peers: 4, catchingUp: false }) },
      { behaviour: () => undefined, log: "waiting for the moon" },
      { behaviour: (probe) => ({ height: probe, peers: 4, catchingUp: true }), log: "fetching" },
    ]);
    await using _ = network;
    const startMs = performance.now();
    const error = await failureOf(waitUntilReady(network, protocol, options(1500)));
    const tookMs = performance.now() - startMs;
    expect(tookMs).toBeGreaterThan(1490);
    expect(tookMs).toBeLessThan(4000);
    expect(error.code).toBe("not-ready");
    expect(error.states).toEqual({
      node0: "ready",
      node1: expect.stringMatching(/^2 of 4 peers at height \d+$/),
      node2: "height stuck at 5",
      node3: expect.stringMatching(/^not answering \(.*timeout/),
      node4: expect.stringMatching(/^catching up at height \d+$/),
    });
    expect(error.logs).toEqual({
      node1: Array.from({ length: 10 }, (_, i) => `line ${20 + i}`).join("\n"),
      node2: "",
      node3: "waiting for the moon",
      node4: "fetching",
    });
    expect(error.message).toMatch(/^The network was not ready within 1.5 s/);
    expect(error.message).toContain("  node3: not answering");
    expect(error.message).toContain("    | waiting for the moon");
    expect(error.message).not.toContain("all well");
  });

  test("is told at once when a node ends, also one that was ready", async () => {
    const broken: Behaviour = (probe) => {
      if (probe === 3) exit({ node: "node1", exitCode: 3, signal: null });
      return { height: 0, peers: 1, catchingUp: false };
    };
    const { network, listeners, exit } = await openNetwork([
      { behaviour: broken },
      { behaviour: growing(1), log: "no space left" },
    ]);
    await using _ = network;
    const startMs = performance.now();
    const error = await failureOf(waitUntilReady(network, protocol, options(60_000)));
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(error.states.node1).toBe("exited with code 3");
    expect(error.logs.node1).toBe("no space left");
    expect(error.message).toMatch(/^A node ended before/);
    expect(listeners.size).toBe(0);
  });

  test.each([
    [{ state: "exited", signal: "SIGKILL" } as const, "ended by SIGKILL"],
    [{ state: "exited", exitCode: 0 } as const, "exited with code 0"],
    [{ state: "missing" } as const, "gone"],
  ])("is told at once where a node has ended before: %o", async (status, state) => {
    const { network } = await openNetwork([{ behaviour: () => undefined, status }]);
    await using _ = network;
    const error = await failureOf(waitUntilReady(network, protocol, options(60_000)));
    expect(error.states).toEqual({ node0: state });
  });

  test("is told with a node that is paused", async () => {
    const { network } = await openNetwork([{ behaviour: () => undefined, status: { state: "paused" } }]);
    await using _ = network;
    expect((await failureOf(waitUntilReady(network, protocol, options(1500)))).states).toEqual({
      node0: "paused",
    });
  });

  test("is left at once on abort, with its reason", async () => {
    const stop = new AbortController();
    const reason = new Error("interrupted");
    const { network, listeners } = await openNetwork([
      {
        behaviour: () => {
          stop.abort(reason);
          return undefined;
        },
      },
    ]);
    await using _ = network;
    await expect(waitUntilReady(network, protocol, options(60_000, stop.signal))).rejects.toBe(reason);
    expect(listeners.size).toBe(0);
  });
});

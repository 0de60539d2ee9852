import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Network, NodeExit } from "../../src/contracts/deployment.ts";
import type { EventBody } from "../../src/contracts/events.ts";
import { delay, until } from "../../src/core/async.ts";
import { renderComposeFile } from "../../src/deploy/containers/compose-file.ts";
import { findFreePorts } from "../../src/deploy/nodes/ports.ts";
import {
  ask,
  askNode,
  countLeftovers,
  deployerOf,
  docker,
  startTestRun,
  type TestRun,
  whyNoDocker,
} from "../deploy/real-engine.ts";
import { planTinyNodes } from "../deploy/tiny-plan.ts";

const nothing = { containers: 0, networks: 0, volumes: 0 };

/** Our own compose file on other ports than the usual ones. */
async function writeComposeFile(run: TestRun, nodes: number): Promise<string> {
  const free = await findFreePorts(2 * nodes, "127.0.0.1");
  const ports = Array.from({ length: nodes }, (_, i) => ({
    rpc: free[2 * i] ?? 0,
    metrics: free[2 * i + 1] ?? 0,
  }));
  return run.writeFile("docker-compose.yml", renderComposeFile(ports));
}

function nodeOf(network: Network, name: string) {
  const node = network.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`no ${name}`);
  return node;
}

describe.skipIf(whyNoDocker !== undefined)(`a committee in containers ${whyNoDocker ?? ""}`, () => {
  let run: TestRun;
  let network: Network;
  const exits: NodeExit[] = [];
  const nextExit = (node: string) =>
    until(() => exits.find((exit) => exit.node === node), {
      timeoutMs: 10_000,
      everyMs: 20,
      describe: () => `the end of ${node} was not told`,
    });

  beforeAll(async () => {
    run = await startTestRun();
    const deployer = deployerOf(await writeComposeFile(run, 3));
    expect(await deployer.check(planTinyNodes(3), run.signal)).toEqual([]);
    network = await deployer.deploy(planTinyNodes(3), run.options("thorough"));
    network.onExit((exit) => exits.push(exit));
  });
  afterAll(async () => {
    await run[Symbol.asyncDispose]();
  });

  test("each node has its files, its arguments, and no rights", async () => {
    for (const name of ["node0", "node1", "node2"]) {
      expect(await askNode(network, name, "/status")).toEqual({
        greeting: "hello",
        name,
        argument: "$HOME is 10:30 'yes'",
        uid: 1000,
        key: { mode: 0o600, uid: 1000, content: `key of ${name}` },
        remembered: "nothing",
      });
    }
  });

  test("nodes reach each other at the addresses they were given, and metrics are published", async () => {
    await askNode(network, "node1", "/status");
    await askNode(network, "node2", "/status");
    expect(await askNode(network, "node0", "/peers")).toEqual(["node1", "node2"]);
    expect(await ask(network.endpoint("node2", "coordinator", "metrics"), "/name")).toEqual({
      name: "node2",
    });
  });

  test("status, statistics and logs tell of the container", async () => {
    const node = nodeOf(network, "node0");
    await askNode(network, "node0", "/status");
    expect(await node.status()).toEqual({ state: "running" });
    const stats = await node.stats();
    expect(stats?.cpuSecs).toBeGreaterThan(0.01);
    expect(stats?.memoryBytes).toBeGreaterThan(5e6);
    const lines = (await node.logs({ tailLines: 100 })).trim().split("\n").sort();
    expect(lines).toEqual(["node0 is up", "node0 says so on standard error too"]);
    expect((await node.logs({ tailLines: 1 })).trim().split("\n")).toHaveLength(1);
  });

  test("a killed node is not reported, keeps its home, and comes back on its port", async () => {
    const node = nodeOf(network, "node1");
    await askNode(network, "node1", "/remember");
    await node.kill();
    expect(await node.status()).toEqual({ state: "exited", exitCode: undefined, signal: "SIGKILL" });
    expect(await node.stats()).toBeUndefined();
    await node.kill();
    await node.start();
    expect(await askNode(network, "node1", "/status")).toMatchObject({ remembered: "something" });
    expect(exits.filter((exit) => exit.node === "node1")).toEqual([]);
  });

  test("a paused node does not answer until it is resumed; paused, it can be stopped", async () => {
    const node = nodeOf(network, "node1");
    await node.pause();
    expect(await node.status()).toEqual({ state: "paused" });
    const { host, port } = network.endpoint("node1", "coordinator", "rpc");
    await expect(
      fetch(`http://${host}:${port}/name`, { signal: AbortSignal.timeout(300) }),
    ).rejects.toThrow();
    await node.resume();
    expect(await askNode(network, "node1", "/name")).toEqual({ name: "node1" });
    await node.pause();
    await node.stop({ graceMs: 5000 });
    expect(await node.status()).toEqual({ state: "exited", exitCode: 0, signal: undefined });
    expect(await node.logs({ tailLines: 1 })).toContain("ending gracefully");
    await node.start();
    await askNode(network, "node1", "/name");
    expect(exits.filter((exit) => exit.node === "node1")).toEqual([]);
  });

  test("a node that ends by itself is told, also to those who listen later", async () => {
    await askNode(network, "node2", "/exit");
    expect(await nextExit("node2")).toEqual({ node: "node2", exitCode: 3, signal: null });
    const late: NodeExit[] = [];
    network.onExit((exit) => late.push(exit))();
    expect(late).toEqual(exits);
    // And is told again when it does so again, after an end that was asked for in between.
    await nodeOf(network, "node2").start();
    await askNode(network, "node2", "/name");
    await nodeOf(network, "node2").kill();
    await nodeOf(network, "node2").start();
    exits.length = 0;
    await askNode(network, "node2", "/exit");
    await nextExit("node2");
    expect(exits).toHaveLength(1);
  });

  test("describes engine, compose and images", async () => {
    const facts = (await network.describe()) as { images: Record<string, { name: string; id: string }> };
    expect(facts).toMatchObject({
      engine: { version: docker().version.version },
      compose: { version: docker().compose.version },
    });
    expect(facts.images.node0?.id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(facts.images.node0?.name).toMatch(/^baleen\/tiny-node:[0-9a-f]{16}$/);
  });

  test("keep leaves all and says how to remove it; remove leaves volumes; thorough leaves nothing", async () => {
    const kept = await network.stop("keep");
    expect(kept?.command).toBe(`npx baleen clean --run ${run.id}`);
    expect(await countLeftovers(run.id)).toEqual({ containers: 3, networks: 1, volumes: 3 });
    expect(kept?.what).toHaveLength(7);
    const removed = await network.stop("remove");
    expect(await countLeftovers(run.id)).toEqual({ containers: 0, networks: 0, volumes: 3 });
    expect(removed?.what).toHaveLength(3);
    expect(await network.stop("thorough")).toBeUndefined();
    expect(await network.stop("thorough")).toBeUndefined();
    expect(await countLeftovers(run.id)).toEqual(nothing);
  });
});

describe.skipIf(whyNoDocker !== undefined)(`lifetimes of containers ${whyNoDocker ?? ""}`, () => {
  test("disposing applies the clean-up that was asked for, unless it was stopped before", {
    tags: "full",
  }, async () => {
    await using run = await startTestRun();
    const deployer = deployerOf(await writeComposeFile(run, 1));
    {
      await using network = await deployer.deploy(planTinyNodes(1), run.options("thorough"));
      await askNode(network, "node0", "/name");
    }
    expect(await countLeftovers(run.id)).toEqual(nothing);
    {
      await using network = await deployer.deploy(planTinyNodes(1), run.options("thorough"));
      await network.stop("keep");
    }
    expect(await countLeftovers(run.id)).toEqual({ containers: 1, networks: 1, volumes: 1 });
  });

  test("a node that ends at once is told to the first who listens, with its last words", {
    tags: "full",
  }, async () => {
    await using run = await startTestRun();
    const deployer = deployerOf(await writeComposeFile(run, 1));
    const network = await deployer.deploy(planTinyNodes(1, { exitAtOnce: 7 }), run.options("thorough"));
    const exit = await new Promise<NodeExit>((resolve) => network.onExit(resolve));
    expect(exit).toEqual({ node: "node0", exitCode: 7, signal: null });
    expect(await nodeOf(network, "node0").logs({ tailLines: 5 })).toBe("ending at once, as configured\n");
    await network.stop("thorough");
  });

  const phases: [string, (run: TestRun) => Promise<unknown>][] = [
    // Once the first container is there, the rest of it still to come.
    [
      "creating the containers",
      (run) =>
        until(async () => ((await countLeftovers(run.id)).containers > 0 ? true : undefined), {
          timeoutMs: 20_000,
          everyMs: 10,
          describe: () => "no container was made",
        }),
    ],
    // Compose has begun, and takes longer than this to read its files.
    ["starting 2 nodes as containers", () => delay(100)],
  ];
  test.each(phases)("aborted while %s, it removes what it made", async (when, moment) => {
    await using run = await startTestRun();
    const deployer = deployerOf(await writeComposeFile(run, 2));
    const abort = new AbortController();
    const options = {
      ...run.options("keep"),
      signal: abort.signal,
      emit: (event: EventBody) => {
        run.emit(event);
        if (event.type === "network-step" && event.step === when) {
          void moment(run).then(() => abort.abort(new Error("Ctrl-C")));
        }
      },
    };
    await expect(deployer.deploy(planTinyNodes(2), options)).rejects.toThrow("Ctrl-C");
    expect(run.warnings).toEqual([]);
    expect(await countLeftovers(run.id)).toEqual(nothing);
  });
});

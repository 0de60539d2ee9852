import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { NodeExit, NodeFile } from "../../../src/contracts/deployment.ts";
import { readProcess } from "../../../src/core/process/processes.ts";
import { findFreeRange, isPortFree } from "../../../src/deploy/nodes/ports.ts";
import { createProcessDeployer } from "../../../src/deploy/process/deployer.ts";
import { eventually } from "../../support/processes.ts";
import {
  deployerIn,
  deployIn,
  idle,
  nodeOf,
  planSmallNodes,
  ready,
  smallProtocol,
  startsOf,
} from "../../support/small-network.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

describe("a network of processes", () => {
  test("runs on ports of its own, becomes ready, and leaves nothing when it is stopped", async () => {
    await using folder = await openTemporaryFolder();
    const stateDir = join(folder.path, "state");
    const { network, events } = await deployIn(stateDir, planSmallNodes(4));
    await using _ = network;
    expect(network.runtime).toBe("process");
    expect(network.nodes.map(({ name }) => name)).toEqual(["node0", "node1", "node2", "node3"]);
    const { heights } = await ready(network);
    expect(Object.keys(heights)).toEqual(["node0", "node1", "node2", "node3"]);
    const endpoints = network.nodes.flatMap(({ name }) => [
      network.endpoint(name, "coordinator", "rpc"),
      network.endpoint(name, { node: "node0" }, "peer"),
    ]);
    expect(new Set(endpoints.map(({ host, port }) => `${host}:${port}`)).size).toBe(8);
    expect(new Set(endpoints.map(({ host }) => host))).toEqual(new Set(["127.0.0.1"]));
    expect(() => network.endpoint("node9", "coordinator", "rpc")).toThrow(/no node9/);
    expect(() => network.endpoint("node0", "coordinator", "metrics")).toThrow(/metrics/);
    expect(events).toContainEqual({ type: "network-step", step: "starting 4 nodes as processes" });
    expect(await network.describe()).toEqual({
      runtime: "process",
      nodeBinary: process.execPath,
      nodeVersion: process.version,
    });

    const pids = await Promise.all(network.nodes.map(({ name }) => startsOf(stateDir, name)));
    expect(await network.stop("keep")).toBeUndefined();
    for (const pid of pids.flat()) expect(await readProcess(pid)).toBeUndefined();
    for (const { host, port } of endpoints) expect(await isPortFree(host, port)).toBe(true);
    expect(await readdir(join(stateDir, "runs"))).toEqual([]);
    expect(await network.stop("thorough")).toBeUndefined();
    expect(await nodeOf(network, 0).logs({ tailLines: 5 })).toBe("");
    await expect(nodeOf(network, 0).start()).rejects.toThrow(/its network was stopped/);
  });

  test("runs on the ports that it is moved to", async () => {
    await using folder = await openTemporaryFolder();
    const first = (await findFreeRange(2, "127.0.0.1", 21_000)) ?? 0;
    const deployer = createProcessDeployer({
      ...{ nodeBinary: process.execPath, stateDir: folder.path, env: {} },
      basePorts: { rpc: first },
    });
    const options = { run: "run-1", cleanup: "remove", emit: () => {}, signal: idle } as const;
    await using network = await deployer.deploy(planSmallNodes(2), options);
    await ready(network);
    const ports = ["node0", "node1"].map((name) => network.endpoint(name, "coordinator", "rpc").port);
    expect(ports).toEqual([first, first + 1]);
  });

  test("gives its nodes their files, with their modes, their arguments and their environment", async () => {
    await using folder = await openTemporaryFolder();
    const files: NodeFile[] = [
      { path: "keys/deep/key.json", content: "secret", mode: 0o600 },
      { path: "open.txt", content: "é", mode: 0o666 },
    ];
    const { network } = await deployIn(folder.path, planSmallNodes(1, undefined, files));
    await using _ = network;
    await ready(network);
    const home = join(folder.path, "runs", "run-1", "node0");
    expect(await readFile(join(home, "keys/deep/key.json"), "utf8")).toBe("secret");
    expect((await stat(join(home, "keys/deep/key.json"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(home, "open.txt"))).mode & 0o777).toBe(0o666);
    expect((await stat(home)).mode & 0o777).toBe(0o700);
    const log = await nodeOf(network, 0).logs({ tailLines: 10 });
    expect(log).toContain(`started in ${home}\n`);
    expect(log).toContain('arguments ["--name","node0","--exit-with-parent"]');
    expect(log).toContain('flags of Node.js ["--no-deprecation"]');
    expect(log).toContain('environment {"ONLY":"this"');
    expect(log).not.toContain("PATH");
  });

  test("keeps home and ports over kill and start, and tells of no exit that was asked for", async () => {
    await using folder = await openTemporaryFolder();
    const { network } = await deployIn(folder.path, planSmallNodes(2));
    await using _ = network;
    const exits: NodeExit[] = [];
    network.onExit((exit) => exits.push(exit));
    await ready(network);
    const node = nodeOf(network, 1);
    expect(await node.status()).toEqual({ state: "running" });
    const before = await node.stats();
    expect(before?.cpuSecs).toBeGreaterThan(0);
    expect(before?.memoryBytes).toBeGreaterThan(20e6);

    await node.kill();
    expect(await node.status()).toEqual({ state: "exited", exitCode: undefined, signal: "SIGKILL" });
    expect(await node.stats()).toBeUndefined();
    await node.start();
    await node.start();
    await ready(network);
    await node.stop({ graceMs: 10_000 });
    expect(await node.status()).toMatchObject({ state: "exited" });
    await node.start();
    await ready(network);
    const starts = await startsOf(folder.path, "node1");
    expect(new Set(starts).size).toBe(3);
    expect((await node.logs({ tailLines: 100 })).match(/started in/g)).toHaveLength(3);
    expect(exits).toEqual([]);
  });

  test("tells of every exit that nobody asked for", async () => {
    await using folder = await openTemporaryFolder();
    const { network } = await deployIn(folder.path, planSmallNodes(3));
    await using _ = network;
    const exits: NodeExit[] = [];
    const others: NodeExit[] = [];
    network.onExit((exit) => exits.push(exit));
    network.onExit((exit) => others.push(exit))();
    await ready(network);
    const [pid = 0] = await startsOf(folder.path, "node2");
    process.kill(pid, "SIGKILL");
    await eventually("the exit", () => exits[0]);
    expect(exits).toEqual([{ node: "node2", exitCode: null, signal: "SIGKILL" }]);
    expect(others).toEqual([]);
    network.onExit((exit) => others.push(exit));
    expect(others).toEqual(exits);
    await nodeOf(network, 2).start();
    await ready(network);
  });

  test("pauses and resumes its nodes, and ends paused and stubborn ones", async () => {
    await using folder = await openTemporaryFolder();
    const { network } = await deployIn(
      folder.path,
      planSmallNodes(2, (index) => ({ ignoreSigterm: index === 1 })),
    );
    await using _ = network;
    await ready(network);
    const node = nodeOf(network, 0);
    const probe = () =>
      smallProtocol.probe(network.endpoint("node0", "coordinator", "rpc"), { timeoutMs: 500, signal: idle });
    await node.pause();
    expect(await node.status()).toEqual({ state: "paused" });
    await expect(probe()).rejects.toThrow(/timeout/);
    await node.resume();
    expect(await node.status()).toEqual({ state: "running" });
    await eventually("an answer", () => probe().catch(() => undefined));
    await node.pause();
    const pids = [...(await startsOf(folder.path, "node0")), ...(await startsOf(folder.path, "node1"))];
    await network.stop("remove");
    for (const pid of pids) expect(await readProcess(pid)).toBeUndefined();
  });

  test("ends a node that is being started while the network is stopped", async () => {
    await using folder = await openTemporaryFolder();
    const { network } = await deployIn(folder.path, planSmallNodes(1));
    const node = nodeOf(network, 0);
    await node.kill();
    const starting = node.start();
    await network.stop("keep");
    await starting;
    expect(await node.status()).toMatchObject({ state: "exited" });
    expect(await readdir(join(folder.path, "runs"))).toEqual([]);
  });

  test("leaves a node that fails to the readiness check, which says why", async () => {
    await using folder = await openTemporaryFolder();
    const plan = planSmallNodes(3, (index) => (index === 1 ? { failWith: 9 } : {}));
    const { network } = await deployIn(folder.path, plan);
    await using _ = network;
    const error = await ready(network).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "not-ready",
      states: { node1: "exited with code 9" },
      logs: { node1: expect.stringContaining("fatal: told to fail") },
    });
  });
});

describe("a deployment that fails", () => {
  test("takes other ports where one was taken in between", async () => {
    await using folder = await openTemporaryFolder();
    const stolen = join(folder.path, "thief.pid");
    const plan = planSmallNodes(3, (index) => (index === 1 ? { losePortOnce: stolen } : {}));
    const stateDir = join(folder.path, "state");
    const { network, events } = await deployIn(stateDir, plan);
    const thief = Number(await readFile(stolen, "utf8"));
    try {
      await using _ = network;
      await ready(network);
      expect(events).toContainEqual({
        type: "network-step",
        step: "choosing other ports",
        detail: expect.stringMatching(new RegExp(`^port \\d+ of node1 was taken by .*\\(pid ${thief}\\)$`)),
      });
      expect(await startsOf(stateDir, "node0")).toHaveLength(1);
    } finally {
      process.kill(thief, "SIGKILL");
    }
  });

  test("takes other ports where nodes died of a port that is free again", async () => {
    await using folder = await openTemporaryFolder();
    const plan = planSmallNodes(3, (index) => ({ missPortOnce: join(folder.path, `missed-${index}`) }));
    const { network, events } = await deployIn(join(folder.path, "state"), plan);
    await using _ = network;
    await ready(network);
    expect(events).toContainEqual({
      type: "network-step",
      step: "choosing other ports",
      detail: expect.stringMatching(/^a port of node\d was taken for a moment$/),
    });
  });

  test("leaves no process and no file on abort, whose reason is thrown", async () => {
    await using folder = await openTemporaryFolder();
    const stop = new AbortController();
    const reason = new Error("interrupted");
    // A node that never listens keeps the deployment waiting.
    const plan = planSmallNodes(2, (index) => (index === 1 ? { listen: [] } : {}));
    const options = { run: "run-1", cleanup: "keep", emit: () => {}, signal: stop.signal } as const;
    const deploying = deployerIn(folder.path).deploy(plan, options);
    const outcome = expect(deploying).rejects.toBe(reason);
    const pids = await eventually("both nodes", async () => {
      const starts = await Promise.all(
        ["node0", "node1"].map((name) => startsOf(folder.path, name).catch(() => [])),
      );
      return starts.every(({ length }) => length === 1) ? starts.flat() : undefined;
    });
    stop.abort(reason);
    await outcome;
    for (const pid of pids) expect(await readProcess(pid)).toBeUndefined();
    expect(await readdir(join(folder.path, "runs"))).toEqual([]);
  });

  test.each(["../outside", "/etc/outside", "a/../../outside"])("refuses a file at %s", async (path) => {
    await using folder = await openTemporaryFolder();
    const plan = planSmallNodes(1, undefined, [{ path, content: "", mode: 0o600 }]);
    await expect(deployIn(folder.path, plan)).rejects.toThrow(/outside its home folder/);
    expect(await readdir(join(folder.path, "runs"))).toEqual([]);
  });

  test.each(["../run", "", ".hidden", "a b"])("refuses the run %j", async (run) => {
    await using folder = await openTemporaryFolder();
    await expect(deployIn(folder.path, planSmallNodes(1), run)).rejects.toThrow(/Invalid run id/);
  });

  test("refuses a run that is under way", async () => {
    await using folder = await openTemporaryFolder();
    const { network } = await deployIn(folder.path, planSmallNodes(1));
    await using _ = network;
    await expect(deployIn(folder.path, planSmallNodes(1))).rejects.toMatchObject({ code: "locked" });
    await ready(network);
  });

  test("says that Node.js is not there", async () => {
    await using folder = await openTemporaryFolder();
    const deployer = createProcessDeployer({ nodeBinary: "/no/node", stateDir: folder.path, env: {} });
    const options = { run: "r", cleanup: "keep", emit: () => {}, signal: idle } as const;
    await expect(deployer.deploy(planSmallNodes(2), options)).rejects.toThrow(/\/no\/node not found/);
    expect(await readdir(join(folder.path, "runs"))).toEqual([]);
  });
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { DeploymentPlan, Network, NodeExit, NodeGroup } from "../../src/contracts/deployment.ts";
import { systemClock } from "../../src/core/clock.ts";
import { readProcess } from "../../src/core/process/processes.ts";
import { waitUntilReady } from "../../src/deploy/nodes/readiness.ts";
import { crashNode, recoverNode } from "../../src/run/faults/effects.ts";
import { etcd, whyNoEtcd } from "../support/etcd.ts";
import { etcdProtocol, planEtcd, putText, readText } from "../support/planned-etcd.ts";
import { eventually, untilGone } from "../support/processes.ts";
import { deployerIn, deployIn, idle, nodeOf } from "../support/small-network.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";

function etcdReady(network: Network, timeoutMs = 30_000) {
  return waitUntilReady(network, etcdProtocol, {
    timeoutMs,
    signal: idle,
    emit: () => {},
    clock: systemClock,
  });
}

const rpcOf = (network: Network, node: string) => network.endpoint(node, "coordinator", "rpc");

async function pidOf(stateDir: string, node: string): Promise<number> {
  const record = await readFile(join(stateDir, "runs", "run-1", `${node}.pid`), "utf8");
  return (JSON.parse(record) as { pid: number }).pid;
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.trim() === "" ? [] : text.trim().split(" ").map(Number);
}

const answers = (network: Network, node: string) =>
  etcdProtocol.probe(rpcOf(network, node), { timeoutMs: 1000, signal: idle }).then(
    () => true,
    () => undefined,
  );

describe.skipIf(whyNoEtcd !== undefined)(`etcd members as plain processes ${whyNoEtcd ?? ""}`, () => {
  test("are ready without heights or peers, live through kill, pause and start, and leave nothing", async () => {
    await using folder = await openTemporaryFolder();
    expect(await deployerIn(folder.path).check(planEtcd(3), idle)).toEqual([]);
    const { network } = await deployIn(folder.path, planEtcd(3));
    await using _ = network;
    const exits: NodeExit[] = [];
    network.onExit((exit) => exits.push(exit));
    expect((await etcdReady(network)).heights).toEqual({ node0: 0, node1: 0, node2: 0 });
    expect(await network.describe()).toEqual({
      runtime: "process",
      programs: {
        etcd: {
          path: etcd.path,
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          sizeBytes: expect.any(Number),
        },
      },
    });

    // setpriv has become the program: that is what is recorded, measured and signalled.
    const pids = await Promise.all(network.nodes.map(({ name }) => pidOf(folder.path, name)));
    for (const pid of pids) {
      expect((await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0")[0]).toBe(etcd.path);
    }
    expect((await nodeOf(network, 0).stats())?.memoryBytes).toBeGreaterThan(10e6);

    await putText(rpcOf(network, "node0"), "before", "1");
    const node = nodeOf(network, 1);
    await node.kill();
    expect(await node.status()).toMatchObject({ state: "exited", signal: "SIGKILL" });
    expect(await answers(network, "node1")).toBeUndefined();
    await eventually("a put without node1", () =>
      putText(rpcOf(network, "node0"), "meanwhile", "2").then(
        () => true,
        () => undefined,
      ),
    );
    // On its old home with its old arguments: it holds what it held, and learns what it missed.
    await node.start();
    await eventually("node1 again", () => answers(network, "node1"));
    expect(await readText(rpcOf(network, "node1"), "before")).toBe("1");
    expect(await eventually("what it missed", () => readText(rpcOf(network, "node1"), "meanwhile"))).toBe(
      "2",
    );
    expect(await pidOf(folder.path, "node1")).not.toBe(pids[1]);

    await nodeOf(network, 2).pause();
    expect(await nodeOf(network, 2).status()).toEqual({ state: "paused" });
    expect(await answers(network, "node2")).toBeUndefined();
    await nodeOf(network, 2).resume();
    await eventually("node2 again", () => answers(network, "node2"));
    expect(exits).toEqual([]);

    await nodeOf(network, 0).pause();
    const last = await Promise.all(network.nodes.map(({ name }) => pidOf(folder.path, name)));
    await network.stop("remove");
    for (const pid of [...pids, ...last]) expect(await readProcess(pid)).toBeUndefined();
    expect(await readdir(join(folder.path, "runs"))).toEqual([]);
  });

  test.each([
    { by: "the kernel", lifeLine: "kernel", script: false },
    { by: "a keeper", lifeLine: "keeper", script: false },
    { by: "a keeper, with what their scripts have started", lifeLine: "", script: true },
  ])("end with whoever started them, also paused: by $by", async ({ lifeLine, script }) => {
    await using folder = await openTemporaryFolder();
    const wrapper = join(folder.path, "wrapper");
    await writeFile(wrapper, `#!/bin/sh\n${etcd.path} "$@"\nexit 0\n`);
    await chmod(wrapper, 0o755);
    const program = new URL("../support/deploy-foreign.ts", import.meta.url).pathname;
    const argv = [program, folder.path, script ? wrapper : (etcd.path ?? ""), lifeLine];
    const orchestrator = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
    const end = once(orchestrator, "exit");
    await once(orchestrator.stdout, "data");
    const leaders = await Promise.all(["node0", "node1"].map((node) => pidOf(folder.path, node)));
    const others = await Promise.all(leaders.map(childrenOf));
    expect(others.flat()).toHaveLength(script ? 2 : 0);
    const pids = [...leaders, ...others.flat()];
    for (const pid of pids) expect(await readProcess(pid)).toBeDefined();
    orchestrator.kill("SIGKILL");
    await end;
    for (const pid of pids) await untilGone(pid);
  });

  test("that end at the start are named with what they said, and nothing is left running", async () => {
    await using folder = await openTemporaryFolder();
    const { network } = await deployIn(folder.path, planEtcd(1, { more: ["--no-such-flag"] }));
    const pid = await pidOf(folder.path, "node0");
    {
      await using _ = network;
      await expect(etcdReady(network)).rejects.toMatchObject({
        code: "not-ready",
        states: { node0: expect.stringMatching(/^exited with code \d/) },
        logs: { node0: expect.stringContaining("no-such-flag") },
      });
    }
    expect(await readProcess(pid)).toBeUndefined();
    expect(await readdir(join(folder.path, "runs"))).toEqual([]);
  });

  test("that never become healthy are named with what they said, and nothing is left running", async () => {
    await using folder = await openTemporaryFolder();
    const { network } = await deployIn(folder.path, planEtcd(3));
    const pid = await pidOf(folder.path, "node0");
    {
      await using _ = network;
      // Without the others it has no leader, and says so.
      await nodeOf(network, 1).kill();
      await nodeOf(network, 2).pause();
      const error: unknown = await etcdReady(network, 3000).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "not-ready", states: { node1: expect.stringMatching(/SIGKILL/) } });
      await nodeOf(network, 1).start();
      await nodeOf(network, 1).pause();
      await expect(etcdReady(network, 3000)).rejects.toMatchObject({
        code: "not-ready",
        states: { node0: expect.stringMatching(/^not answering \(/), node2: "paused" },
        logs: { node0: expect.stringMatching(/\S/) },
      });
    }
    expect(await readProcess(pid)).toBeUndefined();
  });

  test("go through the faults of a run: crashed, started again, and back once they answer", async () => {
    await using folder = await openTemporaryFolder();
    const { network } = await deployIn(folder.path, planEtcd(3));
    await using _ = network;
    await etcdReady(network);
    const view = { network, protocol: etcdProtocol, signal: idle };
    const node = nodeOf(network, 2);
    await crashNode(node, view);
    expect(await answers(network, "node2")).toBeUndefined();
    let answered = 0;
    const begin = () => node.start();
    await recoverNode(node, view, { begin, timeoutMs: 30_000, onAnswer: () => void answered++ });
    expect(answered).toBe(1);
    expect(await answers(network, "node2")).toBe(true);
  });

  test("that must have a port are not started again where it was taken, and its holder is named", async () => {
    await using folder = await openTemporaryFolder();
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    try {
      const deploying = deployIn(join(folder.path, "state"), planEtcd(1, { ports: { rpc: port } }));
      await expect(deploying).rejects.toMatchObject({
        code: "port-conflict",
        message: expect.stringMatching(
          new RegExp(
            `port ${port} of node0 was taken by .*\\(pid ${process.pid}\\)\\. No other port is possible`,
          ),
        ),
      });
      expect(await readdir(join(folder.path, "state", "runs"))).toEqual([]);
    } finally {
      server.close();
      await once(server, "close");
    }
    // Free again, it serves one network after the other.
    for (const run of ["run-1", "run-2"]) {
      const { network } = await deployIn(
        join(folder.path, "state"),
        planEtcd(1, { ports: { rpc: port } }),
        run,
      );
      await using _ = network;
      await etcdReady(network);
      expect(rpcOf(network, "node0").port).toBe(port);
    }
  });
});

/** A foreign program that is a script: listens on the ports that it is told, prints its id, and serves it. */
const script = `#!${process.execPath}
const { createServer } = require("node:http");
const { existsSync, writeFileSync } = require("node:fs");
const { randomUUID } = require("node:crypto");
const told = JSON.parse(process.argv[2]);
console.log("told " + JSON.stringify(told));
if (told.fail) {
  console.error(told.fail);
  process.exit(7);
}
if (told.missOnce && !existsSync(told.missOnce)) {
  writeFileSync(told.missOnce, "");
  console.error("listen tcp 127.0.0.1:1: bind: address already in use");
  process.exit(1);
}
const id = randomUUID();
createServer((_, response) => response.end(JSON.stringify({ node: { id } }))).listen(told.port, "127.0.0.1", () => {
  if (!told.silent) console.log("my id is <" + id + ">");
});
`;

async function planStages(
  folder: string,
  notify: { boot?: object; member?: object } = {},
): Promise<DeploymentPlan> {
  const path = join(folder, "program");
  await writeFile(path, script);
  await chmod(path, 0o755);
  const program = { kind: "foreign-program", name: "scripted", path, remedy: "" } as const;
  const group = (role: string, more: object, rest: Partial<NodeGroup>): NodeGroup => ({
    role,
    count: 1,
    program,
    planes: ["rpc"],
    configure: (_node, view) => ({
      args: [JSON.stringify({ port: view.listen("rpc").port, ...more })],
      files: [],
    }),
    ...rest,
  });
  return {
    protocol: "scripted",
    groups: [
      // Before those that it waits for, so that the order is not that of the list.
      group(
        "member",
        {},
        {
          count: 2,
          startAfter: ["boot"],
          configure: ({ name }, view) => {
            const ids = { said: view.exported("node2", "said"), served: view.exported("node2", "served") };
            const { port } = view.listen("rpc");
            return {
              args: [JSON.stringify({ port, ...ids, ...(name === "node0" ? notify.member : {}) })],
              files: [],
            };
          },
        },
      ),
      group("boot", notify.boot ?? {}, {
        exports: {
          said: { from: "log", pattern: /my id is <(.*)>/ },
          served: { from: "http", plane: "rpc", path: "/", pointer: "/node/id" },
        },
      }),
    ],
  };
}

async function idsReported(network: Network, index: number): Promise<{ said: string; served: string }> {
  const log = await nodeOf(network, index).logs({ tailLines: 100 });
  const reported = [...log.matchAll(/^told (.*)$/gm)].map(([, text = ""]) => JSON.parse(text));
  return reported.at(-1);
}

describe("groups that start after others", () => {
  test("are told what those export, keep it over a crash, and have their place in the plan's order", async () => {
    await using folder = await openTemporaryFolder();
    const { network } = await deployIn(join(folder.path, "state"), await planStages(folder.path));
    await using _ = network;
    expect(network.nodes.map(({ name, role }) => `${name} ${role}`)).toEqual([
      "node0 member",
      "node1 member",
      "node2 boot",
    ]);
    const bootLog = await nodeOf(network, 2).logs({ tailLines: 100 });
    const id = /my id is <(.*)>/.exec(bootLog)?.[1] ?? "none";
    for (const index of [0, 1])
      expect(await idsReported(network, index)).toMatchObject({ said: id, served: id });
    // After a crash its id is another one, but the others are told what they were.
    await nodeOf(network, 2).kill();
    await nodeOf(network, 2).start();
    await nodeOf(network, 0).kill();
    await nodeOf(network, 0).start();
    await eventually("both starts", async () => {
      const log = await nodeOf(network, 0).logs({ tailLines: 100 });
      return (log.match(/^my id is/gm) ?? []).length === 2 ? true : undefined;
    });
    expect(await idsReported(network, 0)).toMatchObject({ said: id, served: id });
  });

  test("begin anew, all of them, where a port of a later one was taken, and learn the new values", async () => {
    await using folder = await openTemporaryFolder();
    const missOnce = join(folder.path, "missed");
    const plan = await planStages(folder.path, { member: { missOnce } });
    const { network, events } = await deployIn(join(folder.path, "state"), plan);
    await using _ = network;
    expect(events).toContainEqual({
      type: "network-step",
      step: "choosing other ports",
      detail: "a port of node0 was taken for a moment",
    });
    const bootLog = await nodeOf(network, 2).logs({ tailLines: 100 });
    const ids = [...bootLog.matchAll(/my id is <(.*)>/g)].map(([, id]) => id);
    expect(ids).toHaveLength(1);
    for (const index of [0, 1])
      expect(await idsReported(network, index)).toMatchObject({ said: ids[0], served: ids[0] });
  });

  test("do not start where the others end before they have told, and nothing is left", async () => {
    await using folder = await openTemporaryFolder();
    const stateDir = join(folder.path, "state");
    const plan = await planStages(folder.path, { boot: { fail: "no space left on the moon" } });
    await expect(deployIn(stateDir, plan)).rejects.toMatchObject({
      code: "export-missing",
      message: expect.stringMatching(
        /^node2 ended with code 7 before it reported.*said:.*served:.*on the moon/s,
      ),
    });
    expect(await readdir(join(stateDir, "runs"))).toEqual([]);
  });

  test("end with the reason of an abort while the others are waited for, and nothing is left", async () => {
    await using folder = await openTemporaryFolder();
    const stateDir = join(folder.path, "state");
    const plan = await planStages(folder.path, { boot: { silent: true } });
    const stop = new AbortController();
    const reason = new Error("interrupted");
    const options = { run: "run-1", cleanup: "keep", emit: () => {}, signal: stop.signal } as const;
    const outcome = expect(deployerIn(stateDir).deploy(plan, options)).rejects.toBe(reason);
    const pid = await eventually("the first stage", () => pidOf(stateDir, "node2").catch(() => undefined));
    stop.abort(reason);
    await outcome;
    expect(await readProcess(pid)).toBeUndefined();
    expect(await readdir(join(stateDir, "runs"))).toEqual([]);
  });
});

test("a program that lives on without a port that somebody else has is told of", {
  tags: "full",
}, async () => {
  await using folder = await openTemporaryFolder();
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const metrics = typeof address === "object" ? (address?.port ?? 0) : 0;
  try {
    const plan = await planStages(folder.path);
    const [, boot] = plan.groups;
    if (boot === undefined) throw new Error("no second group");
    const group: NodeGroup = { ...boot, planes: ["rpc", "metrics"], ports: { metrics } };
    const stateDir = join(folder.path, "state");
    await expect(deployIn(stateDir, { ...plan, groups: [group] })).rejects.toThrow(
      new RegExp(`port ${metrics} of node0 was taken by .*\\(pid ${process.pid}\\)`),
    );
    expect(await readdir(join(stateDir, "runs"))).toEqual([]);
  } finally {
    server.close();
  }
});

test("a plane that nobody listens on holds a deployment up for a while, which is told", {
  tags: "full",
}, async () => {
  await using folder = await openTemporaryFolder();
  const plan = await planStages(folder.path);
  const [, boot] = plan.groups;
  if (boot === undefined) throw new Error("no second group");
  const groups: NodeGroup[] = [{ ...boot, planes: ["rpc", "peer"] }];
  const { network, events } = await deployIn(join(folder.path, "state"), { ...plan, groups });
  await using _ = network;
  expect(events).toContainEqual({
    type: "network-step",
    step: "not listening after 10 s; no longer waiting",
    detail: "peer of node0",
  });
});

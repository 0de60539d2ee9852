import { createHash } from "node:crypto";
import { copyFile, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Network } from "../../src/contracts/deployment.ts";
import { until } from "../../src/core/async.ts";
import { sendHttp } from "../../src/core/http.ts";
import { runCommand } from "../../src/core/process/command.ts";
import { cacheLabel, runLabel } from "../../src/deploy/engine/ownership.ts";
import { ensureImage } from "../../src/deploy/images/image.ts";
import { packTar } from "../../src/deploy/images/tar.ts";
import { beaconOf, buildBeacon, planBeacons, planEtcd, whyNoCompiler } from "../deploy/foreign-plan.ts";
import {
  askNode,
  countLeftovers,
  deployerOf,
  docker,
  dockerCommand,
  startTestRun,
  type TestRun,
  whyNoDocker,
} from "../deploy/real-engine.ts";
import { etcd, whyNoEtcd } from "../support/etcd.ts";

const whyNot = whyNoDocker ?? whyNoCompiler;
const nothing = { containers: 0, networks: 0, volumes: 0 };

interface Seen {
  readonly identifier: string;
  readonly known: string;
}

async function hashOf(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}

/** An image of the beacon as somebody else would make one: for root, without users, homes or folders. */
async function importBeacon(run: TestRun): Promise<string> {
  const source = await buildBeacon(run.folder);
  const { size: sizeBytes } = await stat(source);
  const archive = join(run.folder, "beacon.tar");
  await writeFile(
    archive,
    packTar([{ path: "opt/beacon", mode: 0o755, content: { kind: "file", source, sizeBytes } }]),
  );
  const name = `foreign-${run.id.toLowerCase()}:1`;
  await dockerCommand("import", "--change", 'ENTRYPOINT ["/nowhere"]', archive, name);
  return name;
}

describe.skipIf(whyNot !== undefined)(`foreign programs in containers ${whyNot ?? ""}`, () => {
  test("a binary becomes an image; nodes of a later stage know what those before them have told", async () => {
    await using run = await startTestRun();
    const path = await buildBeacon(run.folder, "dynamic");
    const bootstrap = await buildBeacon(run.folder, "static");
    const plan = planBeacons(beaconOf({ path }), 2, beaconOf({ path: bootstrap }));
    const deployer = deployerOf();
    expect(await deployer.check(plan, run.signal)).toEqual([]);
    await using network = await deployer.deploy(plan, run.options("thorough"));
    const first = (await askNode(network, "node2", "/")) as Seen;
    expect(first).toEqual({
      identifier: expect.stringMatching(/^[0-9a-f]{16}$/),
      known: "nobody",
      greeting: "costs $5",
      home: "/home/node",
      uid: 1000,
      writable: true,
    });
    for (const name of ["node0", "node1"]) {
      const { identifier } = first;
      expect(await askNode(network, name, "/")).toMatchObject({ known: `${identifier} ${identifier}` });
    }
    expect(network.nodes.map(({ name, role }) => `${name} ${role}`)).toEqual([
      "node0 follower",
      "node1 follower",
      "node2 bootstrap",
    ]);
    // What was told before counts for a node that comes back.
    const node0 = network.nodes[0];
    await node0?.kill();
    await node0?.start();
    expect(await askNode(network, "node0", "/")).toMatchObject({
      known: `${first.identifier} ${first.identifier}`,
    });
    const { images } = (await network.describe()) as { images: Record<string, Record<string, unknown>> };
    expect(images.node0).toMatchObject({
      name: expect.stringMatching(/^baleen\/test-beacon:[0-9a-f]{16}$/),
      id: expect.stringMatching(/^sha256:/),
      programSha256: await hashOf(path),
    });
    expect(images.node2).toMatchObject({ programSha256: await hashOf(bootstrap) });
    expect(run.steps.filter((step) => step.startsWith("starting"))).toHaveLength(2);
    // The second time nothing is made.
    const made = run.steps.filter((step) => step.startsWith("building")).length;
    await network.stop("thorough");
    expect(await countLeftovers(run.id)).toEqual(nothing);
    await using again = await deployer.deploy(plan, run.options("thorough"));
    await askNode(again, "node1", "/");
    expect(run.steps.filter((step) => step.startsWith("building"))).toHaveLength(made);
  });

  test("an image by name is started by our user, who can write to a home that the image does not have", async () => {
    await using run = await startTestRun();
    const image = await importBeacon(run);
    try {
      const plan = planBeacons(beaconOf({ image, entrypoint: ["/opt/beacon"] }), 1);
      await using network = await deployerOf().deploy(plan, run.options("thorough"));
      expect(await askNode(network, "node1", "/")).toMatchObject({
        home: "/home/node",
        uid: 1000,
        writable: true,
      });
      expect(await network.describe()).toMatchObject({ images: { node1: { name: image } } });
      expect(run.steps.filter((step) => /building|pulling/.test(step))).toEqual([]);
    } finally {
      await dockerCommand("rmi", image);
    }
  });

  test("a program that ends before it has told what others need is named with its last words, and nothing is left", async () => {
    await using run = await startTestRun();
    const plan = planBeacons(beaconOf({ path: await buildBeacon(run.folder) }), 1);
    const groups = plan.groups.map((group) =>
      group.role === "bootstrap" ? { ...group, configure: () => ({ args: ["1"], files: [] }) } : group,
    );
    const failure = await deployerOf()
      .deploy({ ...plan, groups }, run.options("keep"))
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "export-missing",
      message: expect.stringMatching(/^node1 ended with code 2.*usage: beacon PORT KNOWN/s),
    });
    expect(await countLeftovers(run.id)).toEqual(nothing);
  });

  test("ended while it waits for what a node is to tell, it removes what it made", async () => {
    await using run = await startTestRun();
    const plan = planBeacons(beaconOf({ path: await buildBeacon(run.folder) }), 1);
    const groups = plan.groups.map((group) =>
      group.role === "bootstrap"
        ? { ...group, exports: { logged: { from: "log", pattern: /^never (said)$/ } as const } }
        : group,
    );
    const abort = new AbortController();
    const deploying = deployerOf().deploy(
      { ...plan, groups },
      { ...run.options("keep"), signal: abort.signal },
    );
    const isRunning = async () => {
      const made = await docker().engine.listContainers({ label: `${runLabel}=${run.id}` });
      return made.some(({ state }) => state === "running") ? true : undefined;
    };
    const describe = () => "the bootstrap node did not start";
    await Promise.race([deploying, until(isRunning, { timeoutMs: 60_000, everyMs: 50, describe })]);
    abort.abort(new Error("Ctrl-C"));
    await expect(deploying).rejects.toThrow("Ctrl-C");
    expect(run.warnings).toEqual([]);
    expect(await countLeftovers(run.id)).toEqual(nothing);
  });

  test("what cannot start gets no name, and is not kept", async () => {
    await using run = await startTestRun();
    const path = await buildBeacon(run.folder, "dynamic");
    // A loader that is nowhere: the file is whole, and the engine can start nothing with it.
    const text = (await readFile(path)).toString("latin1");
    const loader = /\/lib[^\0]*ld-linux[^\0]*/.exec(text)?.[0] ?? "";
    expect(loader).not.toBe("");
    const broken = join(run.folder, "broken");
    await copyFile(path, broken);
    await writeFile(broken, Buffer.from(text.replace(loader, loader.replace("ld-", "no-")), "latin1"));
    const program = { ...beaconOf({ path: broken }), name: `broken-${run.id}` };
    const { engine, env } = docker();
    const request = { nodeBinary: process.execPath, env, run: run.id, signal: run.signal, onStep: () => {} };
    const failure = await ensureImage(engine, { ...request, program }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "image" });
    expect(String(failure)).toMatch(
      /Cannot make an image for broken-\S+: \S+ --version ended with exit code 1 in the image: .*no such file.*Build it with gcc\./,
    );
    expect(await engine.listImages(`${cacheLabel}=${program.name}`)).toEqual([]);
  });

  test("a program that runs on, whatever it is asked for, has started", { tags: "full" }, async () => {
    await using run = await startTestRun();
    const source = await run.writeFile(
      "forever.c",
      "#include <unistd.h>\nint main(void) { for (;;) pause(); }\n",
    );
    const path = join(run.folder, "forever");
    await runCommand(["gcc", "-static", "-o", path, source], { env: process.env, timeoutMs: 60_000 });
    const program = { ...beaconOf({ path }), name: `forever-${run.id}` };
    const { engine, env } = docker();
    const request = { nodeBinary: process.execPath, env, run: run.id, signal: run.signal, onStep: () => {} };
    const name = await ensureImage(engine, { ...request, program });
    expect(await countLeftovers(run.id)).toEqual(nothing);
    await dockerCommand("rmi", name);
  });

  test("an image that no registry gives, and groups that wait for each other: said before anything is made", async () => {
    await using run = await startTestRun();
    const plan = planBeacons(beaconOf({ image: "127.0.0.1:1/no/such:image" }), 1);
    await expect(deployerOf().deploy(plan, run.options("keep"))).rejects.toMatchObject({
      code: "image",
      message: expect.stringMatching(/could not pull image 127\.0\.0\.1:1\/no\/such:image.*--node-binary/),
    });
    const circle = plan.groups.map((group) =>
      group.role === "bootstrap" ? { ...group, startAfter: ["follower"] } : group,
    );
    expect(await deployerOf().check({ ...plan, groups: circle }, run.signal)).toMatchObject([
      { code: "start-after-circle" },
    ]);
    expect(await countLeftovers(run.id)).toEqual(nothing);
  });
});

const whyNoCluster = whyNoDocker ?? whyNoEtcd;

describe.skipIf(whyNoCluster !== undefined)(`etcd in containers ${whyNoCluster ?? ""}`, () => {
  const put = (network: Network, node: string, key: string, value: string) =>
    call(network, node, "put", { key, value });

  async function call(network: Network, node: string, verb: string, fields: Record<string, string>) {
    const { host, port } = network.endpoint(node, "coordinator", "rpc");
    const encoded = Object.entries(fields).map(([name, text]) => [
      name,
      Buffer.from(text).toString("base64"),
    ]);
    return until(
      async () => {
        const reply = await sendHttp(`http://${host}:${port}`, {
          method: "POST",
          path: `/v3/kv/${verb}`,
          body: JSON.stringify(Object.fromEntries(encoded)),
          timeoutMs: 5000,
        }).catch(() => undefined);
        return reply?.status === 200 ? (JSON.parse(reply.body) as Record<string, unknown>) : undefined;
      },
      { timeoutMs: 30_000, everyMs: 100, describe: () => `${node} does not take a ${verb}` },
    );
  }

  test("three members of the machine's own etcd agree, also after one was killed and has come back", {
    tags: "full",
  }, async () => {
    await using run = await startTestRun();
    const deployer = deployerOf();
    expect(await deployer.check(planEtcd(3), run.signal)).toEqual([]);
    await using network = await deployer.deploy(planEtcd(3), run.options("thorough"));
    await put(network, "node0", "a", "1");
    await network.nodes[0]?.kill();
    await put(network, "node1", "b", "2");
    await network.nodes[0]?.start();
    for (const name of ["node0", "node1", "node2"]) {
      expect(await call(network, name, "range", { key: "b" })).toMatchObject({
        kvs: [{ value: Buffer.from("2").toString("base64") }],
      });
    }
    expect(await network.describe()).toMatchObject({
      images: { node0: { programSha256: await hashOf(etcd.path ?? "") } },
    });
    expect(await network.stop("thorough")).toBeUndefined();
  });
});

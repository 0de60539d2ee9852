import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Deployer, Network } from "../../src/contracts/deployment.ts";
import type { Protocol } from "../../src/contracts/protocol.ts";
import { systemClock } from "../../src/core/clock.ts";
import { sendHttp } from "../../src/core/http.ts";
import { withHelpers } from "../../src/deploy/nodes/planned.ts";
import { waitUntilReady } from "../../src/deploy/nodes/readiness.ts";
import { createProcessDeployer } from "../../src/deploy/process/deployer.ts";
import { parseCustomProtocol } from "../../src/protocol/custom/custom.ts";
import { etcdPath, whyNoEtcd } from "../support/etcd.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";

const ofMembers = "three members of etcd are one cluster: what one takes, the others have";
const idle = new AbortController().signal;
const programs: Readonly<Record<string, string>> = { etcd: etcdPath, node: process.execPath };

async function readExample(name: string): Promise<Protocol> {
  const path = fileURLToPath(new URL(`../../examples/${name}/${name}.yaml`, import.meta.url));
  const { protocol, diagnostics } = parseCustomProtocol(await readFile(path, "utf8"), {
    file: path,
    folder: dirname(path),
    findProgram: (program) => programs[program],
  });
  expect(diagnostics).toEqual([]);
  if (protocol === undefined) throw new TypeError("it has no faults");
  return protocol;
}

function deployerIn(stateDir: string): Deployer {
  return createProcessDeployer({ nodeBinary: process.execPath, stateDir, env: {} });
}

async function deploy(protocol: Protocol, stateDir: string, nodes: number): Promise<Network> {
  const plan = protocol.plan({ nodes, options: {} });
  const deployer = deployerIn(stateDir);
  expect(await deployer.check(plan, idle)).toEqual([]);
  const options = { run: "run-1", cleanup: "thorough", emit: () => {}, signal: idle } as const;
  return withHelpers(await deployer.deploy(plan, options), plan);
}

function ready(network: Network, protocol: Protocol) {
  return waitUntilReady(network, protocol, {
    timeoutMs: 30_000,
    signal: idle,
    emit: () => {},
    clock: systemClock,
  });
}

async function ask(network: Network, node: number, request: { path: string; body?: unknown }) {
  const name = network.nodes[node]?.name ?? "";
  const { host, port } = network.endpoint(name, "coordinator", "rpc");
  const { status, body } = await sendHttp(`http://${host}:${port}`, {
    method: request.body === undefined ? "GET" : "POST",
    path: request.path,
    headers: { "content-type": "application/json" },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    timeoutMs: 10_000,
  });
  return { status, json: JSON.parse(body) as Record<string, unknown> };
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("systems that a file describes, as plain processes", () => {
  test.skipIf(whyNoEtcd !== undefined)(`${ofMembers} ${whyNoEtcd ?? ""}`, async () => {
    await using folder = await openTemporaryFolder();
    const etcd = await readExample("etcd");
    await using network = await deploy(etcd, join(folder.path, "state"), 3);
    await ready(network, etcd);
    const put = await ask(network, 0, { path: "/v3/kv/put", body: { key: base64("a"), value: base64("b") } });
    expect(put.status).toBe(200);
    const range = await ask(network, 2, { path: "/v3/kv/range", body: { key: base64("a") } });
    expect(range.json).toMatchObject({ kvs: [{ key: base64("a"), value: base64("b") }] });
    const members = await ask(network, 1, { path: "/v3/cluster/member/list", body: {} });
    expect(members.json.members).toHaveLength(3);
    // One that was killed comes back on its old home, as the member that it was.
    await network.nodes[1]?.kill();
    await network.nodes[1]?.start();
    await ready(network, etcd);
    const again = await ask(network, 1, { path: "/v3/kv/range", body: { key: base64("a") } });
    expect(again.json).toMatchObject({ kvs: [{ value: base64("b") }] });
  });

  test("a plain service takes what its transactions would be", async () => {
    await using folder = await openTemporaryFolder();
    const notes = await readExample("http-service");
    await using network = await deploy(notes, join(folder.path, "state"), 2);
    await ready(network, notes);
    expect(await ask(network, 1, { path: "/notes", body: { text: "hello" } })).toEqual({
      status: 201,
      json: { number: 1 },
    });
    expect(notes).not.toHaveProperty("observeCommits");
  });

  test("members are told what the bootstrap node says in its log and its API", async () => {
    await using folder = await openTemporaryFolder();
    const joined = await readExample("bootstrap");
    await using network = await deploy(joined, join(folder.path, "state"), 3);
    expect(network.nodes.map(({ role }) => role)).toEqual(["member", "member", "member"]);
    expect(network.helpers?.map(({ role }) => role)).toEqual(["bootstrap"]);
    await ready(network, joined);
    // It lets in only those that know both its id, which its log says, and its key, which its API shows.
    expect(await ask(network, 2, { path: "/health" })).toMatchObject({
      status: 200,
      json: { joined: "node2" },
    });
  });

  test("replicas that know each other by ports that are counted up", async () => {
    await using folder = await openTemporaryFolder();
    const ring = await readExample("ring");
    await using network = await deploy(ring, join(folder.path, "state"), 3);
    await ready(network, ring);
    const { host, port } = network.endpoint("node2", "coordinator", "peer");
    expect(port).toBe(15_002);
    expect(await ask(network, 1, { path: "/texts", body: "round" })).toMatchObject({ status: 200 });
    expect((await ask(network, 0, { path: "/health" })).json).toEqual({
      name: "replica-0",
      next: `${host}:15001`,
      texts: 1,
    });
    expect((await ask(network, 2, { path: "/health" })).json).toMatchObject({
      next: `${host}:15000`,
      texts: 1,
    });
  });

  test("a program that is not there is a fault before anything starts", async () => {
    await using folder = await openTemporaryFolder();
    const text =
      "name: gone\nnodes: [{ role: member, program: { binary: ./gone }, ports: { rpc: any } }]\nhealth: { path: / }\ntransaction: { path: /, body: '${transaction}' }\n";
    const { protocol } = parseCustomProtocol(text, { file: "gone.yaml", folder: folder.path });
    const diagnostics = await deployerIn(folder.path).check(
      protocol?.plan({ nodes: 1, options: {} }) ?? { protocol: "", groups: [] },
      idle,
    );
    expect(diagnostics.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Cannot execute .*\/gone as gone: .*gone\.yaml:2\.$/),
    ]);
  });
});

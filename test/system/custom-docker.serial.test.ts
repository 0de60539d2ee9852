import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Network } from "../../src/contracts/deployment.ts";
import type { Protocol } from "../../src/contracts/protocol.ts";
import { systemClock } from "../../src/core/clock.ts";
import { sendHttp } from "../../src/core/http.ts";
import { withHelpers } from "../../src/deploy/nodes/planned.ts";
import { waitUntilReady } from "../../src/deploy/nodes/readiness.ts";
import { parseCustomProtocol } from "../../src/protocol/custom/custom.ts";
import {
  countLeftovers,
  deployerOf,
  startTestRun,
  type TestRun,
  whyNoDocker,
} from "../deploy/real-engine.ts";
import { etcdPath, whyNoEtcd } from "../support/etcd.ts";

const programs: Readonly<Record<string, string>> = { etcd: etcdPath, node: process.execPath };

/** An example whose images are made of this machine's programs, since a test asks no registry. */
async function readExample(name: string): Promise<Protocol> {
  const file = fileURLToPath(new URL(`../../examples/${name}/${name}.yaml`, import.meta.url));
  const text = (await readFile(file, "utf8")).replaceAll(/^ +(image|entrypoint):.*\n/gm, "");
  const { protocol, diagnostics } = parseCustomProtocol(text, {
    file,
    folder: dirname(file),
    findProgram: (program) => programs[program],
  });
  expect(diagnostics).toEqual([]);
  if (protocol === undefined) throw new TypeError("it has no faults");
  return protocol;
}

async function ask(network: Network, node: number, path: string, body?: object) {
  const { host, port } = network.endpoint(network.nodes[node]?.name ?? "", "coordinator", "rpc");
  const reply = await sendHttp(`http://${host}:${port}`, {
    method: body === undefined ? "GET" : "POST",
    path,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    timeoutMs: 10_000,
  });
  return JSON.parse(reply.body) as unknown;
}

describe.skipIf(whyNoDocker !== undefined)(
  `systems that a file describes, as containers ${whyNoDocker ?? ""}`,
  () => {
    let run: TestRun;
    beforeAll(async () => {
      run = await startTestRun();
    });
    afterAll(async () => {
      await run[Symbol.asyncDispose]();
      expect(await countLeftovers(run.id)).toEqual({ containers: 0, networks: 0, volumes: 0 });
    });

    async function deploy(protocol: Protocol, nodes: number): Promise<Network> {
      const plan = protocol.plan({ nodes, options: {} });
      const deployer = deployerOf();
      expect(await deployer.check(plan, run.signal)).toEqual([]);
      const network = withHelpers(await deployer.deploy(plan, run.options("thorough")), plan);
      const { emit, signal } = run;
      await waitUntilReady(network, protocol, { timeoutMs: 60_000, signal, emit, clock: systemClock });
      return network;
    }

    const ofMembers = `three members of etcd are one cluster ${whyNoEtcd ?? ""}`;
    test.skipIf(whyNoEtcd !== undefined)(ofMembers, async () => {
      await using network = await deploy(await readExample("etcd"), 3);
      await ask(network, 0, "/v3/kv/put", { key: "YQ==", value: "Yg==" });
      expect(await ask(network, 2, "/v3/kv/range", { key: "YQ==" })).toMatchObject({
        kvs: [{ value: "Yg==" }],
      });
    });

    test("members are told what the bootstrap node says in its log and its API", {
      tags: "full",
    }, async () => {
      await using network = await deploy(await readExample("bootstrap"), 2);
      expect(await ask(network, 1, "/health")).toMatchObject({ joined: "node1" });
    });
  },
);

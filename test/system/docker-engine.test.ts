import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import type { Engine } from "../../src/deploy/engine/engine.ts";
import {
  describeOwnHolder,
  holderLabel,
  listLeftovers,
  removeLeftovers,
  runLabel,
} from "../../src/deploy/engine/ownership.ts";
import type { ContainerDeath, ContainerSpec } from "../../src/deploy/engine/types.ts";
import { ensureImage } from "../../src/deploy/images/image.ts";
import { packTar } from "../../src/deploy/images/tar.ts";
import { docker, dockerCommand, freePort, startTestRun, type TestRun } from "../deploy/real-engine.ts";
import { engineSocket, openCommandEngine, openStreamEngine, whyNoStreams } from "../deploy/stream-engine.ts";
import { tinyNode } from "../deploy/tiny-plan.ts";

/** The engine as the coordinator's own, and as one behind streams. */
const ways = ["a socket", "streams", "a command"] as const;
async function openAs(way: (typeof ways)[number]): Promise<{ engine: Engine } & Disposable> {
  if (way === "streams") return openStreamEngine(engineSocket);
  if (way === "a command") return openCommandEngine();
  return { engine: docker().engine, [Symbol.dispose]: () => {} };
}

/** A container that writes its arguments and waits. */
async function describeIdle(engine: Engine, run: TestRun): Promise<ContainerSpec> {
  const image = await ensureImage(engine, {
    program: { ...tinyNode, name: "idle", entry: "idle.mjs", include: [] },
    nodeBinary: process.execPath,
    env: docker().env,
    run: run.id,
    onStep: () => {},
    signal: run.signal,
  });
  return {
    image,
    name: `idle-${run.id}`,
    args: ["one two", "$HOME", "'"],
    labels: { [runLabel]: run.id, [holderLabel]: await describeOwnHolder("ann@elsewhere") },
    env: { GREETING: "a=b c" },
    volumes: [{ name: `home-${run.id}`, path: "/home/node" }],
    ports: [],
  };
}

const patient = (run: TestRun) => ({ signal: run.signal, timeoutMs: 30_000 });

describe.skipIf(whyNoStreams !== undefined)(`an engine ${whyNoStreams ?? ""}`, () => {
  test.each(ways)("a container's life, over %s", async (way) => {
    await using run = await startTestRun();
    using opened = await openAs(way);
    const { engine } = opened;
    const hostPort = await freePort();
    const ports = [{ hostAddress: "127.0.0.1", hostPort, containerPort: 80 }];
    const idle = await describeIdle(engine, run);
    await engine.createVolume(`other-${run.id}`, { [runLabel]: run.id });
    const id = await engine.createContainer({ ...idle, ports, cpus: 0.5, memoryBytes: 256 * 1024 * 1024 });
    const file = { path: "note", mode: 0o600, owner: 1000, content: { kind: "text", text: "put" } } as const;
    await engine.putArchive(id, packTar([file]), "/home/node");
    const deaths: ContainerDeath[] = [];
    const watching = new AbortController();
    await engine.watchDeaths(`${runLabel}=${run.id}`, (death) => deaths.push(death), watching.signal);
    await engine.start(id);

    const reported = await until(async () => (await engine.logs(id, 10)).trim() || undefined, {
      timeoutMs: 20_000,
      everyMs: 100,
      describe: () => "the container wrote nothing",
    });
    expect(JSON.parse(reported)).toEqual({ args: idle.args, greeting: "a=b c", note: "put" });
    const [seen] = await engine.listContainers({ label: `${runLabel}=${run.id}` });
    expect(seen).toMatchObject({ id, name: idle.name, state: "running", image: idle.image });
    expect(seen?.ports).toEqual([{ host: "127.0.0.1", port: hostPort, containerPort: 80 }]);
    const format =
      "{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.CapDrop}} {{.HostConfig.LogConfig.Config}} {{.HostConfig.NanoCpus}} {{.HostConfig.Memory}}";
    expect(await dockerCommand("inspect", "-f", format, id)).toBe(
      "no [ALL] map[max-file:2 max-size:20m] 500000000 268435456",
    );

    await engine.kill(id);
    await until(() => deaths[0], { timeoutMs: 20_000, everyMs: 50, describe: () => "no death was told" });
    watching.abort();
    expect(deaths).toEqual([{ id, exitCode: 137 }]);
    expect(await listLeftovers(engine, run.id)).toEqual([
      expect.objectContaining({
        run: run.id,
        holder: { description: `ann@elsewhere, process ${process.pid}` },
        volumes: [`home-${run.id}`, `other-${run.id}`],
      }),
    ]);
    await removeLeftovers(engine, run.id, { volumes: true });
    expect(await listLeftovers(engine, run.id)).toEqual([]);
  });

  test.each(ways)("commands in a container, over %s", async (way) => {
    await using run = await startTestRun();
    using opened = await openAs(way);
    const { engine } = opened;
    const id = await engine.createContainer(await describeIdle(engine, run));
    await engine.start(id);
    const node = (script: string, ...words: string[]) => ["/usr/local/bin/node", "-e", script, ...words];
    const much = node(
      "process.stdout.write('é'.repeat(100_000)); console.error(process.argv[1]); process.exitCode = 3;",
      "'; $(x)\n",
    );
    const answer = await engine.execIn(id, much, patient(run));
    expect(answer).toEqual({ exitCode: 3, stdout: "é".repeat(100_000), stderr: "'; $(x)\n\n" });
    expect(await engine.execIn(id, node("console.log(1)"), patient(run))).toEqual({
      exitCode: 0,
      stdout: "1\n",
      stderr: "",
    });
    // 126 in older engines.
    expect([126, 127]).toContain((await engine.execIn(id, ["/no/such"], patient(run))).exitCode);
    const waiting = node("setInterval(() => {}, 1000)");
    const late = engine.execIn(id, waiting, { ...patient(run), timeoutMs: 1000 });
    await expect(late).rejects.toMatchObject({
      code: "docker-timeout",
      message: `/usr/local/bin/node in container ${id} did not end within 1 s.`,
    });
    const ended = new AbortController();
    const stopped = engine.execIn(id, waiting, { ...patient(run), signal: ended.signal });
    ended.abort(new Error("enough"));
    await expect(stopped).rejects.toThrow("enough");
    await engine.stop(id, 0);
    await expect(engine.execIn(id, waiting, patient(run))).rejects.toMatchObject({ code: "docker-request" });
  });

  test("a name or a port that is taken is told as what it is", async () => {
    await using run = await startTestRun();
    const { engine } = docker();
    const idle = await describeIdle(engine, run);
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const { port: hostPort } = server.address() as { port: number };
      const ports = [{ hostAddress: "127.0.0.1", hostPort, containerPort: 80 }];
      const id = await engine.createContainer({ ...idle, ports });
      await expect(engine.createContainer(idle)).rejects.toMatchObject({
        code: "docker-name-taken",
        taken: idle.name,
        status: 409,
      });
      await expect(engine.start(id)).rejects.toMatchObject({
        code: "docker-port-taken",
        taken: `127.0.0.1:${hostPort}`,
      });
    } finally {
      server.close();
    }
    // By another container.
    const hostPort = await freePort();
    const ports = [{ hostAddress: "127.0.0.1", hostPort, containerPort: 80 }];
    const first = await engine.createContainer({ ...idle, name: `${idle.name}-1`, ports });
    const second = await engine.createContainer({ ...idle, name: `${idle.name}-2`, ports });
    await engine.start(first);
    await expect(engine.start(second)).rejects.toMatchObject({ taken: `127.0.0.1:${hostPort}` });
  });

  test("an engine says what it is and which networks it has", async () => {
    const { engine } = docker();
    const info = await engine.info();
    const command = (format: string) => dockerCommand("info", "-f", format);
    expect(info.dataRoot).toBe(await command("{{.DockerRootDir}}"));
    expect(Math.abs(Number(info.timeNs / 1_000_000n) - Date.now())).toBeLessThan(60_000);
    const networks = await engine.listNetworks();
    const subnet = await dockerCommand(
      "network",
      "inspect",
      "bridge",
      "-f",
      "{{(index .IPAM.Config 0).Subnet}}",
    );
    expect(networks.find(({ name }) => name === "bridge")?.subnets).toContain(subnet);
    expect(networks.find(({ name }) => name === "host")?.subnets).toEqual([]);
  });
});

describe.skipIf(whyNoStreams !== undefined)(`an engine behind streams ${whyNoStreams ?? ""}`, () => {
  test("many requests share few streams, which are kept, and a watch takes none of theirs", async () => {
    using host = await openStreamEngine(engineSocket);
    const watching = new AbortController();
    await host.engine.watchDeaths(runLabel, () => {}, watching.signal);
    await Promise.all(Array.from({ length: 40 }, () => host.engine.version()));
    expect(host.most()).toBeLessThanOrEqual(5);
    const before = host.opened();
    await host.engine.version();
    expect(host.opened()).toBe(before);
    watching.abort();
    await until(() => (host.open() <= 2 ? true : undefined), {
      timeoutMs: 10_000,
      everyMs: 20,
      describe: () => `${host.open()} streams are still open`,
    });
  });

  test("streams that were cut are replaced", async () => {
    using host = await openStreamEngine(engineSocket);
    await host.engine.version();
    host.cut();
    await until(() => (host.open() === 0 ? true : undefined), {
      timeoutMs: 10_000,
      everyMs: 5,
      describe: () => "a stream is still open",
    });
    expect((await host.engine.version()).os).toBe("linux");
    expect(host.opened()).toBe(2);
  });

  test("a stream that cannot be opened: whose engine, and why", async () => {
    using host = await openStreamEngine("/no/such.sock");
    await expect(host.engine.listContainers()).rejects.toMatchObject({
      code: "docker-unreachable",
      message: expect.stringMatching(
        /^The Docker engine at tests \(host0\) did not list containers: connect ENOENT \/no\/such\.sock\. Check the connection/,
      ),
    });
  });
});

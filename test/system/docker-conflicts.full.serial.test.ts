import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { renderComposeFile } from "../../src/deploy/containers/compose-file.ts";
import { listLeftovers, removeLeftovers } from "../../src/deploy/engine/ownership.ts";
import { ensureImage } from "../../src/deploy/images/image.ts";
import {
  askNode,
  countLeftovers,
  deployerOf,
  docker,
  dockerCommand,
  freePort,
  startTestRun,
  type TestRun,
  whyNoDocker,
} from "../deploy/real-engine.ts";
import { planTinyNodes, tinyNode } from "../deploy/tiny-plan.ts";

const nothing = { containers: 0, networks: 0, volumes: 0 };

function tinyImage(run: TestRun): Promise<string> {
  const { engine, env } = docker();
  const { id, signal } = run;
  return ensureImage(engine, {
    program: tinyNode,
    nodeBinary: process.execPath,
    env,
    run: id,
    onStep: () => {},
    signal,
  });
}

/** Somebody else's container, with the words given to `docker run`. */
async function startForeignContainer(run: TestRun, ...words: string[]): Promise<AsyncDisposable> {
  const idle = ["-e", "setInterval(() => {}, 1000)"];
  const image = await tinyImage(run);
  const id = await dockerCommand(
    "run",
    "-d",
    ...words,
    "--entrypoint",
    "/usr/local/bin/node",
    image,
    ...idle,
  );
  return {
    [Symbol.asyncDispose]: async () => {
      await dockerCommand("rm", "-f", "-v", id);
    },
  };
}

describe.skipIf(whyNoDocker !== undefined)(`what is in the way of containers ${whyNoDocker ?? ""}`, () => {
  test("ports taken by a process and by somebody's container are both named, at once", async () => {
    await using run = await startTestRun();
    const [rpc, metrics] = [await freePort(), await freePort()];
    const path = await run.writeFile("docker-compose.yml", renderComposeFile([{ rpc, metrics }]));
    const server = createServer().listen(rpc, "127.0.0.1");
    await once(server, "listening");
    const name = `foreign-${run.id}`;
    try {
      await using _ = await startForeignContainer(run, "--name", name, "-p", `127.0.0.1:${metrics}:80`);
      const diagnostics = await deployerOf(path).check(planTinyNodes(1), run.signal);
      expect(diagnostics).toEqual([
        {
          code: "port-taken",
          message: expect.stringMatching(
            new RegExp(
              `^Port ${rpc} of 127.0.0.1 is taken by .*\\(pid ${process.pid}\\)\\. Stop it, or publish another port in the compose file\\.$`,
            ),
          ),
          command: `kill ${process.pid}`,
        },
        {
          code: "port-taken",
          message: expect.stringMatching(
            new RegExp(
              `^Port ${metrics} of 127.0.0.1 is taken by container ${name} \\(image baleen/tiny-node:`,
            ),
          ),
          command: `docker stop ${name}`,
        },
      ]);
      // Asked to deploy all the same, it fails with the engine's reason, and leaves the other's container alone.
      const deploying = deployerOf(path).deploy(planTinyNodes(1), run.options("keep"));
      await expect(deploying).rejects.toMatchObject({ code: "compose" });
      expect(await countLeftovers(run.id)).toEqual(nothing);
      expect(await dockerCommand("inspect", "-f", "{{.State.Status}}", name)).toBe("running");
    } finally {
      server.close();
    }
  });

  test("a container name that somebody else uses", async () => {
    await using run = await startTestRun();
    const name = `fixed-${run.id.toLowerCase()}`;
    const text = renderComposeFile([{ rpc: await freePort(), metrics: await freePort() }]);
    const path = await run.writeFile(
      "docker-compose.yml",
      text.replace("  node0:\n", `  node0:\n    container_name: ${name}\n`),
    );
    {
      await using _ = await startForeignContainer(run, "--name", name);
      const diagnostics = await deployerOf(path).check(planTinyNodes(1), run.signal);
      expect(diagnostics.map(({ code }) => code)).toEqual(["container-name-taken"]);
      expect(diagnostics[0]?.message).toContain(name);
    }
    // Our own leftover of that name is replaced.
    await using earlier = await startTestRun();
    await deployerOf(path).deploy(planTinyNodes(1), earlier.options("keep"));
    await using network = await deployerOf(path).deploy(planTinyNodes(1), run.options("thorough"));
    expect(await askNode(network, "node0", "/name")).toEqual({ name: "node0" });
    expect(await countLeftovers(earlier.id)).toEqual(nothing);
  });

  test("what a killed orchestrator left is listed, is no fault, and is replaced by a run on its ports", async () => {
    await using killed = await startTestRun();
    await using other = await startTestRun();
    await using run = await startTestRun();
    const ports = async () => ({ rpc: await freePort(), metrics: await freePort() });
    const path = await run.writeFile("docker-compose.yml", renderComposeFile([await ports(), await ports()]));
    const elsewhere = await run.writeFile("other.yml", renderComposeFile([await ports()]));

    const script = fileURLToPath(new URL("../deploy/deploy-and-hang.ts", import.meta.url));
    const child = spawn(process.execPath, [script, killed.id, path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    // As long as it lives, what it made is nobody's leftover.
    const inUse = await deployerOf(path).check(planTinyNodes(2), run.signal);
    expect(inUse.map(({ code }) => code)).toEqual(Array(4).fill("port-taken"));
    expect(inUse[0]?.message).toContain(`of run ${killed.id}, which process ${child.pid} controls`);
    child.kill("SIGKILL");
    await once(child, "exit");
    await deployerOf(elsewhere).deploy(planTinyNodes(1), other.options("keep"));

    const [left] = await listLeftovers(docker().engine, killed.id);
    expect(left?.containers.map(({ labels }) => labels["com.docker.compose.service"])).toEqual([
      "node0",
      "node1",
    ]);
    expect(await deployerOf(path).check(planTinyNodes(2), run.signal)).toEqual([]);
    const network = await deployerOf(path).deploy(planTinyNodes(2), run.options("thorough"));
    expect(await askNode(network, "node1", "/name")).toEqual({ name: "node1" });
    expect(run.steps.filter((step) => step.startsWith("replacing the leftovers"))).toEqual([
      expect.stringContaining(`replacing the leftovers of run ${killed.id}: `),
    ]);
    expect(await countLeftovers(killed.id)).toEqual(nothing);
    // Another run's leftovers, on other ports, stay until they are asked for.
    expect(await countLeftovers(other.id)).toEqual({ containers: 1, networks: 1, volumes: 1 });
    await removeLeftovers(docker().engine, other.id, { volumes: true });
    expect(await countLeftovers(other.id)).toEqual(nothing);
    await network.stop("thorough");
  });

  test("four nodes of our own file answer on the usual ports, and nodes killed from outside are told", async () => {
    await using run = await startTestRun();
    const deployer = deployerOf();
    expect(await deployer.check(planTinyNodes(4), run.signal)).toEqual([]);
    const network = await deployer.deploy(planTinyNodes(4), run.options("thorough"));
    expect(network.nodes.map(({ name }) => network.endpoint(name, "coordinator", "rpc").port)).toEqual([
      26_657, 26_658, 26_659, 26_660,
    ]);
    const exits: unknown[] = [];
    network.onExit((exit) => exits.push(exit));
    await askNode(network, "node3", "/name");
    const [container] = (await listLeftovers(docker().engine, run.id))[0]?.containers ?? [];
    await dockerCommand("kill", container?.id ?? "");
    await until(() => (exits.length > 0 ? true : undefined), {
      timeoutMs: 5000,
      everyMs: 20,
      describe: () => "the end was not told",
    });
    expect(exits).toEqual([{ node: "node0", exitCode: null, signal: "SIGKILL" }]);
    await network.stop("thorough");
    expect(await countLeftovers(run.id)).toEqual(nothing);
  });
});

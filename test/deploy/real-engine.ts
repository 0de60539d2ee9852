import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { Cleanup, Network } from "../../src/contracts/deployment.ts";
import type { EventBody } from "../../src/contracts/events.ts";
import type { Endpoint } from "../../src/contracts/nodes/node.ts";
import { until } from "../../src/core/async.ts";
import { sendHttp } from "../../src/core/http.ts";
import { runCommand } from "../../src/core/process/command.ts";
import { createDockerDeployer, type DockerTools, findDocker } from "../../src/deploy/docker/deployer.ts";
import { listLeftovers, removeLeftovers } from "../../src/deploy/engine/ownership.ts";
import { findFreePorts } from "../../src/deploy/nodes/ports.ts";

const probe = await findDocker({ env: process.env, home: homedir(), signal: AbortSignal.timeout(30_000) });

/** Why tests with a real engine cannot run here; undefined where they can. */
export const whyNoDocker = probe.available ? undefined : probe.reason;

export function docker(): DockerTools {
  if (!probe.available) throw new Error(probe.reason);
  return probe.docker;
}

/** A run of a test: everything it makes is gone when it is disposed of. */
export interface TestRun extends AsyncDisposable {
  readonly id: string;
  /** For files. */
  readonly folder: string;
  readonly steps: string[];
  readonly warnings: string[];
  readonly emit: (event: EventBody) => void;
  readonly signal: AbortSignal;
  readonly writeFile: (name: string, text: string) => Promise<string>;
  readonly options: (cleanup: Cleanup) => Parameters<ReturnType<typeof createDockerDeployer>["deploy"]>[1];
}

export async function startTestRun(): Promise<TestRun> {
  const id = `Test-${randomBytes(4).toString("hex")}`;
  const folder = await mkdtemp(join(tmpdir(), "baleen-test-"));
  const steps: string[] = [];
  const warnings: string[] = [];
  const signal = new AbortController().signal;
  const emit = (event: EventBody) => {
    if (event.type === "network-step") steps.push(`${event.step}: ${event.detail ?? ""}`);
    if (event.type === "warning") warnings.push(event.message);
  };
  return {
    id,
    folder,
    steps,
    warnings,
    emit,
    signal,
    writeFile: async (name, text) => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    },
    options: (cleanup) => ({ run: id, cleanup, emit, signal }),
    [Symbol.asyncDispose]: async () => {
      await removeLeftovers(docker().engine, id, { volumes: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function deployerOf(composePath?: string, rpcPort = 26_657) {
  return createDockerDeployer({ docker: docker(), composePath, rpcPort, nodeBinary: process.execPath });
}

/** What a run has left, in numbers. */
export async function countLeftovers(run: string) {
  const [left] = await listLeftovers(docker().engine, run);
  const { containers = [], networks = [], volumes = [] } = left ?? {};
  return { containers: containers.length, networks: networks.length, volumes: volumes.length };
}

export async function freePort(): Promise<number> {
  return (await findFreePorts(1, "127.0.0.1"))[0] ?? 0;
}

/** Asks a node of the tests, until it answers. */
export function ask(endpoint: Endpoint, path: string): Promise<unknown> {
  const origin = `http://${endpoint.host}:${endpoint.port}`;
  let last: unknown;
  return until(
    async () => {
      try {
        const reply = await sendHttp(origin, { method: "GET", path, timeoutMs: 5000 });
        if (reply.status === 200) return JSON.parse(reply.body) as unknown;
        last = reply;
      } catch (error) {
        last = error;
      }
      return undefined;
    },
    { timeoutMs: 20_000, everyMs: 50, describe: () => `${origin}${path} did not answer: ${String(last)}` },
  );
}

export function askNode(network: Network, node: string, path: string): Promise<unknown> {
  return ask(network.endpoint(node, "coordinator", "rpc"), path);
}

/** The docker command, for what only somebody else than Baleen would do. */
export async function dockerCommand(...words: string[]): Promise<string> {
  const result = await runCommand(["docker", ...words], { env: docker().env, timeoutMs: 60_000 });
  return result.stdout.trim();
}

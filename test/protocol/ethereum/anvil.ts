/** A real anvil, from npm: Foundry's development node. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Endpoint } from "../../../src/contracts/nodes/node.ts";
import { until } from "../../../src/core/async.ts";
import { findFreePorts } from "../../../src/deploy/nodes/ports.ts";
import { ethereum } from "../../../src/protocol/ethereum/ethereum.ts";

export const anvil = fileURLToPath(
  new URL("../../../node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil", import.meta.url),
);

/** Why tests with it cannot run here; undefined where they can. */
export const whyNoAnvil = existsSync(anvil)
  ? undefined
  : "(there is no anvil: npm installs @foundry-rs/anvil-linux-amd64 on Linux with an x64 processor alone)";

export interface Anvil extends AsyncDisposable {
  readonly rpc: Endpoint;
  readonly kill: () => Promise<void>;
}

/** As the adapter plans it. */
export async function startAnvil(options: Readonly<Record<string, unknown>>): Promise<Anvil> {
  const home = await mkdtemp(join(tmpdir(), "baleen-anvil-"));
  const [port = 0] = await findFreePorts(1, "127.0.0.1");
  const rpc = { host: "127.0.0.1", port };
  const [group] = ethereum.plan({ nodes: 1, options, program: { path: anvil } }).groups;
  const node = { name: "node0", role: "node", index: 0 };
  const view = { home, nodes: [node], endpoint: () => rpc, listen: () => rpc, exported: () => "" };
  const args = group?.configure(node, view).args ?? [];
  const running = spawn(anvil, args, { stdio: "ignore" });
  const kill = async () => {
    if (running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, "exit");
    running.kill("SIGKILL");
    await ended;
  };
  const dispose = async () => {
    await kill();
    await rm(home, { recursive: true, force: true });
  };
  const { signal } = new AbortController();
  try {
    await until(async () => ethereum.probe(rpc, { timeoutMs: 1000, signal }).catch(() => undefined), {
      timeoutMs: 20_000,
      everyMs: 20,
      describe: () => "anvil does not answer",
    });
  } catch (error) {
    await dispose();
    throw error;
  }
  return { rpc, kill, [Symbol.asyncDispose]: dispose };
}

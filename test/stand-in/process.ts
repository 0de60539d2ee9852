/** Stand-ins as processes of their own, placed and started as the process runtime does. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PlacementView } from "../../src/contracts/deployment.ts";
import type { Endpoint } from "../../src/contracts/nodes/node.ts";
import type { Protocol } from "../../src/contracts/protocol.ts";
import { until } from "../../src/core/async.ts";
import type { Behaviour } from "./config.ts";
import { buildStandInProtocol, program } from "./protocol.ts";

export interface StandInProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly rpc: Endpoint;
  readonly protocol: Protocol;
  /** Ends it as a crash does; resolves when it is gone. */
  readonly kill: () => Promise<void>;
}

/** Starts one; it need not answer yet. */
export async function startProcess(behaviour: Behaviour): Promise<StandInProcess> {
  const protocol = buildStandInProtocol(behaviour);
  const [group] = protocol.plan({ nodes: 1, options: {} }).groups;
  if (group === undefined) throw new Error("the plan has no group");
  const home = await mkdtemp(join(tmpdir(), "stand-in-"));
  const rpc = { host: "127.0.0.1", port: await freePort() };
  const node = { name: "node0", role: group.role, index: 0 };
  const view: PlacementView = {
    home,
    nodes: [node],
    endpoint: () => rpc,
    listen: () => rpc,
    exported: () => "",
  };
  const { args, files } = group.configure(node, view);
  for (const file of files) await writeFile(join(home, file.path), file.content, { mode: file.mode });
  const child = spawn(process.execPath, [join(program.root, program.entry), ...args, "--exit-with-parent"], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return {
    child,
    rpc,
    protocol,
    kill,
    [Symbol.asyncDispose]: async () => {
      await kill();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Waits until it answers and its height grows; resolves with what it says of itself. */
export function untilGrowing({ rpc, protocol }: StandInProcess) {
  const signal = AbortSignal.timeout(20_000);
  return until(
    async () => {
      const found = await protocol.probe(rpc, { timeoutMs: 1000, signal }).catch(() => undefined);
      return (found?.height ?? 0) > 1 ? found : undefined;
    },
    { timeoutMs: 15_000, everyMs: 50, describe: () => "the stand-in is not ready" },
  );
}

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

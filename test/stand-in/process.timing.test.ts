import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { PlacementView } from "../../src/contracts/deployment.ts";
import { until } from "../../src/core/async.ts";
import { summarizeLatency } from "../../src/stats/latency-record.ts";
import { planFor, run, timed } from "../load/setting.ts";
import type { Behaviour } from "./config.ts";
import { buildStandInProtocol } from "./protocol.ts";

/** Places one node as the process runtime does, and starts it. */
async function startProcess(behaviour: Behaviour) {
  const protocol = buildStandInProtocol(behaviour);
  const [group] = protocol.plan({ nodes: 1, seed: "s", options: {} }).groups;
  if (group === undefined) throw new Error("the plan has no group");
  const home = await mkdtemp(join(tmpdir(), "stand-in-"));
  const rpc = { host: "127.0.0.1", port: await freePort() };
  const node = { name: "node0", role: group.role, index: 0 };
  const view: PlacementView = { home, nodes: [node], endpoint: () => rpc, listen: () => rpc };
  const { args, files } = group.configure(node, view);
  for (const file of files) await writeFile(join(home, file.path), file.content, { mode: file.mode });
  const child = spawn(
    process.execPath,
    [join(group.program.root, group.program.entry), ...args, "--exit-with-parent"],
    {
      stdio: ["pipe", "ignore", "inherit"],
    },
  );
  return {
    child,
    rpc,
    protocol,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function exited(child: ChildProcess) {
  return child.exitCode ?? child.signalCode ?? undefined;
}

describe("a stand-in as a process of its own", () => {
  test("becomes ready, yields its known latencies, and ends with its parent", timed, async () => {
    await using node = await startProcess({ replyDelayMs: 25, commit: { kind: "after", ms: 80 } });
    const { rpc, protocol, child } = node;
    const signal = AbortSignal.timeout(20_000);
    const health = await until(
      async () => {
        const found = await protocol.probe(rpc, { timeoutMs: 1000, signal }).catch(() => undefined);
        return found !== undefined && found.height > 1 ? found : undefined;
      },
      { timeoutMs: 15_000, everyMs: 50, describe: () => "the stand-in is not ready" },
    );
    expect(health.peers).toBe(0);
    const { report } = await run(planFor([{ node: "node0", rpc }]));
    if (report.latency.commit === undefined || report.latency.response === undefined)
      throw new Error("no latency");
    const [commit, response] = [
      summarizeLatency(report.latency.commit),
      summarizeLatency(report.latency.response),
    ];
    expect([commit.count, commit.censored]).toEqual([200, 0]);
    expect(Math.abs((commit.p50?.ms ?? 0) - 80)).toBeLessThan(5);
    expect(Math.abs((response.p50?.ms ?? 0) - 25)).toBeLessThan(5);
    child.stdin?.end();
    await until(() => exited(child), {
      timeoutMs: 5000,
      everyMs: 20,
      describe: () => "it outlived its parent",
    });
    expect(child.exitCode).toBe(0);
  });
});

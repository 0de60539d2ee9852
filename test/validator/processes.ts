import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { until } from "../../src/core/async.ts";
import type { ValidatorConfigFile } from "../../src/validator/wire/node-files.ts";
import { openFolder } from "./folder.ts";
import { type HomeFiles, planHomes, writeHome } from "./homes.ts";

type Consensus = ValidatorConfigFile["consensus"];

export const main = fileURLToPath(new URL("../../src/validator/main.ts", import.meta.url));

/** A validator's process and what it wrote. */
export interface Running {
  readonly home: HomeFiles;
  readonly child: ChildProcess;
  readonly output: () => string;
}

/** A committee of validator processes over loopback; `pace` overrides how it proposes. */
export async function openProcesses(size: number, pace: Partial<Consensus> = {}) {
  const folder = await openFolder();
  const planned = await planHomes(folder.path, size);
  const homes = planned.map((home): HomeFiles => {
    return { ...home, config: { ...home.config, consensus: { ...home.config.consensus, ...pace } } };
  });
  await Promise.all(homes.map(writeHome));
  const children: ChildProcess[] = [];
  const start = (authority: number, flags: readonly string[] = [], entry = main): Running => {
    const home = homes[authority];
    if (home === undefined) throw new Error(`no home ${authority}`);
    const child = spawn(process.execPath, [entry, "--home", home.folder, ...flags]);
    children.push(child);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    return { home, child, output: () => output };
  };
  return {
    homes,
    start,
    [Symbol.asyncDispose]: async () => {
      const ended = children.map((child) => (hasEnded(child) ? undefined : once(child, "exit")));
      for (const child of children) child.kill("SIGKILL");
      await Promise.all(ended);
      await folder[Symbol.asyncDispose]();
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

export async function call(
  node: Running,
  method: string,
  params: object = {},
): Promise<Record<string, unknown>> {
  const reply = await fetch(`http://127.0.0.1:${node.home.config.rpc.port}/`, {
    method: "POST",
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(5_000),
  });
  const { result, error } = (await reply.json()) as { result?: Record<string, unknown>; error?: unknown };
  if (result === undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
  return result;
}

export async function heightOf(node: Running): Promise<number> {
  const status = (await call(node, "status")) as { sync_info: { latest_block_height: string } };
  return Number(status.sync_info.latest_block_height);
}

export async function reach(nodes: readonly Running[], height: number): Promise<void> {
  const heights = async () => Promise.all(nodes.map((node) => heightOf(node).catch(() => -1)));
  await until(async () => ((await heights()).every((each) => each >= height) ? true : undefined), {
    timeoutMs: 30_000,
    everyMs: 50,
    describe: () => `not all at height ${height}: ${nodes.map((node) => node.output()).join("\n")}`,
  });
}

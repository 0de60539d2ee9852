import { existsSync } from "node:fs";
import { cpus, hostname, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Calibration } from "../../contracts/results/calibration.ts";
import { runCommand } from "../../core/process/command.ts";
import type { Environment, ProcessFacts } from "../../core/process/environment.ts";

/** The program that measured. */
export type ToolFacts = Omit<NonNullable<Calibration["environment"]["tool"]>, "name">;

/** Folder of this package, three above this module, built or not. */
const packageRoot = fileURLToPath(new URL("../../..", import.meta.url));

/** For environment.json. @param root folder that may be a checkout of its own */
export async function readToolFacts(
  { version, env, nodeVersion }: Pick<ProcessFacts, "env" | "nodeVersion"> & { readonly version: string },
  root = packageRoot,
): Promise<ToolFacts> {
  return { version, commit: await readCommit(root, env), node: nodeVersion };
}

/** undefined where it is no checkout, or git does not say. */
async function readCommit(root: string, env: Environment): Promise<string | undefined> {
  // Below another project's checkout git would tell that one's commit.
  if (!existsSync(join(root, ".git"))) return undefined;
  const found = await runCommand(["git", "rev-parse", "HEAD"], { cwd: root, env, timeoutMs: 5_000 }).catch(
    () => undefined,
  );
  const commit = found?.stdout.trim() ?? "";
  return /^[0-9a-f]{40,64}$/.test(commit) ? commit : undefined;
}

/** Machine and versions, for environment.json. @param network what it says of itself: engine, compose, images */
export function describeEnvironment(
  tool: ToolFacts | undefined,
  network: Record<string, unknown>,
): Calibration["environment"] & { readonly network: Record<string, unknown> } {
  const processors = cpus();
  return {
    ...(tool === undefined ? {} : { tool: { name: "baleen", ...tool } }),
    coordinator: {
      hostname: hostname(),
      system: type(),
      kernel: release(),
      cpu_model: processors[0]?.model ?? "unknown",
      cpu_count: processors.length,
      memory_bytes: totalmem(),
    },
    network,
  };
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "../../core/process/command.ts";
import type { Environment, ProcessFacts } from "../../core/process/environment.ts";
import type { ToolFacts } from "../watch/environment.ts";

/** Folder of this package, three above this module, built or not. */
const packageRoot = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * What this program is, for environment.json.
 *
 * @param root folder that may be a checkout of its own
 */
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

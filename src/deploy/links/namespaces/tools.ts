/** What network namespaces need of this machine. */
import { platform, userInfo } from "node:os";
import { describeError } from "../../../core/errors.ts";
import { CommandError, runCommand } from "../../../core/process/command.ts";
import { findOnPath } from "../../../core/process/find-program.ts";

const names = ["ip", "nsenter", "unshare", "cat"] as const;

/** Absolute path of each program. */
export type NamespaceTools = Readonly<Record<(typeof names)[number], string>>;

const searchPath = "/usr/sbin:/usr/bin:/sbin:/bin";

/** The tools, or a sentence that says why nodes cannot have network namespaces here. A trial, which leaves nothing. */
export async function findNamespaceTools(): Promise<NamespaceTools | string> {
  if (platform() !== "linux") return `network namespaces need Linux, but this is ${platform()}`;
  if (userInfo().uid !== 0) return "network namespaces need root";
  const found = names.map((name) => [name, findOnPath(name, searchPath)] as const);
  const missing = found.flatMap(([name, path]) => (path === undefined ? [name] : []));
  if (missing.length > 0) {
    return `${missing.join(" and ")} cannot be found (install iproute2 and util-linux)`;
  }
  const tools = Object.fromEntries(found) as NamespaceTools;
  try {
    const trial = [tools.unshare, "--net", tools.ip, "link", "set", "lo", "up"];
    await runCommand(trial, { timeoutMs: 10_000 });
    return tools;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return `a network namespace cannot be made: ${describeError(error)}`;
  }
}

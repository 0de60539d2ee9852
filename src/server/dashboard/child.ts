import { fileURLToPath } from "node:url";
import { BaleenError } from "../../core/errors.ts";
import type { ProcessFacts } from "../../core/process/environment.ts";
import { ProcessLines } from "../../core/process/lines.ts";
import { startPipedChild } from "../../core/process/piped-child.ts";

/** What a dashboard serves. */
export interface DashboardTask {
  readonly outputDir: string;
  readonly version: string;
  /** Where it has to listen; absent: on the usual port, or if that is taken on a free one. */
  readonly port?: number | undefined;
  readonly usualPort: number;
}

export type DashboardAnswer = { readonly url: string } | { readonly error: string };

const startTimeoutMs = 20_000;
const graceMs = 2_000;

/** The dashboard did not start. */
export class DashboardError extends BaleenError {
  constructor(reason: string) {
    super("dashboard", `The dashboard did not start: ${reason}`);
  }
}

/**
 * Starts a server of pages beside this process, with low priority. It ends with it, however that ends.
 *
 * @throws DashboardError, CommandError where it cannot be started
 */
export async function startDashboard(
  task: DashboardTask,
  { nodeBinary, env }: Pick<ProcessFacts, "nodeBinary" | "env">,
): Promise<AsyncDisposable & { readonly url: string }> {
  const name = import.meta.url.endsWith(".ts") ? "./main.ts" : "./main.js";
  const child = await startPipedChild({
    argv: [nodeBinary, fileURLToPath(new URL(name, import.meta.url))],
    env,
  });
  const stop = () => child.stop({ graceMs });
  child.stdin.write(`${JSON.stringify(task)}\n`);
  const line = await new ProcessLines(child).next(AbortSignal.timeout(startTimeoutMs));
  if (line === undefined) {
    await stop();
    const { stderrTail } = await child.ended;
    throw new DashboardError(stderrTail.trim() || `it said nothing within ${startTimeoutMs / 1000} s.`);
  }
  const answer = JSON.parse(line) as DashboardAnswer;
  if ("url" in answer) return { url: answer.url, [Symbol.asyncDispose]: stop };
  await stop();
  throw new DashboardError(answer.error);
}

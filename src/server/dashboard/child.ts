import { randomBytes } from "node:crypto";
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
  /** Whoever shows it may change links. */
  readonly key: string;
}

/** What a person asks for on the page of a bundle. */
export interface LinksChange {
  /** Of the bundle. */
  readonly folder: string;
  /** Of a timeline, without its time; nobody has checked it. */
  readonly entry: unknown;
}

/** When it was due, seconds since the start of the window; or why it is not done. */
export type LinksAnswer = { readonly atSecs: number } | { readonly refusal: string };

/** A line of the dashboard: its address or why it has none, first; then changes, each to be answered. */
export type DashboardLine =
  | { readonly url: string }
  | { readonly error: string }
  | ({ readonly id: number } & LinksChange);
/** A line to it, after its task. */
export type DashboardReply = { readonly id: number } & LinksAnswer;

const startTimeoutMs = 20_000;
const graceMs = 2_000;

/** The dashboard did not start. */
export class DashboardError extends BaleenError {
  constructor(reason: string) {
    super("dashboard", `The dashboard did not start: ${reason}`);
  }
}

interface DashboardSetting extends Pick<ProcessFacts, "nodeBinary" | "env"> {
  /** Never throws. */
  readonly onChange: (change: LinksChange) => LinksAnswer;
}

/**
 * Starts a server of pages beside this process, with low priority. It ends with it, however that ends.
 *
 * @throws DashboardError, CommandError where it cannot be started
 */
export async function startDashboard(
  asked: Omit<DashboardTask, "key">,
  { nodeBinary, env, onChange }: DashboardSetting,
): Promise<AsyncDisposable & { readonly url: string; readonly key: string }> {
  const name = import.meta.url.endsWith(".ts") ? "./main.ts" : "./main.js";
  const child = await startPipedChild({
    argv: [nodeBinary, fileURLToPath(new URL(name, import.meta.url))],
    env,
  });
  const stop = () => child.stop({ graceMs });
  const send = (line: DashboardTask | DashboardReply) => child.stdin.write(`${JSON.stringify(line)}\n`);
  const task = { ...asked, key: randomBytes(16).toString("hex") };
  send(task);
  const lines = new ProcessLines(child);
  const line = await lines.next(AbortSignal.timeout(startTimeoutMs));
  if (line === undefined) {
    await stop();
    const { stderrTail } = await child.ended;
    throw new DashboardError(stderrTail.trim() || `it said nothing within ${startTimeoutMs / 1000} s.`);
  }
  const first = JSON.parse(line) as DashboardLine;
  if (!("url" in first)) {
    await stop();
    throw new DashboardError("error" in first ? first.error : "it did not say where it listens.");
  }
  const stopped = new AbortController();
  void answerAll();
  return {
    url: first.url,
    key: task.key,
    [Symbol.asyncDispose]: async () => {
      stopped.abort();
      await stop();
    },
  };

  async function answerAll(): Promise<void> {
    for (;;) {
      const next = await lines.next(stopped.signal);
      if (next === undefined) return;
      const { id, ...change } = JSON.parse(next) as { readonly id: number } & LinksChange;
      send({ id, ...onChange(change) });
    }
  }
}

/** What the threads do, whichever thread they are. */
import { once } from "node:events";
import type { MessagePort } from "node:worker_threads";
import type { EventBody } from "../../contracts/events.ts";
import type { Clock } from "../../core/clock.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { observerReport, secondTally, senderReport } from "../messages/report-codec.ts";
import { openObserver } from "../observe/observer.ts";
import type { ClientProtocol } from "./client.ts";
import { Client } from "./engine.ts";
import {
  type ClientTask,
  type CommitMessage,
  failureOf,
  type ObserverTask,
  type ThreadCommand,
  type ThreadMessage,
  type ThreadTask,
} from "./thread-messages.ts";

export interface Thread {
  readonly protocol: ClientProtocol;
  /** To and from the process's main thread. */
  readonly port: MessagePort;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Does a thread's task to its end. Never rejects: what goes wrong is told. */
export async function serveTask(task: ThreadTask, thread: Thread): Promise<void> {
  try {
    await (task.role === "client" ? serveClient(task, thread) : serveObserver(task, thread));
  } catch (error) {
    if (!thread.signal.aborted) notifier(thread)(failureOf(error));
  }
}

async function serveClient({ plan, commits }: ClientTask, thread: Thread): Promise<void> {
  const { protocol, clock, signal } = thread;
  const notify = notifier(thread);
  using client = new Client(plan, protocol, {
    clock,
    signal,
    onSecond: (second) => notify({ type: "second", second: secondTally.encode(second) }),
    emit: eventsOf(notify),
    commitsObservable: protocol.observeCommits !== undefined,
  });
  commits.on("message", (message: CommitMessage) => {
    if (typeof message === "number") client.watermark(message);
    else client.commits(message);
  });
  try {
    notify({ type: "ready", notes: await client.prepare() });
    const { windowStartMs } = await nextCommand(thread, "start");
    notify({ type: "report", report: senderReport.encode(await client.run(windowStartMs)) });
  } finally {
    commits.close();
  }
}

async function serveObserver({ plan, commits }: ObserverTask, thread: Thread): Promise<void> {
  const { protocol, clock, signal } = thread;
  const notify = notifier(thread);
  const portOf = new Map(plan.clients.map(({ client }, index) => [client, commits[index]]));
  await using observer = await openObserver(plan, protocol, {
    clock,
    signal,
    emit: eventsOf(notify),
    onCommits: (client, batch) =>
      portOf.get(client)?.postMessage(batch, [batch.sequences.buffer as ArrayBuffer]),
    onWatermark: (upToMs) => {
      for (const port of commits) port.postMessage(upToMs);
    },
  });
  notify({ type: "ready", notes: [] });
  const { windowStartMs } = await nextCommand(thread, "start");
  observer.begin(windowStartMs);
  await nextCommand(thread, "finish");
  notify({ type: "report", report: observerReport.encode(observer.finish()) });
}

function notifier({ port }: Thread): (message: ThreadMessage) => void {
  return (message) => port.postMessage(message);
}

/** Phases are the run's, and told by whoever began it. */
function eventsOf(notify: (message: ThreadMessage) => void): (body: EventBody) => void {
  return (body) => {
    if (body.type !== "load-phase" && body.type !== "load-second") notify({ type: "event", body });
  };
}

async function nextCommand<K extends ThreadCommand["type"]>(
  { port, signal }: Thread,
  type: K,
): Promise<Extract<ThreadCommand, { readonly type: K }>> {
  const [command] = (await once(port, "message", { signal })) as [ThreadCommand];
  if (command.type !== type) {
    throw new InvalidArgumentError(`A thread that expects "${type}" received "${command.type}".`);
  }
  return command as Extract<ThreadCommand, { readonly type: K }>;
}

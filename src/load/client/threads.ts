import type { Writable } from "node:stream";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { Protocol } from "../../contracts/protocol.ts";
import type { Clock } from "../../core/clock.ts";
import type { ProtocolName } from "../messages/messages.ts";
import { serveTask } from "./serve.ts";
import { failureOf, type ThreadCommand, type ThreadMessage, type ThreadTask } from "./thread-messages.ts";

/** A thread that does a task. */
export interface TaskThread {
  readonly send: (command: ThreadCommand) => void;
  /** Ends it, wherever it is; resolves when it has ended. */
  readonly end: () => Promise<void>;
}

/** Starts a task. The listener is told "failed" also where the thread ends before its report. */
export type StartThread = (task: ThreadTask, listener: (message: ThreadMessage) => void) => TaskThread;

/**
 * Each task in a thread of its own, which loads the protocol itself.
 *
 * @param stderr takes what threads write to standard output, since that is for messages alone
 */
export function inWorkers(protocol: ProtocolName, stderr: Writable): StartThread {
  return (task, listener) => {
    // The same file as this one's neighbour, whether it is compiled or not.
    const entry = new URL(import.meta.url.endsWith(".ts") ? "./thread.ts" : "./thread.js", import.meta.url);
    const transferList = [...portsOf(task)];
    const worker = new Worker(entry, { workerData: { protocol, task }, transferList, stdout: true });
    worker.stdout.on("data", (chunk: Buffer) => stderr.write(chunk));
    worker.on("message", listener);
    worker.on("error", (error) => listener(failureOf(error)));
    worker.on("exit", (code) => {
      listener({ type: "failed", code: "unexpected", message: `its thread ended, with exit code ${code}` });
    });
    return {
      send: (command) => worker.postMessage(command),
      end: async () => {
        worker.removeAllListeners("exit");
        await worker.terminate();
      },
    };
  };
}

/** All tasks in the thread that calls: for a protocol that only it knows. */
export function inThisThread(protocol: Protocol, clock: Clock): StartThread {
  return (task, listener) => {
    const { port1, port2 } = new MessageChannel();
    const ending = new AbortController();
    port1.on("message", listener);
    const served = serveTask(task, { protocol, port: port2, clock, signal: ending.signal });
    return {
      send: (command) => port1.postMessage(command),
      end: async () => {
        ending.abort(new Error("The run has ended."));
        await served;
        port1.close();
      },
    };
  };
}

const portsOf = (task: ThreadTask): readonly MessagePort[] =>
  task.role === "client" ? [task.commits] : task.commits;

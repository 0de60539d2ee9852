/** What the threads of a process that runs clients tell each other. */
import type { MessagePort } from "node:worker_threads";
import { BaleenError, describeError } from "../../core/errors.ts";
import type { ClientMessage } from "../messages/messages.ts";
import type { CommitBatch } from "../observe/commit-sorter.ts";
import type { ObserverPlan } from "../observe/observer-plan.ts";
import type { ClientPlan } from "../plan/client-plan.ts";

/** To a thread, from the process's main thread. */
export type ThreadCommand =
  | { readonly type: "start"; readonly windowStartMs: number }
  /** To the observer: all clients have ended. */
  | { readonly type: "finish" };

/** From a thread. Seconds and reports are encoded, since what they are made of does not pass from thread to thread. */
export type ThreadMessage =
  | Extract<ClientMessage, { readonly type: "ready" | "event" | "second" | "failed" }>
  /** The last one of a thread. */
  | { readonly type: "report"; readonly report: unknown };

/** From the observer to a client, past the main thread: commits, or the time up to which all are told. */
export type CommitMessage = CommitBatch | number;

/** What a client's thread is for. */
export interface ClientTask {
  readonly role: "client";
  readonly plan: ClientPlan;
  /** Brings the commits of its transactions. */
  readonly commits: MessagePort;
}

/** What the observer's thread is for. */
export interface ObserverTask {
  readonly role: "observer";
  readonly plan: ObserverPlan;
  /** To each client, in the order of the plan. */
  readonly commits: readonly MessagePort[];
}

export type ThreadTask = ClientTask | ObserverTask;

/** A failure, as it passes from thread to thread and process to process. */
export function failureOf(error: unknown): Extract<ThreadMessage, { readonly type: "failed" }> {
  const code = error instanceof BaleenError ? error.code : "unexpected";
  return { type: "failed", code, message: describeError(error) };
}

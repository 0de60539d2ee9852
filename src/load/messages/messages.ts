/**
 * What a process that runs clients is told, and what it tells: plain JSON, one line each, over its standard input and
 * output. Times named `…MonotonicMs` are on that process's machine's monotonic clock.
 */
import type { EventBody } from "../../contracts/events.ts";
import type { ClientPlan } from "../plan/client-plan.ts";

/** Version of these messages; both sides are of the same build, and say so. */
export const messagesVersion = 1;

/** Which protocol clients speak. */
export interface ProtocolName {
  readonly name: string;
  /** URL of the module that holds it in a list `protocols`, in the process's own files; absent: the tool's registry. */
  readonly module?: string | undefined;
  /** What the registry makes it of, where it is described by a user. */
  readonly definition?: unknown;
}

/** To the process. */
export type ClientCommand =
  /**
   * Opens clients and observer for a run. Every client has a thread of its own, and the observer of all nodes that are
   * targets of any of them another. Answered by `ready` or `failed`.
   */
  | { readonly type: "prepare"; readonly protocol: ProtocolName; readonly plans: readonly ClientPlan[] }
  /** Answered at once by `clock`, so that its clock can be compared with the asker's. */
  | { readonly type: "clock"; readonly id: number }
  /** The window of all clients begins then; the warm-up before it. */
  | { readonly type: "start"; readonly windowStartMonotonicMs: number }
  /** Ends the run, if there is one, without a report; so does the end of its input. */
  | { readonly type: "stop" };

/** From the process. `client` is the plan's number of a client. */
export type ClientMessage =
  | { readonly type: "hello"; readonly version: number }
  /** Connections and subscriptions of all its clients stand. `notes`: what a person should know, a sentence each. */
  | { readonly type: "ready"; readonly notes: readonly string[] }
  | { readonly type: "clock"; readonly id: number; readonly monotonicMs: number; readonly wallMs: number }
  /** What was seen in one row's time by all of this process's clients, encoded (report-codec.ts). Rows come in order. */
  | { readonly type: "second"; readonly second: unknown }
  /** Something that a client says, or (without `client`) the observer of them all. */
  | { readonly type: "event"; readonly client?: number | undefined; readonly body: EventBody }
  /** One client has ended; its report, encoded. */
  | { readonly type: "sent"; readonly client: number; readonly report: unknown }
  /** The observer has ended, after all clients; its report, encoded. The last message of a run. */
  | { readonly type: "observed"; readonly report: unknown }
  /** The run cannot be, or not go on; nothing more comes of it. `code` as of a BaleenError. */
  | {
      readonly type: "failed";
      readonly code: string;
      readonly message: string;
      /** Absent where it is no single client's failure. */
      readonly client?: number | undefined;
    };

/** The way to a process that runs clients. Disposing ends the process, and waits until it has ended. */
export interface ClientLink extends AsyncDisposable {
  /** "coordinator", or the name of a host. */
  readonly host: string;
  /** Never throws: where the way is lost, the listener is told. */
  readonly send: (command: ClientCommand) => void;
  /** To be called once, before anything is sent. What came before it is told then. */
  readonly listen: (listener: ClientLinkListener) => void;
}

export interface ClientLinkListener {
  readonly message: (message: ClientMessage) => void;
  /** Once: the process, or the way to it, has ended, though nobody asked for it. */
  readonly lost: (reason: string) => void;
}

/** Where clients run. */
export interface ClientPlacement {
  /** "coordinator", or the name of a host. */
  readonly host: string;
  /** How many, at least 1. */
  readonly clients: number;
  /** Nodes that these clients send to, at their addresses as seen from there. At least one. */
  readonly targets: ClientPlan["targets"];
  /** Starts the process, and rejects where it does not come up in a bounded time; nothing of it is left then. */
  readonly open: (signal: AbortSignal) => Promise<ClientLink>;
}

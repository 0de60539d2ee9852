/** Clients that are a script: a place whose side of the conversation a test plays. */
import type {
  ClientCommand,
  ClientLinkListener,
  ClientMessage,
  ClientPlacement,
} from "../../src/load/messages/messages.ts";
import { planFor } from "../load/setting.ts";

export const hello: ClientMessage = { type: "hello", version: 1 };

export interface ScriptedPlace {
  readonly placement: ClientPlacement;
  /** To be told by the place; once it is open. */
  readonly listener: () => ClientLinkListener;
  readonly hasEnded: () => boolean;
}

/** A place that answers what is asked at once; whatever else it says, the test says. */
export function scriptPlace(host: string, clients = 1): ScriptedPlace {
  let listener: ClientLinkListener | undefined;
  let hasEnded = false;
  const answer = (command: ClientCommand) => {
    if (command.type === "prepare") listener?.message({ type: "ready", notes: [] });
    if (command.type === "clock") {
      listener?.message({ type: "clock", id: command.id, monotonicMs: Date.now(), wallMs: Date.now() });
    }
  };
  const open: ClientPlacement["open"] = async () => ({
    host,
    send: answer,
    listen: (to) => {
      listener = to;
      to.message(hello);
    },
    [Symbol.asyncDispose]: async () => {
      hasEnded = true;
    },
  });
  return {
    placement: { host, clients, targets: planFor([]).targets, open },
    listener: () => {
      if (listener === undefined) throw new Error(`${host} is not open.`);
      return listener;
    },
    hasEnded: () => hasEnded,
  };
}

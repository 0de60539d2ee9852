import { coordinatorName } from "../../contracts/hosts/host-load.ts";
import type { Protocol } from "../../contracts/protocol.ts";
import type { Clock } from "../../core/clock.ts";
import { ClientHost } from "../../load/client/client-host.ts";
import { inThisThread } from "../../load/client/threads.ts";
import {
  type ClientLink,
  type ClientLinkListener,
  type ClientMessage,
  messagesVersion,
} from "../../load/messages/messages.ts";

/**
 * Clients in the thread that calls, for a protocol that no other process could load. They share the thread with all
 * else that is done there: for tests and small loads.
 */
export function openLocalThread(protocol: Protocol, clock: Clock): ClientLink {
  let listener: ClientLinkListener | undefined;
  let hasEnded = false;
  // Told later, as from another process: a command's caller need not expect the answer before it has returned.
  const notify = (message: ClientMessage) =>
    setImmediate(() => {
      if (!hasEnded) listener?.message(message);
    });
  const host = new ClientHost(() => inThisThread(protocol, clock), notify);
  return {
    host: coordinatorName,
    send: (command) => host.command(command),
    listen: (to) => {
      listener = to;
      notify({ type: "hello", version: messagesVersion });
    },
    [Symbol.asyncDispose]: async () => {
      hasEnded = true;
      await host.end();
    },
  };
}

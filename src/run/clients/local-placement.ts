import { fileURLToPath } from "node:url";
import type { Network, NetworkNode } from "../../contracts/deployment.ts";
import { coordinatorName } from "../../contracts/hosts/host-load.ts";
import type { Protocol } from "../../contracts/protocol.ts";
import type { Clock } from "../../core/clock.ts";
import type { ProcessFacts } from "../../core/process/environment.ts";
import { type PipedChildEnd, startPipedChild } from "../../core/process/piped-child.ts";
import { ClientHost } from "../../load/client/client-host.ts";
import { inThisThread } from "../../load/client/threads.ts";
import {
  type ClientLink,
  type ClientLinkListener,
  type ClientMessage,
  type ClientPlacement,
  messagesVersion,
  type ProtocolName,
} from "../../load/messages/messages.ts";
import { openStreamLink } from "../../load/messages/stream-link.ts";
import type { ClientPlan } from "../../load/plan/client-plan.ts";
import { findProtocol } from "../../protocol/registry.ts";

/** What clients of this machine run with; of the environment, what Node.js reads (NODE_EXTRA_CA_CERTS) holds too. */
export type ClientRuntime = Pick<ProcessFacts, "nodeBinary" | "env">;

export interface LocalPlacementRequest {
  readonly network: Pick<Network, "endpoint"> & { readonly nodes: readonly Pick<NetworkNode, "name">[] };
  readonly protocol: Protocol;
  readonly clients: number;
  readonly runtime: ClientRuntime;
  /** Of clients in this thread; a process of its own has the machine's. */
  readonly clock: Clock;
  /** Takes the id of the process that the clients run in, where it is another than this one. */
  readonly onProcess: (pid: number) => void;
}

/**
 * Clients on this machine, in a process of their own; those of an adapter that no other process could load (it is
 * neither in the registry nor says what module or definition it is made of) are in this thread.
 */
export function placeLocally(request: LocalPlacementRequest): ClientPlacement {
  const { network, protocol, clients, clock } = request;
  const isLoadable =
    findProtocol(protocol.name) === protocol ||
    protocol.module !== undefined ||
    protocol.definition !== undefined;
  return {
    host: coordinatorName,
    clients,
    targets: targetsOf(network),
    open: async (signal) => (isLoadable ? startClients(request, signal) : openLocalThread(protocol, clock)),
  };
}

/** All nodes, where this machine reaches them. */
export function targetsOf(network: LocalPlacementRequest["network"]): ClientPlan["targets"] {
  return network.nodes.map(({ name }) => ({
    node: name,
    rpc: network.endpoint(name, "coordinator", "rpc"),
  }));
}

/** How clients elsewhere find the adapter. */
export function nameProtocol({ name, module, definition }: Protocol): ProtocolName {
  return { name, module, definition };
}

/** From being told to stop until a process is killed. */
const graceMs = 1000;

/** @throws CommandError where the process cannot be started */
async function startClients(
  { runtime, onProcess }: Pick<LocalPlacementRequest, "runtime" | "onProcess">,
  signal: AbortSignal,
): Promise<ClientLink> {
  signal.throwIfAborted();
  // Compiled where this file is.
  const name = `../../load/client/main.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`;
  const entry = fileURLToPath(new URL(name, import.meta.url));
  const child = await startPipedChild({ argv: [runtime.nodeBinary, entry], env: runtime.env });
  const link = openStreamLink({
    host: coordinatorName,
    input: child.stdin,
    output: child.stdout,
    explainEnd: async () => describeEnd(await child.ended),
    close: () => child.stop({ graceMs }),
  });
  onProcess(child.pid);
  return link;
}

function describeEnd({ exitCode, signal, stderrTail }: PipedChildEnd): string {
  const how = signal === null ? `ended with exit code ${exitCode}` : `was ended by ${signal}`;
  const said = stderrTail.trim();
  return said === "" ? `its process ${how}` : `its process ${how}: ${said}`;
}

/** In the thread that calls, which the clients share with all else that is done there: for tests and small loads. */
function openLocalThread(protocol: Protocol, clock: Clock): ClientLink {
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

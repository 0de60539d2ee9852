import { fileURLToPath } from "node:url";
import { coordinatorName } from "../../contracts/hosts/host-load.ts";
import { type PipedChildEnd, startPipedChild } from "../../core/process/piped-child.ts";
import type { ClientLink } from "../../load/messages/messages.ts";
import { openStreamLink } from "../../load/messages/stream-link.ts";

/** From being told to stop until it is killed. */
const graceMs = 1000;

/** The way to a process of this machine. */
export interface LocalLink extends ClientLink {
  readonly pid: number;
}

/** What clients of this machine run with. */
export interface ClientRuntime {
  /** Absolute path of the Node.js. */
  readonly nodeBinary: string;
  /** Their whole environment: what Node.js reads there, such as NODE_EXTRA_CA_CERTS, holds for them too. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Starts a process that runs clients on this machine. @throws CommandError where it cannot be started */
export async function startLocalClients(
  { nodeBinary, env }: ClientRuntime,
  signal: AbortSignal,
): Promise<LocalLink> {
  signal.throwIfAborted();
  // Compiled where this file is.
  const name = `../../load/client/main.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`;
  const entry = new URL(name, import.meta.url);
  const child = await startPipedChild({ argv: [nodeBinary, fileURLToPath(entry)], env });
  const link = openStreamLink({
    host: coordinatorName,
    input: child.stdin,
    output: child.stdout,
    explainEnd: async () => describeEnd(await child.ended),
    close: () => child.stop({ graceMs }),
  });
  return { ...link, pid: child.pid };
}

function describeEnd({ exitCode, signal, stderrTail }: PipedChildEnd): string {
  const how = signal === null ? `ended with exit code ${exitCode}` : `was ended by ${signal}`;
  const said = stderrTail.trim();
  return said === "" ? `its process ${how}` : `its process ${how}: ${said}`;
}

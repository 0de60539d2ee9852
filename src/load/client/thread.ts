/** Entry of the threads of a process that runs clients: each does one task. */
import { parentPort, workerData } from "node:worker_threads";
import type { Protocol } from "../../contracts/protocol.ts";
import { systemClock } from "../../core/clock.ts";
import { BaleenError, describeError } from "../../core/errors.ts";
import { buildClientSide } from "../../protocol/custom/client-side.ts";
import type { CustomFile } from "../../protocol/custom/schema/schema.ts";
import { findProtocol } from "../../protocol/registry.ts";
import type { ProtocolName } from "../messages/messages.ts";
import type { ClientProtocol } from "./client.ts";
import { serveTask } from "./serve.ts";
import type { ThreadTask } from "./thread-messages.ts";

/** The adapter that clients are to use is not to be had. */
class ProtocolMissingError extends BaleenError {
  constructor({ name, module }: ProtocolName, options?: { cause?: unknown }) {
    const where = module === undefined ? "the registry of this build" : module;
    const why = options?.cause === undefined ? "" : `: ${describeError(options.cause)}`;
    super("protocol-missing", `There is no protocol "${name}" in ${where}${why}.`, options);
  }
}

/**
 * What clients and their observer need of a protocol. One that has a definition is made of it, which was checked where
 * it was read.
 *
 * @throws ProtocolMissingError where its module does not hold it
 */
async function loadProtocol(wanted: ProtocolName): Promise<ClientProtocol> {
  if (wanted.definition !== undefined) return buildClientSide(wanted.definition as CustomFile);
  const found = wanted.module === undefined ? findProtocol(wanted.name) : await importProtocol(wanted);
  if (found === undefined) throw new ProtocolMissingError(wanted);
  return found;
}

async function importProtocol(wanted: ProtocolName): Promise<Protocol | undefined> {
  try {
    const { protocols } = (await import(wanted.module ?? "")) as { readonly protocols: readonly Protocol[] };
    return protocols.find(({ name }) => name === wanted.name);
  } catch (cause) {
    throw new ProtocolMissingError(wanted, { cause });
  }
}

const { protocol, task } = workerData as { readonly protocol: ProtocolName; readonly task: ThreadTask };
if (parentPort !== null) {
  // A thread is ended from outside, so its signal never aborts.
  const { signal } = new AbortController();
  await serveTask(task, {
    protocol: await loadProtocol(protocol),
    port: parentPort,
    clock: systemClock,
    signal,
  });
  parentPort.close();
}

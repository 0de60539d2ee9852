/** Entry of the threads of a process that runs clients: each does one task. */
import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../core/clock.ts";
import type { ProtocolName } from "../messages/messages.ts";
import { loadProtocol } from "./load-protocol.ts";
import { serveTask } from "./serve.ts";
import type { ThreadTask } from "./thread-messages.ts";

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

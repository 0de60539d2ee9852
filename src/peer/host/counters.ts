/** What the kernel counts at the interfaces to other hosts. */
import { readFile } from "node:fs/promises";
import type { InterfacesEvent } from "../../contracts/load/flow-events.ts";
import { delay } from "../../core/async.ts";
import { preciseNow } from "../journal.ts";

const everyMs = 1000;

/**
 * @param text /proc/net/dev: after each name 8 counts of what was received, bytes and packets first, then those of what was
 *   sent
 * @see proc_pid_net(5)
 */
export function readCounters(text: string, names: readonly string[]): InterfacesEvent["counters"] {
  return text.split("\n").flatMap((line) => {
    const [name = "", ...counts] = line.trim().split(/[\s:]+/);
    if (!names.includes(name)) return [];
    const [receivedBytes, receivedPackets, , , , , , , sentBytes, sentPackets] = counts.map(
      Number,
    ) as number[];
    return [
      [name, receivedBytes, receivedPackets, sentBytes, sentPackets] as InterfacesEvent["counters"][number],
    ];
  });
}

/** Once a second, in the network namespace of this process. @throws the signal's reason */
export async function watchCounters(
  names: readonly string[],
  tell: (event: InterfacesEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  while (names.length > 0) {
    const text = await readFile("/proc/net/dev", "utf8").catch(() => ""); // no other system has it
    const counters = readCounters(text, names);
    if (counters.length > 0) tell({ type: "interfaces", at: preciseNow(), counters });
    await delay(everyMs, signal);
  }
}

import type { HostProcess } from "../contracts/host.ts";
import { withinMs } from "../core/async.ts";

const graceMs = 5000;

/** Ends a command that ends with its standard input, or has ended: that costs no round trip of its own. */
export async function endProcess(process: HostProcess): Promise<void> {
  process.stdin.end();
  if ((await withinMs(graceMs, process.ended)) === undefined) await process.stop();
}

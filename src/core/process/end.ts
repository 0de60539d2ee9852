import type { Writable } from "node:stream";
import { withinMs } from "../async.ts";

const graceMs = 5000;
/** What is stopped is not waited for any longer: its host may be gone. */
const stopMs = 3000;

interface InputBound {
  readonly stdin: Writable;
  readonly ended: Promise<unknown>;
  readonly stop: () => Promise<void>;
}

/** Ends a command that ends with its standard input, or has ended: that costs no round trip of its own. */
export async function endProcess(process: InputBound): Promise<void> {
  process.stdin.end();
  if ((await withinMs(graceMs, process.ended)) === undefined) await withinMs(stopMs, process.stop());
}

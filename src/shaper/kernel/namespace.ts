import { closeSync, openSync } from "node:fs";
import { describeError } from "../../core/errors.ts";
import { ShaperError } from "../error.ts";
import type { Libc } from "./libc.ts";

const networkNamespace = 0x40000000;

/**
 * Does something in another network namespace: what it opens stays there. Only the thread that calls moves, and must not
 * give way meanwhile.
 *
 * @throws ShaperError where the namespace is gone or closed to us; whatever `work` throws, once the thread is back
 */
export function inNamespace<T>(libc: Libc, path: string, work: () => T): T {
  const own = openSync("/proc/thread-self/ns/net", "r");
  try {
    const other = openOther(path);
    try {
      libc.check(
        libc.setns(other, networkNamespace),
        `enter the network namespace ${path}. Shaping needs root`,
      );
    } finally {
      closeSync(other);
    }
    try {
      return work();
    } finally {
      libc.check(libc.setns(own, networkNamespace), `leave the network namespace ${path}`);
    }
  } finally {
    closeSync(own);
  }
}

function openOther(path: string): number {
  try {
    return openSync(path, "r");
  } catch (cause) {
    throw new ShaperError(`Cannot open the network namespace ${path}: ${describeError(cause)}.`, { cause });
  }
}

import { closeSync, openSync } from "node:fs";
import type { Libc } from "./libc.ts";

const networkNamespace = 0x40000000;

/**
 * Does something in another network namespace: what it opens stays there. Only the thread that calls moves, and must not
 * give way meanwhile.
 *
 * @param namespace descriptor
 * @throws ShaperError where it is closed to us; whatever `work` throws, once the thread is back
 */
export const inNamespace = <T>(libc: Libc, namespace: number, work: () => T): T =>
  elsewhere(libc, () => libc.setns(namespace, networkNamespace), work);

/** The same in a new network namespace, which ends with it. */
export const inNewNamespace = <T>(libc: Libc, work: () => T): T =>
  elsewhere(libc, () => libc.unshare(networkNamespace), work);

function elsewhere<T>(libc: Libc, move: () => number, work: () => T): T {
  const own = openSync("/proc/thread-self/ns/net", "r");
  try {
    libc.check(move(), "enter a network namespace. Shaping needs root");
    try {
      return work();
    } finally {
      libc.check(libc.setns(own, networkNamespace), "leave a network namespace");
    }
  } finally {
    closeSync(own);
  }
}

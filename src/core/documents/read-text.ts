import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { InvalidArgumentError, systemCode } from "../errors.ts";
import { neverWaiting, tooLarge } from "./read-bounded.ts";

/** A larger file is a device or a disk image named by mistake. */
const largestBytes = 1024 ** 2;

/** For `--hosts <(COMMAND)` and /dev/stdin. Nothing else goes on meanwhile, not even the reaction to Ctrl-C. */
const patienceMs = 10_000;
const everyMs = 10;

/**
 * Reads a text file that somebody named; a pipe until its writer closes it.
 *
 * @throws Error where it cannot be read, is larger than 1 MiB, is no text, or is a pipe that stays open
 */
export function readText(path: string): string {
  const content = readRegularOrPiped(path);
  if (content.length > largestBytes) throw new InvalidArgumentError(tooLarge(largestBytes));
  if (content.includes(0)) throw new InvalidArgumentError("it is not a text file");
  return content.toString("utf8");
}

/** As far as one byte beyond the largest. */
function readRegularOrPiped(path: string): Buffer {
  const buffer = Buffer.alloc(largestBytes + 1);
  const file = openSync(path, neverWaiting);
  try {
    const isPipe = fstatSync(file).isFIFO();
    let size = 0;
    for (let leftMs = patienceMs; size < buffer.length; ) {
      const read = readIfAny(file, buffer, size);
      // Before its writer has opened it, a pipe looks like one whose writer has gone.
      const isEnd = read === 0 && !(isPipe && size === 0);
      if (isEnd) break;
      size += read ?? 0;
      if (read !== undefined && read > 0) continue;
      if (leftMs <= 0) {
        throw new InvalidArgumentError(
          `it is a pipe or a terminal with no end within ${patienceMs / 1000} s`,
        );
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, everyMs);
      leftMs -= everyMs;
    }
    return buffer.subarray(0, size);
  } finally {
    closeSync(file);
  }
}

/** @returns undefined where the writer of a pipe has written nothing more yet */
function readIfAny(file: number, buffer: Buffer, from: number): number | undefined {
  try {
    return readSync(file, buffer, from, buffer.length - from, null);
  } catch (error) {
    if (systemCode(error) === "EAGAIN") return undefined;
    throw error;
  }
}

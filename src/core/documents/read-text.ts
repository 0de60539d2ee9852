import { closeSync, openSync, readSync } from "node:fs";

/** A larger file is a device or a disk image named by mistake. */
const largestBytes = 1024 ** 2;

/** Reads a text file that somebody named. @throws Error where it cannot be read, is larger than 1 MiB, or is no text */
export function readText(path: string): string {
  const buffer = Buffer.alloc(largestBytes + 1);
  let size = 0;
  const file = openSync(path, "r");
  try {
    for (let read = -1; read !== 0 && size < buffer.length; size += read) {
      read = readSync(file, buffer, size, buffer.length - size, null);
    }
  } finally {
    closeSync(file);
  }
  if (size > largestBytes) throw new Error("it is larger than 1 MiB");
  const content = buffer.subarray(0, size);
  if (content.includes(0)) throw new Error("it is not a text file");
  return content.toString("utf8");
}

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { InvalidArgumentError } from "../errors.ts";

/** Without it, opening a pipe waits until somebody writes to it. */
export const neverWaiting = constants.O_RDONLY | constants.O_NONBLOCK;

/** No settings, keys or documents that anybody has are larger. */
export const mostBytes = 64 * 1024 ** 2;

/** Why a file is not read whole. */
export const tooLarge = (largestBytes: number) =>
  `it is larger than ${Math.floor(largestBytes / 1024 ** 2)} MiB`;

/**
 * Reads what somebody else may have put there: a device that has no end is refused, and a pipe is not waited for.
 *
 * @throws InvalidArgumentError where it has more than `largestBytes`; the system's error where it cannot be read
 */
export async function readBounded(path: string, largestBytes = mostBytes): Promise<Buffer> {
  await using file = await open(path, neverWaiting);
  return await readOpened(file, largestBytes);
}

/** The same of an opened file, from where it stands. */
export async function readOpened(file: FileHandle, largestBytes: number): Promise<Buffer> {
  // `end` is the last byte that is read: one too many tells that there are more.
  const content = await buffer(file.createReadStream({ end: largestBytes, autoClose: false }));
  if (content.length > largestBytes) throw new InvalidArgumentError(tooLarge(largestBytes));
  return content;
}

import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, readdir, realpath } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { mostBytes, neverWaiting, readOpened, tooLarge } from "../../../core/documents/read-bounded.ts";
import { systemCode } from "../../../core/errors.ts";
import { BundleReadError, unreadable } from "../../schema/read-error.ts";

/** As much as a string holds: events and seconds of long sweeps. */
export const longestText = 0x1fffffe8;

const notRegular =
  "it is not a regular file. A bundle has only files and folders: no links, pipes or devices.";

/** What the system answers to opening a link, a socket or a device that is not there. */
const answersOfOthers: ReadonlySet<string> = new Set(["ELOOP", "EMLINK", "ENXIO", "ENODEV"]);

/**
 * Opens a file of a bundle, which may come from anybody: it is a regular file below the bundle's folder, or refused.
 *
 * @param folder the bundle's. Default: the one that the file is in
 * @throws BundleReadError
 */
export async function openBundleFile(path: string, folder = dirname(path)): Promise<FileHandle> {
  await using opened = new AsyncDisposableStack();
  try {
    const file = opened.use(await open(path, neverWaiting | constants.O_NOFOLLOW));
    if (!(await file.stat()).isFile() || !(await isBelow(path, folder))) {
      throw new BundleReadError(path, notRegular);
    }
    opened.move();
    return file;
  } catch (error) {
    if (error instanceof BundleReadError) throw error;
    throw unreadable(path, error, answersOfOthers.has(systemCode(error) ?? "") ? notRegular : undefined);
  }
}

/** Whether no folder on the way from the bundle's is a link. */
async function isBelow(path: string, folder: string): Promise<boolean> {
  const parent = dirname(path);
  if (resolve(parent) === resolve(folder)) return true;
  const [from, to] = await Promise.all([realpath(folder), realpath(parent)]);
  return to === join(from, relative(folder, parent));
}

/**
 * The text of a bundle's file.
 *
 * @param folder the bundle's. Default: the one that the file is in
 * @throws BundleReadError
 */
export async function readBundleText(
  path: string,
  { folder, largestBytes = longestText }: { readonly folder?: string; readonly largestBytes?: number } = {},
): Promise<string> {
  await using file = await openBundleFile(path, folder);
  try {
    return (await readOpened(file, largestBytes)).toString();
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Those that people and programs read whole: parameters, runs, summaries. @throws BundleReadError */
export const readBundleDocument = (path: string): Promise<string> =>
  readBundleText(path, { largestBytes: mostBytes });

/** The file that a manifest lists may be any; hashing it takes a moment. */
const largestHashedBytes = 16 * 1024 ** 3;

/**
 * SHA-256 of a bundle's file, in hex; undefined where it has another size.
 *
 * @throws BundleReadError
 */
export async function hashBundleFile(
  path: string,
  { folder, sizeBytes }: { readonly folder: string; readonly sizeBytes: number },
): Promise<string | undefined> {
  await using file = await openBundleFile(path, folder);
  if ((await file.stat()).size !== sizeBytes) return undefined;
  if (sizeBytes > largestHashedBytes) throw new BundleReadError(path, `${tooLarge(largestHashedBytes)}.`);
  const hash = createHash("sha256");
  try {
    await pipeline(file.createReadStream({ end: sizeBytes, autoClose: false }), hash);
  } catch (error) {
    throw unreadable(path, error);
  }
  return hash.digest("hex");
}

/** Refuses a folder that has anything but files and folders. @throws BundleReadError naming it */
export async function checkEntries(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() || entry.isDirectory()) continue;
    throw new BundleReadError(join(entry.parentPath, entry.name), notRegular);
  }
}

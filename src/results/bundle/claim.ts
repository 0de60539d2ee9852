import { join } from "node:path";
import { systemCode } from "../../core/errors.ts";
import { claim, LockedError, type LockHolder, readLivingHolder } from "../../core/process/lock.ts";
import { BundleWriteError } from "./write-error.ts";

export interface BundleOwner {
  /** Id of the sweep. */
  readonly run: string;
  /** Command line, for those who find it in use. */
  readonly command: string;
}

const holderFile = (folder: string) => join(folder, ".holder");

/** Codes of file systems that know no hard links, on which nothing can be claimed. */
const noLinks: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/**
 * Claims a bundle's folder for this process, until that is disposed of or the process ends. On a file system without
 * hard links there is no claim, and nobody is kept out.
 *
 * @throws LockedError naming the holder where a living process writes it; BundleWriteError
 */
export async function claimBundle(folder: string, owner: BundleOwner): Promise<AsyncDisposable> {
  try {
    return await claim(holderFile(folder), { ...owner, inUse: `The bundle ${folder} is being written` });
  } catch (error) {
    if (error instanceof LockedError) throw error;
    if (noLinks.has(systemCode(error) ?? "")) return { [Symbol.asyncDispose]: async () => undefined };
    throw new BundleWriteError(folder, { cause: error });
  }
}

/** The living process that writes a bundle; changes nothing. */
export function readBundleHolder(folder: string): Promise<LockHolder | undefined> {
  return readLivingHolder(holderFile(folder));
}

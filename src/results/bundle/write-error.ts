import { BaleenError, describeError, systemCode } from "../../core/errors.ts";

const remedy = "Use another folder with --output-dir, or fix this.";

/** What the operating system's codes mean to someone who looks for results. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: `permission denied. ${remedy}`,
  EPERM: `permission denied. ${remedy}`,
  EROFS: `the file system is read-only. ${remedy}`,
  ENOTDIR: `a part of the path is a file, not a folder. ${remedy}`,
  EEXIST: `it already exists. ${remedy}`,
  ENAMETOOLONG: `the name is too long. ${remedy}`,
  EMFILE: "too many open files in this process. Raise the limit (ulimit -n) and try again.",
  ENFILE: "too many open files on this machine. Close some programs and try again.",
};

function describe(path: string, cause: unknown): string {
  const code = systemCode(cause) ?? "";
  if (code === "ENOSPC" || code === "EDQUOT") {
    const what = code === "EDQUOT" ? "No space left in the disk quota" : "No space left on the disk";
    return `${what} that holds ${path}, which could not be written. Free space there, or name another folder with --output-dir.`;
  }
  return `Cannot write ${path}: ${reasons[code] ?? describeError(cause)}`;
}

/** A file or folder of a bundle could not be written; what was written before is whole. */
export class BundleWriteError extends BaleenError {
  readonly path: string;
  /** The system's code (ENOSPC, EACCES, …), where it gave one. */
  readonly systemCode: string | undefined;

  constructor(path: string, options: { cause: unknown }) {
    super("bundle-write", describe(path, options.cause), options);
    this.path = path;
    this.systemCode = systemCode(options.cause);
  }
}

/** Says of what fails in it that this file or folder could not be written. @throws BundleWriteError */
export async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    throw new BundleWriteError(path, { cause });
  }
}

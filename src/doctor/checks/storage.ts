/** Folders that are written to: whether they can be, and how much still fits. */

import { stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { withinMs } from "../../core/async.ts";
import type { ErrorCode } from "../../core/error-codes.ts";
import { type Diagnostic, systemCode } from "../../core/errors.ts";
import { formatArgv } from "../../core/process/command.ts";
import { checkStateFolder, checkWritable } from "../../deploy/process/check.ts";
import { leastDiskBytes } from "../../deploy/remote/checks.ts";
import { BundleWriteError } from "../../results/bundle/write-error.ts";
import { formatBytes } from "../../results/report/text/figures.ts";
import { asFindings, type Finding, type Judgement, type Severity } from "../run-checks.ts";

/** A folder, and what still fits into the file system that holds it, or would hold it. */
export interface FolderSpace {
  /** What is written there: "results". */
  readonly purpose: string;
  readonly path: string;
  /** What a run needs there fails without it. */
  readonly isNeeded: boolean;
  /** Names the file system; two folders of one share what is free. */
  readonly device: number;
  readonly freeBytes: number;
  /** Of this user's; undefined where its number is not limited. */
  readonly freeFiles: number | undefined;
}

/** With less than this not even short runs can be written. */
const fewestBytes = 64 * 1024 ** 2;
const fewestFiles = 1000;

export function judgeDisk(folders: readonly FolderSpace[]): Judgement {
  const byDevice = Map.groupBy(folders, ({ device }) => device);
  const systems = [...byDevice.values()].flatMap((sharing) =>
    sharing.slice(0, 1).map((first) => ({ ...first, sharing })),
  );
  const summary = systems.map(
    ({ freeBytes, sharing }) =>
      `${formatBytes(freeBytes)} free for ${sharing.map(({ purpose }) => purpose).join(" and ")}`,
  );
  return { summary: summary.join(", ") || "not known", findings: systems.flatMap(judgeSystem) };
}

function judgeSystem({
  freeBytes,
  freeFiles,
  sharing,
}: FolderSpace & { readonly sharing: readonly FolderSpace[] }): Finding[] {
  const worst: Severity = sharing.some(({ isNeeded }) => isNeeded) ? "fault" : "warning";
  const paths = sharing.map(({ path }) => path);
  const short = (severity: Severity, code: ErrorCode, what: string): Finding[] => {
    const message = `${what} in the file system of ${[...new Set(paths)].join(", ")}. Free some space there. To see what uses the most:`;
    const command = `du -xh ${formatArgv(paths.slice(0, 1))} | sort -h | tail`;
    return [{ severity, code, message, command }];
  };
  if (freeFiles !== undefined && freeFiles < fewestFiles) {
    return short(worst, "disk-files", `No more than ${freeFiles} files can be created`);
  }
  if (freeBytes >= leastDiskBytes) return [];
  const what = `Only ${formatBytes(freeBytes)} are free`;
  return freeBytes < fewestBytes ? short(worst, "disk-full", what) : short("warning", "disk-low", what);
}

/** A file system that is reached over a network may hang. */
const limitMs = 5_000;

/** A folder that is written to. */
export interface WrittenFolder extends Pick<FolderSpace, "purpose" | "isNeeded"> {
  readonly folder: string;
}

/** Looks at the file systems of folders; one that hangs is left out. */
export async function readSpaces(folders: readonly WrittenFolder[]): Promise<readonly FolderSpace[]> {
  const spaces = await Promise.all(folders.map((one) => withinMs(limitMs, readSpace(one))));
  return spaces.filter((space) => space !== undefined);
}

/** Looks at the folder, or where it is still to be made at the nearest one above it. */
async function readSpace({ folder, ...what }: WrittenFolder): Promise<FolderSpace> {
  const path = await findExisting(resolve(folder));
  const [{ dev: device }, system] = await Promise.all([stat(path), statfs(path)]);
  return {
    ...what,
    path,
    device,
    freeBytes: system.bavail * system.bsize,
    freeFiles: system.files === 0 ? undefined : system.ffree,
  };
}

async function findExisting(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (error) {
    const missing = systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR";
    if (!missing || dirname(path) === path) throw error;
    return await findExisting(dirname(path));
  }
}

/** What is written to a folder, and why it cannot be, if so. */
export interface FolderAccess {
  readonly purpose: string;
  readonly diagnostic: Diagnostic | undefined;
}

export function judgeFolders(folders: readonly FolderAccess[]): Judgement {
  const bad = folders.filter(({ diagnostic }) => diagnostic !== undefined);
  const reported = bad.length === 0 ? folders : bad;
  const verb = bad.length === 0 ? "can be written to" : "cannot be written to";
  return {
    summary: `${reported.map(({ purpose }) => purpose).join(" and ")} ${verb}`,
    findings: bad.flatMap(({ diagnostic }) => asFindings("fault", diagnostic ? [diagnostic] : [])),
  };
}

/** By rights alone: nothing is written. */
export async function readFolders(outputDir: string, stateDir: string): Promise<readonly FolderAccess[]> {
  const [results, state] = await Promise.all([
    whyNotWritable(resolve(outputDir)),
    checkStateFolder(stateDir),
  ]);
  return [
    { purpose: "results", diagnostic: results },
    { purpose: "state", diagnostic: state },
  ];
}

async function whyNotWritable(outputDir: string): Promise<Diagnostic | undefined> {
  try {
    await checkWritable(outputDir);
    return undefined;
  } catch (cause) {
    const isForbidden = systemCode(cause) === "EACCES";
    const path = cause instanceof Error && "path" in cause ? String(cause.path) : outputDir;
    const command = isForbidden ? `sudo chown "$USER" ${formatArgv([path])}` : undefined;
    return { code: "output-dir", message: new BundleWriteError(outputDir, { cause }).message, command };
  }
}

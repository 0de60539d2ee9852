/** Folders that are written to: whether they can be, and how much still fits. */

import { stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { ErrorCode } from "../../core/error-codes.ts";
import { type Diagnostic, systemCode } from "../../core/errors.ts";
import { formatArgv } from "../../core/process/command.ts";
import { leastDiskBytes } from "../../deploy/remote/checks.ts";
import { formatBytes } from "../../results/report/text/figures.ts";
import type { Diagnosis, Finding, Severity } from "../checks.ts";

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

export function judgeDisk(folders: readonly FolderSpace[]): Diagnosis {
  const byDevice = Map.groupBy(folders, ({ device }) => device);
  const systems = [...byDevice.values()].flatMap((sharing) => {
    const [first] = sharing;
    return first === undefined ? [] : [{ ...first, sharing }];
  });
  const summary = systems.map(
    ({ freeBytes, sharing }) =>
      `${formatBytes(freeBytes)} free for ${sharing.map(({ purpose }) => purpose).join(" and ")}`,
  );
  return {
    name: "Disk",
    summary: summary.length === 0 ? "not known" : summary.join(", "),
    findings: systems.flatMap(judgeSystem),
  };
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

/** Looks at the file system of a folder, or where it is still to be made of the nearest one above it. */
export async function readSpace(
  folder: string,
  what: Pick<FolderSpace, "purpose" | "isNeeded">,
): Promise<FolderSpace> {
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

/** A folder that is written to, and why it cannot be, if so. */
export interface FolderAccess {
  readonly purpose: string;
  readonly path: string;
  readonly diagnostic: Diagnostic | undefined;
}

export function judgeFolders(folders: readonly FolderAccess[]): Diagnosis {
  const bad = folders.filter(({ diagnostic }) => diagnostic !== undefined);
  const reported = bad.length === 0 ? folders : bad;
  const verb = bad.length === 0 ? "can be written to" : "cannot be written to";
  return {
    name: "Folders",
    summary: `${reported.map(({ purpose }) => purpose).join(" and ")} ${verb}`,
    findings: bad.flatMap(({ diagnostic }) =>
      diagnostic === undefined ? [] : [{ severity: "fault", ...diagnostic }],
    ),
  };
}

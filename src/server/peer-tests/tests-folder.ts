/** What lies in a folder of tests. */
import { closeSync, openSync, readdirSync, readSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { isTestId } from "../../contracts/peer-tests/names.ts";
import { systemCode } from "../../core/errors.ts";

/** Of a test under way, and of the results of one that has finished. */
export const logExtension = ".ndjson";
export const resultsExtension = ".json";

/** What a process leaves that is killed while it writes results. */
const leftover = /^\.[\w.-]+\.json\.[0-9a-f]{12}\.tmp$/;
const finishedEnd = /\{"finished":\d+\}\n$/;
const endBytes = 64;

/** How many tests there are; a test of which both files are there counts twice, until it is asked for. */
export function listTests(folder: string): { readonly all: number; readonly unfinished: number } {
  const unfinished = idsOf(folder, logExtension).length;
  return { all: unfinished + idsOf(folder, resultsExtension).length, unfinished };
}

/**
 * Removes what a killed process left half written.
 *
 * @returns tests that were being finished
 */
export function sweepFolder(folder: string): readonly string[] {
  for (const name of entriesOf(folder)) {
    if (leftover.test(name)) rmSync(join(folder, name), { force: true });
  }
  return idsOf(folder, logExtension).filter((id) => endsFinished(join(folder, id + logExtension)));
}

/** Whether a log says that its test has finished. */
export const endsFinished = (path: string): boolean => finishedEnd.test(readEnd(path, endBytes));

/** Links are followed. */
export const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

function idsOf(folder: string, extension: string): readonly string[] {
  return entriesOf(folder)
    .filter((name) => name.endsWith(extension))
    .map((name) => name.slice(0, -extension.length))
    .filter(isTestId);
}

/** Files; none where there is no folder. */
function entriesOf(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** The last bytes of a file. @throws the system's error */
export function readEnd(path: string, bytes: number): string {
  const from = Math.max(0, statSync(path).size - bytes);
  const file = openSync(path, "r");
  try {
    const found = Buffer.alloc(bytes);
    return found.toString("latin1", 0, readSync(file, found, 0, bytes, from));
  } finally {
    closeSync(file);
  }
}

import { basename } from "node:path";

/**
 * A command line for those who find a machine or a bundle in use: the command's name in place of its path, which npx
 * puts in a folder that nobody knows.
 *
 * @param argv of the process: the program that runs the command, its file, and its arguments
 */
export function formatCommandLine([, file = "", ...args]: readonly string[]): string {
  return [basename(file, ".js"), ...args].join(" ");
}

/** That of this process. */
export const commandLine = () => formatCommandLine(process.argv);

/** The suite's C programs, compiled when they are needed. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { CommandError, runCommand } from "../../../src/core/process/command.ts";

const folder = import.meta.dirname;
const compileTimeoutMs = 60_000;

/** Where the suite keeps what it builds and installs. */
export const defaultCache: string = join(homedir(), ".cache", "baleen-suite");

/**
 * Compiles a program for this machine, unless it was before.
 *
 * @returns its path, which names the sources and the compiler's options by a hash
 */
export async function compile(
  name: "sink" | "spin" | "spin-and-read" | "paced-connections",
  cache: string,
): Promise<string> {
  const flags = ["-O2", "-march=native", "-std=gnu11", "-Wall", "-Wextra"];
  const files = (await readdir(folder)).filter((file) => file.endsWith(".h") || file === `${name}.c`).sort();
  const hash = createHash("sha256").update(flags.join(" "));
  for (const file of files) hash.update(await readFile(join(folder, file)));
  const program = join(cache, "sink", `${name}-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(program)) return program;
  await mkdir(join(cache, "sink"), { recursive: true });
  const unfinished = `${program}.${process.pid}`;
  try {
    const argv = ["cc", ...flags, "-o", unfinished, join(folder, `${name}.c`), "-lm"];
    await runCommand(argv, { env: process.env, timeoutMs: compileTimeoutMs });
  } catch (error) {
    if (!(error instanceof CommandError && error.reason === "not-found")) throw error;
    throw new Error("There is no C compiler here, cc. Install one (apt-get install gcc libc6-dev).", {
      cause: error,
    });
  }
  await rename(unfinished, program);
  return program;
}

// Opens files until there are too many, then runs a command and writes what came of it as JSON.
import { closeSync, openSync, writeSync } from "node:fs";
import { CommandError, runCommand } from "../../src/core/process/command.ts";

const files: number[] = [];
try {
  for (;;) files.push(openSync("/dev/null", "r"));
} catch {
  // As many as the limit allows.
}
const error = await runCommand(["/bin/true"], { timeoutMs: 5000 }).catch((reason: unknown) => reason);
for (const file of files) closeSync(file);
const reported =
  error instanceof CommandError ? { reason: error.reason, message: error.message } : { odd: String(error) };
writeSync(1, JSON.stringify(reported));

// Takes the lock in the folder that is named as soon as a line arrives, says what came of it, and gives it back
// after another line.
import { once } from "node:events";
import { LockedError } from "../../src/core/process/lock.ts";
import { acquireLock } from "../../src/deploy/lock.ts";

const [stateDir = "", run = ""] = process.argv.slice(2);
process.stdout.write("up\n");
await once(process.stdin, "data");
const signal = new AbortController().signal;
try {
  await using _lock = await acquireLock({ stateDir, run, command: "take-lock", signal });
  process.stdout.write("taken\n");
  await once(process.stdin, "data");
} catch (error) {
  const reported = error instanceof LockedError ? `locked by ${error.holder.run}` : String(error);
  process.stdout.write(`${reported}\n`);
}
process.exit(0);

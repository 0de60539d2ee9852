// Makes a temporary folder of run argv[2] below argv[3], has a command work in it, says where, and waits to be killed.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../../src/core/process/command.ts";
import { openTemporaryFolder } from "../../src/core/process/temporary.ts";

const [run = "", parent = ""] = process.argv.slice(2);
const { path } = await openTemporaryFolder(run, parent);
await writeFile(join(path, "file"), "content");
const script =
  'echo $$ > "$1/pid.new"; mv "$1/pid.new" "$1/pid"; while :; do : > "$1/$$.tmp"; sleep 0.01; done';
void runCommand(["/bin/sh", "-c", script, "sh", path], {
  timeoutMs: 60_000,
  env: { PATH: process.env.PATH },
});
process.stdout.write(`${path}\n`);

// Starts a child that ends with its standard input, in the folder that is named, and waits to be killed.
import { join } from "node:path";
import { startChild } from "../../src/deploy/process/child.ts";

const folder = process.argv[2] ?? "";
const script = `process.stdin.resume(); process.stdin.on("close", () => process.exit(0));
  process.on("SIGTERM", () => {}); require("node:fs").writeFileSync("up", String(process.pid));`;
await startChild({
  argv: [process.execPath, "-e", script],
  env: {},
  cwd: folder,
  logFile: join(folder, "child.log"),
});

/** A scripted node as a process: `node main.ts --home DIR [--exit-with-parent]`, with its script in DIR. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { configFileName, type StandInConfig } from "./config.ts";
import { startStandIn } from "./node.ts";

const { values } = parseArgs({
  options: { home: { type: "string" }, "exit-with-parent": { type: "boolean", default: false } },
});
if (values.home === undefined)
  throw new Error("--home is missing: the folder that holds the stand-in's script.");
const config = JSON.parse(await readFile(join(values.home, configFileName), "utf8")) as StandInConfig;
const node = await startStandIn(config);
process.stderr.write(`stand-in listens on ${config.rpc.host}:${node.port}\n`);

const end = () => {
  node.kill().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.on("SIGTERM", end);
process.on("SIGINT", end);
if (values["exit-with-parent"]) process.stdin.resume().on("end", end).on("error", end);

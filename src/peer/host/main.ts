/** Entry of the process of a host of a network under test: `main.js --home DIR`. Logs JSON lines to standard output. */
import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { type ProgramSetting, runNodeProgram } from "../../core/process/node-program.ts";
import { serveHttp } from "../http.ts";
import { type HostConfigFile, hostConfigFile } from "./config.ts";
import { Host } from "./host.ts";

async function run({ home, log, signal }: ProgramSetting): Promise<void> {
  const config = JSON.parse(await readFile(join(home, hostConfigFile), "utf8")) as HostConfigFile;
  const interfaces = () => Object.keys(networkInterfaces());
  await using host = new Host({ config, home, log, interfaces, signal });
  // Also where nothing was awaited: a daemon that goes on would take part in what comes next.
  process.once("exit", () => host.abandon());
  const server = await serveHttp(config.rpc, host.routes);
  log("host runs", { name: config.name, address: config.address });
  try {
    await host.run();
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

await runNodeProgram(process, "host", run);

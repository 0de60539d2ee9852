/** Entry of the process of a peer, or of the coordinator: `main.js --home DIR`. Logs JSON lines to standard output. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ProgramSetting, runNodeProgram } from "../core/process/node-program.ts";
import { type CoordinatorConfigFile, configFile, type PeerConfigFile, type StoreName } from "./config.ts";
import { Coordinator } from "./coordinator.ts";
import { serveHttp } from "./http.ts";
import { PeerNode } from "./node.ts";
import type { Store, StoreOptions } from "./store/store.ts";

const openers: Readonly<Record<StoreName, (options: StoreOptions) => Promise<Store>>> = {
  ditto: async (options) => (await import("./store/ditto.ts")).openDittoStore(options),
  automerge: async (options) => (await import("./store/automerge.ts")).openAutomergeStore(options),
};

async function run({ home, log, signal }: ProgramSetting): Promise<void> {
  const text = await readFile(join(home, configFile), "utf8");
  const config = JSON.parse(text) as PeerConfigFile | CoordinatorConfigFile;
  if (config.role === "coordinator") {
    const server = await serveHttp(config.rpc, new Coordinator(config).routes);
    log("coordinator runs", { peers: config.plan.peers.length });
    if (!signal.aborted) await once(signal, "abort");
    server.close();
    server.closeAllConnections();
    return;
  }
  const usage = () => {
    const { user, system } = process.cpuUsage();
    return { rssBytes: process.memoryUsage.rss(), cpuSecs: (user + system) / 1e6 };
  };
  const node = new PeerNode({ config, home, openStore: openers[config.store], log, usage, signal });
  const server = await serveHttp(config.rpc, node.routes);
  log("peer runs", { name: config.name, store: config.store, flavour: config.flavour });
  try {
    await node.run();
  } finally {
    server.close();
    server.closeAllConnections();
    node[Symbol.dispose]();
  }
}

await runNodeProgram(process, "peer", run);

/** Entry of a validator's process: `main.js --home DIR [--exit-with-parent]`. Logs JSON lines to standard output. */
import { parseArgs } from "node:util";
import { describeError } from "../core/errors.ts";
import { readHome } from "./home.ts";
import type { Log } from "./logging.ts";
import { ValidatorNode } from "./node.ts";
import { startMetricsServer, startRpcServer } from "./rpc/index.ts";

/** A stop that takes longer is cut short. */
const stopLimitMs = 1_500;

const log: Log = (level, message, facts) => {
  if (level === "debug") return;
  process.stdout.write(`${JSON.stringify({ t: new Date().toISOString(), level, message, ...facts })}\n`);
};

function fail(error: unknown): void {
  process.stderr.write(`validator: ${describeError(error).replaceAll("\n", " ")}\n`);
  process.exit(1);
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: { home: { type: "string" }, "exit-with-parent": { type: "boolean", default: false } },
  });
  if (values.home === undefined) throw new Error("say where its files are: --home DIR");
  const home = await readHome(values.home);
  const node = new ValidatorNode({ home, log, failed: fail });
  const { chain } = node;
  await node.start();
  const servers = [
    await startRpcServer({ chain, ...home.config.rpc, log }),
    await startMetricsServer({ chain, ...home.config.metrics, log }),
  ];
  log("info", "validator runs", { authority: chain.authority, height: chain.height() });

  let isStopping = false;
  const stop = (reason: string) => {
    if (isStopping) return;
    isStopping = true;
    log("info", "validator stops", { reason, height: chain.height() });
    setTimeout(() => process.exit(0), stopLimitMs).unref();
    node[Symbol.dispose]();
    Promise.all(servers.map((server) => server.close())).then(() => process.exit(0), fail);
  };
  process.once("SIGTERM", () => stop("SIGTERM"));
  process.once("SIGINT", () => stop("SIGINT"));
  if (values["exit-with-parent"]) {
    process.stdin.once("close", () => stop("its parent is gone"));
    process.stdin.resume();
  }
}

run().catch(fail);

/** Entry of a validator's process: see `main.js --help`. Logs JSON lines to standard output. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../core/clock.ts";
import { ConfigurationError, describeError, diagnosticsOf } from "../core/errors.ts";
import { claim } from "../core/process/lock.ts";
import { type Home, readHome } from "./node/home.ts";
import { type LogSink, openLog } from "./node/logging.ts";
import { watchProcess } from "./node/metric.ts";
import { ValidatorNode } from "./node/node.ts";
import { formatHelp, readSettings, type Settings } from "./node/settings.ts";
import { startMetricsServer, startRpcServer } from "./rpc/index.ts";

/** A stop that takes longer is cut short. */
const stopLimitMs = 1_200;
const reportRepeatsMs = 10_000;

const exitCodes = { stopped: 0, failed: 1, configuration: 2 } as const;

function fail(error: unknown): never {
  const isConfiguration = error instanceof ConfigurationError;
  const lines = isConfiguration ? error.diagnostics.map(({ message }) => message) : [describeError(error)];
  for (const line of lines) process.stderr.write(`validator: ${line.replaceAll("\n", " ")}\n`);
  process.exit(isConfiguration ? exitCodes.configuration : exitCodes.failed);
}

async function readVersion(): Promise<string> {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(await readFile(file, "utf8")) as { version: string }).version;
}

/** All diagnostics of flags, environment and files at once. */
async function readConfiguration({ home, tuning, diagnostics }: Settings): Promise<Home> {
  if (home === undefined) {
    const message = "--home: the folder of this validator's files is missing. Give --home DIR; see --help.";
    throw new ConfigurationError([...diagnostics, { code: "validator-settings", message }]);
  }
  const found = [...diagnostics];
  const read = await readHome(home, tuning).catch((error: unknown) => {
    found.push(...diagnosticsOf(error));
  });
  if (read === undefined || found.length > 0) throw new ConfigurationError(found);
  return read;
}

/** What has been opened so far is closed in the reverse order, once, and the process ends. */
function openLifetime(sink: LogSink) {
  const closers: (() => void | Promise<void>)[] = [];
  let isStopping = false;
  const close = async () => {
    for (let next = closers.pop(); next !== undefined; next = closers.pop()) await next();
  };
  const end = () => {
    sink.end();
    process.exit(exitCodes.stopped);
  };
  return {
    add: (closer: () => void | Promise<void>) => closers.push(closer),
    stop: (reason: string) => {
      if (isStopping) return;
      isStopping = true;
      sink.log("info", "validator stops", { reason });
      setTimeout(end, stopLimitMs);
      close().then(end, fail);
    },
  };
}

/**
 * Takes a home for this process: two validators with one key would propose twice in a round.
 *
 * @throws LockedError where a living process holds it
 */
function lockHome({ folder, key }: Home): Promise<AsyncDisposable> {
  const [run, command] = [`validator ${key.authority}`, process.argv.slice(1).join(" ")];
  return claim(join(folder, "lock"), { run, command, inUse: `The home ${folder} is in use` });
}

async function serve(settings: Settings): Promise<void> {
  const home = await readConfiguration(settings);
  // Whoever read the lines may go before this process does.
  process.stdout.on("error", () => {});
  const sink = openLog({
    level: home.config.output.level,
    write: (line) => process.stdout.write(line),
    clock: systemClock,
  });
  const { log } = sink;
  setInterval(() => sink.reportRepeats(), reportRepeatsMs).unref();
  const lifetime = openLifetime(sink);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => lifetime.stop(signal));
  if (settings.exitWithParent) {
    process.stdin.once("close", () => lifetime.stop("its parent is gone"));
    process.stdin.resume();
  }
  const lock = await lockHome(home);
  lifetime.add(async () => lock[Symbol.asyncDispose]());
  const node = new ValidatorNode({ home, log, failed: fail });
  lifetime.add(() => node[Symbol.dispose]());
  const { chain } = node;
  await node.start();
  const { rpc, metrics: metricsAddress, rpcLimits } = home.config;
  const readProcess = watchProcess();
  const metrics = () => [...chain.metrics(), ...readProcess()];
  lifetime.add((await startRpcServer({ chain, ...rpc, log, metrics, limits: rpcLimits })).close);
  lifetime.add((await startMetricsServer({ chain, ...metricsAddress, log, metrics })).close);
  log("info", "validator runs", { authority: chain.authority, height: chain.height() });
}

async function run(): Promise<void> {
  const settings = readSettings(process.argv.slice(2), process.env);
  if (settings.help) process.stdout.write(formatHelp());
  else if (settings.version) process.stdout.write(`${await readVersion()}\n`);
  else await serve(settings);
}

run().catch(fail);

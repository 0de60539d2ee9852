/**
 * Where the CPU time of a validator and of the generator goes: `node benchmarks/suite/profile.ts --help`. Prints
 * Markdown; progress goes to standard error.
 */
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Network } from "../../src/contracts/deployment.ts";
import { until } from "../../src/core/async.ts";
import { systemClock } from "../../src/core/clock.ts";
import { pidFileOf } from "../../src/deploy/process/folder.ts";
import { observeCommits } from "../../src/protocol/commits/observer.ts";
import { mysticeti } from "../../src/protocol/mysticeti.ts";
import { number, optionalNumber, readCommandLine } from "./command-line.ts";
import { startEmbedded } from "./contenders.ts";
import { type CpuProfile, type Share, summarizeProfile } from "./cpu-profile.ts";
import { formatTable } from "./markdown.ts";
import { type Profiling, profileOther, profileSelf } from "./profiler.ts";
import { measureSaturation, type Pressure, type SaturationResult } from "./saturation.ts";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const shownFunctions = 25;

async function main(): Promise<void> {
  const values = readCommandLine("Profiles the first of four validators, and the generator, under a load.", {
    rate: number("transactions per second", 8_000, 1),
    uncommitted: optionalNumber("instead of a rate: so many transactions kept uncommitted"),
    secs: number("length of the profile", 15, 1),
    subscribers: number("subscriptions to the first node's blocks", 0),
    batch: number("transactions in a request", 10, 1),
    connections: number("connections to each node", 2, 1),
  });
  const pressure: Pressure =
    values.uncommitted !== undefined
      ? { kind: "uncommitted", mostTransactions: values.uncommitted }
      : { kind: "rate", rateTps: values.rate };
  await import("../../scripts/build.mjs" as string);
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  const run = Date.now().toString(16);
  const stateDir = join(tmpdir(), "baleen-suite");
  const env = { ...process.env, NODE_OPTIONS: "--inspect-port=127.0.0.1:0" };
  await using network = await startEmbedded({ stateDir, run, env, signal: interrupt.signal });
  console.error("The committee is ready.");
  const observers = await Promise.all(
    Array.from({ length: values.subscribers }, () => observe(network, interrupt.signal)),
  );
  const url = await openInspector(network, pidFileOf(join(stateDir, "runs", run), "node0"));
  let profilings: [Profiling, Profiling] | undefined;
  let profiles: [CpuProfile, CpuProfile] | undefined;
  const result = await measureSaturation(network, {
    pressure,
    run: 1,
    connectionsPerNode: values.connections,
    batch: values.batch,
    transactionSizeBytes: 512,
    warmUpMs: 5_000,
    windowMs: values.secs * 1000,
    signal: interrupt.signal,
    onWindow: async (edge) => {
      if (edge === "begin") profilings = [await profileOther(url), await profileSelf()];
      else if (profilings !== undefined)
        profiles = [await profilings[0].finish(), await profilings[1].finish()];
    },
  });
  for (const observer of observers) await observer[Symbol.asyncDispose]();
  if (profiles !== undefined) console.log(formatReport(result, profiles));
}

/** Subscribes to the first node's blocks, as the benchmark's own client does. */
function observe(network: Network, signal: AbortSignal) {
  const fail = (reason: string) => {
    throw new Error(`The observer of node0 failed: ${reason}`);
  };
  const polling = (_everyMs: number, reason: string) => fail(reason);
  const listener = { block: () => {}, lost: fail, polling, restored: () => {}, failed: fail };
  const options = { clock: systemClock, headBytes: mysticeti.transactions.headBytes, signal };
  return observeCommits(network.endpoint("node0", "coordinator", "rpc"), listener, options);
}

/** Asks the first node to open its inspector, and finds where. */
async function openInspector(network: Network, pidFile: string): Promise<string> {
  const { pid } = JSON.parse(await readFile(pidFile, "utf8")) as { pid: number };
  process.kill(pid, "SIGUSR1");
  const find = async () => {
    const log = (await network.nodes[0]?.logs({ tailLines: 50 })) ?? "";
    return /^Debugger listening on (ws:\S+)$/m.exec(log)?.[1];
  };
  return until(find, { timeoutMs: 10_000, everyMs: 50, describe: () => "node0 opens no inspector." });
}

function formatReport(result: SaturationResult, profiles: readonly [CpuProfile, CpuProfile]): string {
  const rate = `${Math.round(result.throughputTps)} committed tx/s`;
  const cpu = `nodes ${result.nodesCpuUs.toFixed(1)} µs/tx (all four), generator ${result.generatorCpuUs.toFixed(1)} µs/tx`;
  const whose = ["Validator node0", "Generator"];
  const sections = profiles.map((profile, index) => {
    const { totalUs, parts, files, functions } = summarizeProfile(profile, root);
    const transactions = (result.throughputTps * totalUs) / 1e6;
    const table = (title: string, shares: readonly Share[]) =>
      formatShares(title, { shares, totalUs, transactions });
    const working = functions.filter(({ name }) => name !== "(idle)").slice(0, shownFunctions);
    return [
      `## ${whose[index]}`,
      table("part", parts),
      table("file", files.slice(0, shownFunctions)),
      table("function, by self time", working),
    ].join("\n\n");
  });
  const meaning =
    "Time is that of the main thread, by samples: beside other work on the machine it includes the wait for a core.";
  return [`${rate}; ${cpu}`, meaning, ...sections].join("\n\n");
}

function formatShares(
  title: string,
  { shares, totalUs, transactions }: { shares: readonly Share[]; totalUs: number; transactions: number },
): string {
  const rows = shares.map(({ name, selfUs }) => {
    const perTransaction = (selfUs / transactions).toFixed(2);
    return [name, perTransaction, `${((100 * selfUs) / totalUs).toFixed(1)} %`];
  });
  return formatTable([title, "µs per committed tx", "share"], rows);
}

await main();

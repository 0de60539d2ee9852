/**
 * What one core of a load generator can send: `node benchmarks/suite/ceiling.ts --help`.
 *
 * The tool's transports beside other generators, interleaved, each pinned to a core, against a sink on another that
 * answers at once. Transactions and CPU time are counted from outside, in the same way for all.
 */
import { describeError } from "../../src/core/errors.ts";
import { number, readCommandLine, text } from "./command-line.ts";
import { type Drive, driveDefaults, driveOurs } from "./drive.ts";
import { ceilingClaims } from "./generator/ceiling-claims.ts";
import { writeFindings } from "./generator/findings.ts";
import { benchOptions, formatSpread, readBench } from "./generator/options.ts";
import { type Bench, type Contender, measureThroughput, type Throughput } from "./generator/throughput.ts";
import { readMachineFacts } from "./machine.ts";
import { type FoundPeer, findPeers } from "./peers/catalog.ts";
import { closedSettings, type PeerSetting, peerNamed } from "./peers/commands.ts";

const values = readCommandLine("Measures what one core of a load generator can send.", {
  ...benchOptions,
  rounds: number("turns of all generators", 3, 1),
  seconds: number("window of each, after a warm-up of 2 s", 6, 1),
  only: text("REGEXP", "generators whose name it matches: 'http, |wrk'", ""),
});

const undiciScript = new URL("./peers/undici-dispatch.ts", import.meta.url).pathname;

const ours = (label: string, drive: Partial<Drive>, sink: Contender["sink"] = "c"): Contender => ({
  label,
  sink,
  command: async ({ port, seconds }) =>
    driveOurs({ ...driveDefaults, ...drive, port, seconds: Math.ceil(seconds) }),
});

const undici: Contender = {
  label: "undici dispatch, 50 connections, unique ids",
  sink: "c",
  command: async ({ port, seconds }) => ({
    argv: [process.execPath, undiciScript, `${port}`, "50", `${seconds}`],
  }),
};

const ourContenders: readonly Contender[] = [
  ours("baleen http, 50 × 1", { connections: 50, inFlight: 1 }),
  ours("baleen http, 4 × 64", {}),
  ours("baleen http, 2 × 512", { connections: 2, inFlight: 512 }),
  ours("baleen http-batch, 2 × 50 × 10", {
    transport: "http-batch",
    connections: 2,
    inFlight: 50,
    batch: 10,
  }),
  ours("baleen websocket, 4 × 64", { transport: "websocket" }),
  ours("baleen websocket, 4 × 256", { transport: "websocket", inFlight: 256 }),
  ours("baleen undici, 50 × 1", { transport: "undici", connections: 50, inFlight: 1 }),
  ours("baleen http, 4 × 64, to node:http", {}, "node"),
];

/** @returns undefined where the peer is not installed */
function peerContender(setting: PeerSetting, found: readonly FoundPeer[]): Contender | undefined {
  const peer = peerNamed(found, setting.peer);
  if ("missing" in peer) return undefined;
  const { label, connections, prepare } = setting;
  const command: Contender["command"] = async (load) => ({
    argv: [...peer.argv, ...(await prepare({ ...load, connections }))],
    env: peer.env,
  });
  return { label, sink: "c", command };
}

async function main(): Promise<void> {
  const bench = readBench(values);
  const machine = readMachineFacts();
  const found = await findPeers(bench.cache, process.env.PATH ?? "");
  const all = [
    ...ourContenders,
    undici,
    ...closedSettings.flatMap((each) => peerContender(each, found) ?? []),
  ];
  const only = new RegExp(values.only);
  const contenders = all.filter(({ label }) => only.test(label));
  const [rounds, warmUpSecs, windowSecs] = values.quick ? [1, 1, 1] : [values.rounds, 2, values.seconds];
  const taken: Taken = { measured: new Map(contenders.map(({ label }) => [label, []])), failures: new Map() };
  for (let round = 1; round <= rounds; round++) {
    for (const contender of contenders) {
      console.error(`${round}/${rounds} ${await take(contender, { bench, warmUpSecs, windowSecs }, taken)}`);
    }
  }
  const turns = `${rounds} turns of ${windowSecs} s each`;
  await writeFindings(findingsOf(taken, { bench, found, turns }), { machine, folder: values.results });
}

/** What was measured, and why not. */
interface Taken {
  readonly measured: Map<string, Throughput[]>;
  readonly failures: Map<string, string>;
}

/** Measures once. @returns a line about it */
async function take(
  contender: Contender,
  options: Parameters<typeof measureThroughput>[1],
  { measured, failures }: Taken,
): Promise<string> {
  const { label } = contender;
  try {
    const one = await measureThroughput(contender, options);
    measured.get(label)?.push(one);
    return `${label}: ${one.tps.toFixed(0)} tx/s, ${one.cpuUs.toFixed(2)} µs`;
  } catch (error) {
    failures.set(label, describeError(error).replaceAll(/\s+/g, " ").slice(0, 500));
    return `${label}: failed: ${describeError(error)}`;
  }
}

function findingsOf(
  { measured, failures }: Taken,
  { bench, found, turns }: { bench: Bench; found: readonly FoundPeer[]; turns: string },
) {
  return {
    name: "ceiling",
    title: "What one core of a load generator can send",
    method:
      `Transactions of 512 bytes as broadcast_tx_async. The generator has one core, the sink another; ${turns}, ` +
      "interleaved: median (least–most). Transactions are counted by the sink, CPU time by the kernel, of all of the " +
      "generator's threads. × marks where the sink was the limit. Baleen makes every transaction different, reads " +
      "every reply and records its latency; 'unique ids' differ in the request's id alone, 'static' requests are all " +
      "the same.",
    setting: [
      `generator on core ${bench.generatorCores}, sink on core ${bench.sinkCores}`,
      `peers: ${found.map(({ peer }) => `${peer.name} ${peer.version}`).join(", ")}`,
    ],
    claims: ceilingClaims(measured),
    tables: [
      {
        title: "By generator",
        head: ["generator", "tx/s", "CPU µs/tx", "core", "sink"],
        rows: [...measured].map(rowOf),
      },
    ],
    notes: [
      ...found.flatMap((each) =>
        "missing" in each ? [`NOT MEASURED: ${each.peer.name}: ${each.missing}`] : [],
      ),
      ...[...failures].map(([label, reason]) => `FAILED: ${label}: ${reason}`),
    ],
    raw: Object.fromEntries(
      [...measured].map(([label, each]) => [label, each.map(({ said: _, ...rest }) => rest)]),
    ),
  };
}

const sinkLimitRatio = 0.95;

function rowOf([label, each]: readonly [string, readonly Throughput[]]): string[] {
  const share = (pick: (one: Throughput) => number) => formatSpread(each.map(pick), 2);
  const limited = each.some(({ sinkBusyRatio }) => sinkBusyRatio > sinkLimitRatio) ? " ×" : "";
  return [
    label,
    `${formatSpread(each.map(({ tps }) => tps))}${limited}`,
    share(({ cpuUs }) => cpuUs),
    share(({ generatorBusyRatio }) => generatorBusyRatio),
    share(({ sinkBusyRatio }) => sinkBusyRatio),
  ];
}

main().catch((error: unknown) => {
  console.error(`ceiling: ${describeError(error)}`);
  process.exitCode = 1;
});

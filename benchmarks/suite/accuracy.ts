/**
 * Whether reported latencies are true: `node benchmarks/suite/accuracy.ts --help`.
 *
 * A sink delays its replies by known times, and records when each transaction came and was answered. What the tool
 * reports is compared with that record; what the peers report, with the theory of an even load.
 */
import { setTimeout as delay } from "node:timers/promises";
import { describeError } from "../../src/core/errors.ts";
import { number, readCommandLine } from "./command-line.ts";
import { parseDriveReports } from "./drive.ts";
import {
  accuracyClaims,
  type Case,
  type Floor,
  floorOf,
  type Judged,
  stopClaim,
} from "./generator/accuracy-claims.ts";
import { measurePacing, recordedLatencyMs, theoreticalLatencyMs } from "./generator/arrivals.ts";
import { writeFindings } from "./generator/findings.ts";
import { benchOptions, readBench } from "./generator/options.ts";
import {
  type PacedContender,
  readingFloor,
  runPaced,
  spinFloor,
  windowOf,
  wrk2Method,
} from "./generator/paced.ts";
import { oursAtRate, ownWarmUpSecs, peersAtRate } from "./generator/paced-contenders.ts";
import { readMachineFacts } from "./machine.ts";
import { k6AtRate, wrk2AtRate } from "./peers/commands.ts";
import { parseK6Summary, parseWrk2Latency } from "./peers/summaries.ts";

const values = readCommandLine("Compares reported latencies with known ones.", {
  ...benchOptions,
  rounds: number("turns of all generators in each case", 3, 1),
  seconds: number("window of each", 24, 2),
  rate: number("transactions per second where delays are known", 1_000, 1),
  "stop-rate": number("transactions per second where the sink is stopped once", 5_000, 1),
});

/** Enough that every request has a connection of its own, so that none waits for another's reply, even after a stop. */
const connections = 1_500;
/** wrk2's own form: tens of connections, each with one request under way. */
const methodConnections = 50;
/** Fewer than ours, since the loop asks the kernel about all of them each time round; replies come in their order. */
const floorConnections = 100;
const stopSecs = 1;
/** The window of the stop: its 99th percentile then lies in the stop, as in the theory. */
const stopWindowSecs = 8;

const bench = readBench(values);
const failures: string[] = [];
const warmUpSecs = values.quick ? 0 : ownWarmUpSecs;
const ours = oursAtRate("baleen http", { connections, inFlight: 1, warmUpSecs });

const cases: readonly Case[] = [
  { name: "fixed, 5 ms", delays: { delayMs: 5 } },
  { name: "5 % take 30 ms, the others 1 ms", delays: { delayMs: 1, slow: { ratio: 0.05, delayMs: 30 } } },
  {
    name: "2 ms, stops of 1 s",
    delays: { delayMs: 2, stall: { everySecs: values.quick ? 2 : 8, forSecs: stopSecs } },
  },
];

async function main(): Promise<void> {
  const machine = readMachineFacts();
  const path = process.env.PATH ?? "";
  const peers = await peersAtRate([k6AtRate, wrk2AtRate], { cache: bench.cache, path, connections });
  const method = await wrk2Method(bench.cache, methodConnections);
  const [rounds, seconds] = values.quick ? [1, 3] : [values.rounds, values.seconds];
  const floor = await measureFloor(seconds);
  const reader = await readingFloor(bench.cache, floorConnections);
  const judged: Judged[] = [];
  for (const each of cases) {
    for (let round = 0; round < rounds; round++) {
      judged.push(...(await attempt(() => judgeOurs(each, seconds), `baleen, ${each.name}`)));
      judged.push(
        ...(await attempt(() => judgeFloor(reader, each, seconds), `${reader.label}, ${each.name}`)),
      );
      for (const peer of [method, ...peers.contenders]) {
        judged.push(...(await attempt(() => judgePeer(peer, each, seconds), `${peer.label}, ${each.name}`)));
      }
    }
  }
  const stops: number[] = [];
  for (let round = 0; round < rounds; round++) stops.push(...(await attempt(measureStop, "the stop")));
  await writeFindings(
    {
      name: "accuracy",
      title: "Whether reported latencies are true",
      method:
        `A sink answers ${values.rate} tx/s after known delays, ${rounds} turns of ${seconds} s (Baleen: after ${warmUpSecs} s of warm-up, ` +
        "as in a run of the default length). The tool's due → reply is " +
        "compared with the sink's own record (reply's time minus the transaction's place on the ideal line); what peers " +
        "report, with the theory of an even load. Errors are the middle of the rounds, beside those of a loop in C that " +
        "does nothing but send and read. In the last case the sink is " +
        `stopped for ${stopSecs} s by SIGSTOP in a window of ${stopWindowSecs} s.`,
      setting: [
        `generator on core ${bench.generatorCores}, sink on core ${bench.sinkCores}; ${connections} connections, one request each`,
        `peers: ${peers.found.map(({ peer }) => `${peer.name} ${peer.version}`).join(", ")}`,
        `p99.9 of the C spin loop's distance from the ideal line at this rate: ${floor.p999Ms.toFixed(3)} ms`,
      ],
      claims: [
        ...cases.flatMap((each) => {
          const of = (label: string) => judged.filter(({ generator }) => generator === label);
          return accuracyClaims(each, { own: of(ours.label), floor: of(reader.label) }, floor);
        }),
        stopClaim(stops, { stopSecs, windowSecs: stopWindowSecs }),
      ],
      tables: [{ title: "Reported, and what was true, ms", head: columns, rows: judged.map(rowOf) }],
      notes: [...peers.missing, ...failures],
      raw: { judged, stops, floor },
    },
    { machine, folder: values.results },
  );
}

async function attempt<T>(measure: () => Promise<T>, what: string): Promise<T[]> {
  try {
    return [await measure()];
  } catch (error) {
    failures.push(`FAILED: ${what}: ${describeError(error).replaceAll(/\s+/g, " ").slice(0, 400)}`);
    console.error(failures.at(-1));
    return [];
  }
}

async function measureFloor(seconds: number): Promise<Floor> {
  const { record } = await runPaced(await spinFloor(bench.cache), { bench, rateTps: values.rate, seconds });
  return floorOf(measurePacing(record.arrivedMs, values.rate));
}

async function judgeOurs({ name, delays }: Case, seconds: number): Promise<Judged> {
  const load = { bench, rateTps: values.rate, seconds: warmUpSecs + seconds, sink: delays };
  const { record, said } = await runPaced(ours, load);
  const [report] = parseDriveReports(said);
  if (report === undefined || report.failed + report.dropped > 0) {
    throw new Error(`not all transactions were acknowledged: ${JSON.stringify(report)}`);
  }
  const { p50, p99, p999 } = report.responseMs;
  console.error(`baleen, ${name}: p50 ${p50} ms, p99 ${p99} ms, p99.9 ${p999} ms`);
  return {
    generator: ours.label,
    case: name,
    reported: { p50, p99, p999 },
    known: recordedLatencyMs(windowOf(record, warmUpSecs), values.rate),
    by: "the sink's record",
  };
}

async function judgeFloor(reader: PacedContender, { name, delays }: Case, seconds: number): Promise<Judged> {
  const { record, said } = await runPaced(reader, {
    bench,
    rateTps: values.rate,
    seconds,
    sink: delays,
  });
  const known = recordedLatencyMs(record, values.rate);
  return {
    generator: reader.label,
    case: name,
    reported: parseWrk2Latency(said),
    known,
    by: "the sink's record",
  };
}

async function judgePeer(peer: PacedContender, { name, delays }: Case, seconds: number): Promise<Judged> {
  const load = { bench, rateTps: values.rate, seconds, sink: delays };
  const { said, summary } = await runPaced(peer, load);
  const reported = summary === "" ? parseWrk2Latency(said) : parseK6Summary(summary);
  const known = theoreticalLatencyMs(delays, { rateTps: values.rate, seconds });
  return { generator: peer.label, case: name, reported, known, by: "theory" };
}

/** Stops the sink once, in the middle of the window. @returns the reported p99, ms */
async function measureStop(): Promise<number> {
  const rateTps = values["stop-rate"];
  const contender = oursAtRate("baleen http", { connections: 64, inFlight: 128 });
  const { said } = await runPaced(contender, {
    bench,
    rateTps,
    seconds: stopWindowSecs,
    meanwhile: async (sink) => {
      while ((await sink.totals()).transactions === 0) await delay(50);
      await delay((stopWindowSecs / 2) * 1000);
      sink.process.kill("SIGSTOP");
      await delay(stopSecs * 1000);
      sink.process.kill("SIGCONT");
    },
  });
  const [report] = parseDriveReports(said);
  const p99 = report?.responseMs.p99;
  if (p99 === undefined) throw new Error(`no latency was reported: ${JSON.stringify(report)}`);
  console.error(`baleen, a stop of ${stopSecs} s: p99 ${p99} ms`);
  return p99;
}

const columns = ["generator, delays", "p50", "true", "p99", "true", "p99.9", "true", "true by"];

function rowOf({ generator, case: name, reported, known, by }: Judged): string[] {
  const show = (value: number | undefined) => value?.toFixed(3) ?? "—";
  return [
    `${generator}, ${name}`,
    ...[show(reported.p50), show(known.p50)],
    ...[show(reported.p99), show(known.p99)],
    ...[show(reported.p999), show(known.p999)],
    by,
  ];
}

main().catch((error: unknown) => {
  console.error(`accuracy: ${describeError(error)}`);
  process.exitCode = 1;
});

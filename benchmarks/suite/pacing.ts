/**
 * How evenly a load generator sends, seen from the sink: `node benchmarks/suite/pacing.ts --help`.
 *
 * Every rate is run by the tool, by its peers and by a spin loop in C that gives the machine's floor, in turns.
 */
import { describeError } from "../../src/core/errors.ts";
import { number, numbers, readCommandLine } from "./command-line.ts";
import { measurePacing, type Pacing } from "./generator/arrivals.ts";
import { type Claim, writeFindings } from "./generator/findings.ts";
import { benchOptions, formatSpread, median, readBench } from "./generator/options.ts";
import { type PacedContender, runPaced, spinFloor, windowOf, wrk2Method } from "./generator/paced.ts";
import { oursAtRate, ownWarmUpSecs, peersAtRate } from "./generator/paced-contenders.ts";
import { readMachineFacts } from "./machine.ts";
import { cometBftLoadTestAtRate, k6AtRate, vegetaAtRate, wrk2AtRate } from "./peers/commands.ts";

const values = readCommandLine("Measures how evenly load generators send, seen from the sink.", {
  ...benchOptions,
  rates: numbers("transactions per second", "1000,10000,50000"),
  rounds: number("turns of all generators at each rate", 3, 1),
  seconds: number("window of each, after a warm-up of 2 s", 10, 1),
  "long-seconds": number(
    "window in which the rate itself is measured, once at each rate; 0: not at all",
    100,
  ),
  "most-peer-rate": number("peers are not asked for more than this", 10_000),
});

/** More than the floor's p99 by so much at most. */
const allowedUs = (rateTps: number) => (rateTps >= 50_000 ? 500 : 250);
const allowedRateError = 0.0001;
/** A machine whose floor is higher is busy with something else: nothing follows from what comes on top of it. */
const mostFloorUs = 1_000;
const warmUpSecs = 2;
const connections = 50;

interface Measured {
  readonly label: string;
  readonly rateTps: number;
  readonly rounds: Pacing[];
}

const bench = readBench(values);
const ours = oursAtRate("baleen http", { connections: 8, inFlight: 64 });
const failures: string[] = [];

async function main(): Promise<void> {
  const machine = readMachineFacts();
  const floor = await spinFloor(bench.cache);
  const method = await wrk2Method(bench.cache, connections);
  const settings = [k6AtRate, vegetaAtRate, wrk2AtRate, cometBftLoadTestAtRate];
  const path = process.env.PATH ?? "";
  const peers = await peersAtRate(settings, { cache: bench.cache, path, connections });
  const [rounds, seconds, longSecs] = values.quick
    ? [1, 2, 0]
    : [values.rounds, values.seconds, values["long-seconds"]];
  const measured: Measured[] = [];
  for (const rateTps of values.rates) {
    const others = rateTps <= values["most-peer-rate"] ? peers.contenders : [];
    const contenders = [floor, ours, method, ...others];
    const own = contenders.map(({ label }): Measured => ({ label, rateTps, rounds: [] }));
    measured.push(...own);
    for (let round = 0; round < rounds; round++) {
      for (const [index, contender] of contenders.entries()) {
        own[index]?.rounds.push(...(await measure(contender, { rateTps, seconds })));
      }
    }
  }
  const long: Measured[] = [];
  for (const rateTps of longSecs > 0 ? values.rates : []) {
    long.push({ label: ours.label, rateTps, rounds: await measure(ours, { rateTps, seconds: longSecs }) });
  }
  await writeFindings(
    {
      name: "pacing",
      title: "How evenly transactions are sent",
      method:
        `Distance of each arrival at the sink from the ideal line, on which transactions are 1 / rate apart; the earliest ` +
        `arrival is on it. ${rounds} turns of ${seconds} s after ${warmUpSecs} s of warm-up (Baleen: ` +
        `${ownWarmUpSecs} s, as in a run of the default length), interleaved: median ` +
        "(least–most). The sink never sleeps. The floor is a loop in C that reads the clock and sends.",
      setting: [
        `generator on core ${bench.generatorCores}, sink on core ${bench.sinkCores}`,
        `peers: ${peers.found.map(({ peer }) => `${peer.name} ${peer.version}`).join(", ")}; ${connections} connections`,
      ],
      claims: [...values.rates.map((rateTps) => distanceClaim(measured, rateTps)), ...long.map(rateClaim)],
      tables: [
        {
          title: "Distance from the ideal line, µs",
          head: ["generator, tx/s", "p50", "p99", "p99.9", "rate reached, tx/s"],
          rows: measured.map(rowOf),
        },
      ],
      notes: [...peers.missing, ...failures],
      raw: { measured, long },
    },
    { machine, folder: values.results },
  );
}

/** One, or none where it failed. */
async function measure(
  contender: PacedContender,
  { rateTps, seconds }: { readonly rateTps: number; readonly seconds: number },
): Promise<Pacing[]> {
  try {
    const beforeSecs = contender === ours && !values.quick ? ownWarmUpSecs : warmUpSecs;
    const { record } = await runPaced(contender, { bench, rateTps, seconds: seconds + beforeSecs });
    const { arrivedMs } = windowOf(record, beforeSecs, seconds);
    if (arrivedMs.length < 2) throw new Error("hardly anything came to the sink");
    const pacing = measurePacing(arrivedMs, rateTps);
    console.error(
      `${contender.label} at ${rateTps} tx/s: p50 ${pacing.p50Us.toFixed(0)} µs, p99 ${pacing.p99Us.toFixed(0)} µs`,
    );
    return [pacing];
  } catch (error) {
    const failure = `FAILED: ${contender.label} at ${rateTps} tx/s: ${describeError(error).replaceAll(/\s+/g, " ").slice(0, 400)}`;
    console.error(failure);
    failures.push(failure);
    return [];
  }
}

function distanceClaim(measured: readonly Measured[], rateTps: number): Claim {
  const p99 = (wanted: (label: string) => boolean) => {
    const one = measured.find((each) => each.rateTps === rateTps && wanted(each.label));
    return median((one?.rounds ?? []).map(({ p99Us }) => p99Us));
  };
  const [own, floor] = [p99((label) => label === ours.label), p99((label) => label.startsWith("C spin"))];
  const more = own - floor;
  const shown = `floor ${floor.toFixed(0)} + ${more.toFixed(0)} µs`;
  const isBusy = floor > mostFloorUs;
  const judged = Number.isNaN(more) || isBusy ? undefined : more <= allowedUs(rateTps);
  return {
    what: `p99 distance from the ideal line at ${rateTps} tx/s`,
    asked: `≤ floor + ${allowedUs(rateTps)} µs`,
    measured: Number.isNaN(more)
      ? "a run failed"
      : isBusy
        ? `${shown}: the machine is too busy to tell`
        : shown,
    holds: judged,
  };
}

function rateClaim({ rateTps, rounds }: Measured): Claim {
  const [pacing] = rounds;
  const error = pacing === undefined ? Number.NaN : pacing.rateTps / rateTps - 1;
  return {
    what: `rate over ${values["long-seconds"]} s at ${rateTps} tx/s`,
    asked: "within 0.01 %",
    measured: Number.isNaN(error) ? "the run failed" : `${(error * 100).toFixed(4)} %`,
    holds: Number.isNaN(error) ? undefined : Math.abs(error) <= allowedRateError,
  };
}

function rowOf({ label, rateTps, rounds }: Measured): string[] {
  const column = (pick: (pacing: Pacing) => number, digits = 0) => formatSpread(rounds.map(pick), digits);
  return [
    `${label}, ${rateTps}`,
    column(({ p50Us }) => p50Us),
    column(({ p99Us }) => p99Us),
    column(({ p999Us }) => p999Us),
    column((pacing) => pacing.rateTps, 1),
  ];
}

main().catch((error: unknown) => {
  console.error(`pacing: ${describeError(error)}`);
  process.exitCode = 1;
});

/**
 * What more threads cost: `node benchmarks/suite/workers.ts --help`.
 *
 * CPU time per transaction with one, two and four clients, each in a thread of its own, on the same cores.
 */
import { describeError } from "../../src/core/errors.ts";
import { number, numbers, readCommandLine } from "./command-line.ts";
import { driveDefaults, driveOurs } from "./drive.ts";
import { type Claim, writeFindings } from "./generator/findings.ts";
import { benchOptions, formatSpread, median, readBench } from "./generator/options.ts";
import { type Contender, measureThroughput, type Throughput } from "./generator/throughput.ts";
import { readMachineFacts } from "./machine.ts";

const values = readCommandLine("Measures CPU time per transaction by the number of clients.", {
  ...benchOptions,
  clients: numbers("threads; the first is what the others are compared with", "1,2,4"),
  rate: number("transactions per second of each client in the paced runs", 50_000, 1),
  rounds: number("turns of all", 3, 1),
  seconds: number("window of each", 6, 1),
});

const mostRatio = 1.1;

interface Setting {
  readonly label: string;
  readonly clients: number;
  readonly rateTps: number | "most";
}

/** Each client's code is compiled by itself, four on one core one after the other. */
const warmUpSecs = 15;

/** Each client has as much to do, and as many connections, as one by itself. */
const contender = ({ label, clients, rateTps }: Setting): Contender => ({
  label,
  sink: "c",
  command: async ({ port, seconds }) =>
    driveOurs({
      ...driveDefaults,
      port,
      connections: 8,
      rateTps: rateTps === "most" ? rateTps : rateTps * clients,
      clients,
      // A thread that turns its loop over while it waits would measure the waiting.
      pacing: "eco",
      seconds: Math.ceil(seconds),
    }),
});

async function main(): Promise<void> {
  const bench = readBench(values);
  const machine = readMachineFacts();
  const [rounds, beforeSecs, windowSecs] = values.quick
    ? [1, 1, 1]
    : [values.rounds, warmUpSecs, values.seconds];
  const settings = (["most", values.rate] as const).flatMap((rateTps) =>
    values.clients.map((clients): Setting => {
      const load = rateTps === "most" ? "as fast as it goes" : `${rateTps} tx/s each`;
      return { label: `${clients} ${clients === 1 ? "client" : "clients"}, ${load}`, clients, rateTps };
    }),
  );
  const measured = new Map(settings.map((setting) => [setting, [] as Throughput[]]));
  for (let round = 0; round < rounds; round++) {
    for (const [setting, turns] of measured) {
      const one = await measureThroughput(contender(setting), { bench, warmUpSecs: beforeSecs, windowSecs });
      console.error(`${setting.label}: ${one.tps.toFixed(0)} tx/s, ${one.cpuUs.toFixed(3)} µs`);
      turns.push(one);
    }
  }
  await writeFindings(
    {
      name: "workers",
      title: "CPU time per transaction by the number of clients",
      method:
        `Each client is a thread with a load of its own and 8 connections with 64 requests each, all on the same cores; ` +
        `${rounds} turns of ${windowSecs} s after ${beforeSecs} s of warm-up, interleaved: median (least–most). CPU time is that of the whole process, by the kernel.`,
      setting: [`generator on cores ${bench.generatorCores}, sink on core ${bench.sinkCores}`],
      claims: claims(measured),
      tables: [
        {
          title: "By clients",
          head: ["clients", "tx/s", "CPU µs/tx"],
          rows: [...measured].map(([{ label }, turns]) => [
            label,
            formatSpread(turns.map(({ tps }) => tps)),
            formatSpread(
              turns.map(({ cpuUs }) => cpuUs),
              3,
            ),
          ]),
        },
      ],
      notes: [],
      raw: [...measured].map(([{ label }, turns]) => ({
        label,
        turns: turns.map(({ said: _, ...rest }) => rest),
      })),
    },
    { machine, folder: values.results },
  );
}

/** A ratio is taken within each round; the median counts. */
function claims(measured: ReadonlyMap<Setting, readonly Throughput[]>): Claim[] {
  const all = [...measured];
  return all.flatMap(([{ clients, rateTps, label }, turns]) => {
    const one = all.find(([first]) => first.rateTps === rateTps);
    if (one === undefined || one[0].clients === clients) return [];
    const ratio = median(turns.map(({ cpuUs }, round) => cpuUs / (one[1][round]?.cpuUs ?? Number.NaN)));
    return {
      what: `CPU per transaction with ${label}`,
      asked: `≤ ${mostRatio} × that with ${one[0].clients}`,
      measured: `${ratio.toFixed(3)} ×`,
      holds: ratio <= mostRatio,
    };
  });
}

main().catch((error: unknown) => {
  console.error(`workers: ${describeError(error)}`);
  process.exitCode = 1;
});

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
  rate: number("transactions per second of the paced runs, of all clients together", 100_000, 1),
  rounds: number("turns of all", 3, 1),
  seconds: number("window of each, after a warm-up of 2 s", 6, 1),
});

const mostRatio = 1.1;

interface Setting {
  readonly label: string;
  readonly clients: number;
  readonly rateTps: number | "most";
}

/** Connections and requests under way are the same in all, of all clients together. */
const contender = ({ label, clients, rateTps }: Setting): Contender => ({
  label,
  sink: "c",
  command: async ({ port, seconds }) =>
    driveOurs({
      ...driveDefaults,
      port,
      connections: 8 / clients,
      rateTps,
      clients,
      // A thread that turns its loop over while it waits would measure the waiting.
      pacing: "eco",
      seconds: Math.ceil(seconds),
    }),
});

async function main(): Promise<void> {
  const bench = readBench(values);
  const machine = readMachineFacts();
  const [rounds, warmUpSecs, windowSecs] = values.quick ? [1, 1, 1] : [values.rounds, 2, values.seconds];
  const settings = (["most", values.rate] as const).flatMap((rateTps) =>
    values.clients.map((clients): Setting => {
      const load = rateTps === "most" ? "as fast as it goes" : `${rateTps} tx/s`;
      return { label: `${clients} ${clients === 1 ? "client" : "clients"}, ${load}`, clients, rateTps };
    }),
  );
  const measured = new Map(settings.map((setting) => [setting, [] as Throughput[]]));
  for (let round = 0; round < rounds; round++) {
    for (const [setting, turns] of measured) {
      const one = await measureThroughput(contender(setting), { bench, warmUpSecs, windowSecs });
      console.error(`${setting.label}: ${one.tps.toFixed(0)} tx/s, ${one.cpuUs.toFixed(3)} µs`);
      turns.push(one);
    }
  }
  await writeFindings(
    {
      name: "workers",
      title: "CPU time per transaction by the number of clients",
      method:
        `Each client is a thread with its share of the load and of 8 connections with 64 requests each; ${rounds} turns of ` +
        `${windowSecs} s, interleaved: median (least–most). CPU time is that of the whole process, by the kernel.`,
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

function claims(measured: ReadonlyMap<Setting, readonly Throughput[]>): Claim[] {
  const all = [...measured];
  const fastest = all.filter(([{ rateTps }]) => rateTps === "most");
  const [one, ...more] = fastest;
  return more.map(([{ clients }, turns]) => {
    const ratio = median(turns.map(({ cpuUs }, round) => cpuUs / (one?.[1][round]?.cpuUs ?? Number.NaN)));
    return {
      what: `CPU per transaction with ${clients} clients, as fast as it goes`,
      asked: `≤ ${mostRatio} × that with ${one?.[0].clients}`,
      measured: `${ratio.toFixed(3)} ×`,
      holds: ratio <= mostRatio,
    };
  });
}

main().catch((error: unknown) => {
  console.error(`workers: ${describeError(error)}`);
  process.exitCode = 1;
});

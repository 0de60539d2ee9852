/**
 * Whether a high rate is kept in an open loop: `node benchmarks/suite/open-loop.ts --help`.
 *
 * One core, a fixed rate, a sink that answers at once: nothing may be dropped, nearly all has to be answered, and the
 * sends have to be on time.
 */
import { describeError } from "../../src/core/errors.ts";
import { number, readCommandLine, text } from "./command-line.ts";
import { type DriveReport, driveDefaults, driveOurs, parseDriveReports } from "./drive.ts";
import { type Claim, writeFindings } from "./generator/findings.ts";
import { benchOptions, formatSpread, median, readBench } from "./generator/options.ts";
import { measureThroughput } from "./generator/throughput.ts";
import { readMachineFacts } from "./machine.ts";

const values = readCommandLine("Measures whether a high rate is kept, in an open loop, on one core.", {
  ...benchOptions,
  rate: number("transactions per second", 500_000, 1),
  rounds: number("turns", 3, 1),
  seconds: number("window of each, after a warm-up of 2 s", 10, 1),
  transport: text("KIND", "http, http-batch or websocket", "http"),
});

const leastAchievedRatio = 0.9999;
const mostLatenessMs = 1;
const warmUpSecs = 2;

interface Turn {
  readonly report: DriveReport;
  readonly tps: number;
  readonly cpuUs: number;
}

async function main(): Promise<void> {
  const bench = readBench(values);
  const machine = readMachineFacts();
  const [rounds, seconds] = values.quick ? [1, 1] : [values.rounds, values.seconds];
  const transport = readTransport(values.transport);
  const turns: Turn[] = [];
  for (let round = 0; round < rounds; round++) {
    const contender = {
      label: `baleen ${transport}`,
      sink: "c",
      command: async ({ port, seconds: atLeast }: { port: number; seconds: number }) =>
        driveOurs({
          ...driveDefaults,
          port,
          transport,
          connections: 8,
          inFlight: transport === "http-batch" ? 32 : 256,
          batch: 10,
          rateTps: values.rate,
          warmUpSecs,
          seconds: Math.ceil(atLeast) - warmUpSecs,
        }),
    } as const;
    const { said, tps, cpuUs } = await measureThroughput(contender, {
      bench,
      warmUpSecs,
      windowSecs: seconds,
    });
    const [report] = parseDriveReports(said);
    if (report === undefined) throw new Error("The drive reported nothing.");
    turns.push({ report, tps, cpuUs });
    console.error(`${tps.toFixed(0)} tx/s, ${cpuUs.toFixed(2)} µs, ${JSON.stringify(report)}`);
  }
  const column = (pick: (turn: Turn) => number, digits: number) => formatSpread(turns.map(pick), digits);
  await writeFindings(
    {
      name: transport === "http" ? "open-loop" : `open-loop-${transport}`,
      title: `An open loop at ${values.rate} tx/s on one core`,
      method:
        `Transport ${transport}, ${rounds} turns of ${seconds} s after ${warmUpSecs} s of warm-up: median (least–most). ` +
        "Lateness is from due to handed to the transport, achieved what was acknowledged of what was due in the window.",
      setting: [`generator on core ${bench.generatorCores}, sink on core ${bench.sinkCores}`],
      claims: claims(turns),
      tables: [
        {
          title: "Turns",
          head: ["what", "value"],
          rows: [
            ["tx/s at the sink", column(({ tps }) => tps, 0)],
            ["CPU µs/tx", column(({ cpuUs }) => cpuUs, 2)],
            ["dropped", column(({ report }) => report.dropped, 0)],
            ["failed", column(({ report }) => report.failed, 0)],
            ["lateness p50, ms", column(({ report }) => report.latenessMs.p50 ?? Number.NaN, 3)],
            ["lateness p99, ms", column(({ report }) => report.latenessMs.p99 ?? Number.NaN, 3)],
            ["due → reply p50, ms", column(({ report }) => report.responseMs.p50 ?? Number.NaN, 3)],
            ["due → reply p99, ms", column(({ report }) => report.responseMs.p99 ?? Number.NaN, 3)],
          ],
        },
      ],
      notes: [],
      raw: turns,
    },
    { machine, folder: values.results },
  );
}

function claims(turns: readonly Turn[]): Claim[] {
  const dropped = turns.reduce((sum, { report }) => sum + report.dropped, 0);
  const achieved = median(turns.map(({ report }) => report.acknowledged / report.scheduled));
  const latenessMs = median(turns.map(({ report }) => report.latenessMs.p99 ?? Number.NaN));
  return [
    { what: "dropped, all turns", asked: "0", measured: `${dropped}`, holds: dropped === 0 },
    {
      what: "achieved / offered",
      asked: `≥ ${leastAchievedRatio}`,
      measured: achieved.toFixed(6),
      holds: achieved >= leastAchievedRatio,
    },
    {
      what: "p99 lateness",
      asked: `≤ ${mostLatenessMs} ms`,
      measured: `${latenessMs.toFixed(3)} ms`,
      holds: latenessMs <= mostLatenessMs,
    },
  ];
}

function readTransport(given: string): "http" | "http-batch" | "websocket" {
  if (given === "http" || given === "http-batch" || given === "websocket") return given;
  throw new Error(`--transport: "${given}" is none of http, http-batch, websocket.`);
}

main().catch((error: unknown) => {
  console.error(`open-loop: ${describeError(error)}`);
  process.exitCode = 1;
});

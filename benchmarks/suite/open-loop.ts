/**
 * Whether a high rate is kept in an open loop: `node benchmarks/suite/open-loop.ts --help`.
 *
 * One core, a fixed rate, a sink that answers at once: nothing may be dropped, nearly all has to be answered, and the
 * sends have to be on time.
 */
import { describeError } from "../../src/core/errors.ts";
import { number, readCommandLine, text } from "./command-line.ts";
import { type Drive, type DriveReport, driveDefaults, driveOurs, parseDriveReports } from "./drive.ts";
import { type Claim, writeFindings } from "./generator/findings.ts";
import { benchOptions, formatSpread, median, readBench } from "./generator/options.ts";
import { type Contender, measureThroughput } from "./generator/throughput.ts";
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
  const contender: Contender = {
    label: `baleen ${transport}`,
    sink: "c",
    command: async (load) => driveOurs({ ...driveOf(transport), ...withWarmUp(load) }),
  };
  const turns: Turn[] = [];
  for (let round = 0; round < rounds; round++) {
    const measured = await measureThroughput(contender, { bench, warmUpSecs, windowSecs: seconds });
    const { said, tps, cpuUs } = measured;
    const [report] = parseDriveReports(said);
    if (report === undefined) throw new Error("The drive reported nothing.");
    turns.push({ report, tps, cpuUs });
    console.error(`${tps.toFixed(0)} tx/s, ${cpuUs.toFixed(2)} µs, ${JSON.stringify(report)}`);
  }
  await writeFindings(
    {
      name: transport === "http" ? "open-loop" : `open-loop-${transport}`,
      title: `An open loop at ${values.rate} tx/s on one core`,
      method:
        `Transport ${transport}, ${rounds} turns of ${seconds} s after ${warmUpSecs} s of warm-up: median (least–most). ` +
        "Lateness is from due to handed to the transport, achieved what was acknowledged of what was due in the window.",
      setting: [`generator on core ${bench.generatorCores}, sink on core ${bench.sinkCores}`],
      claims: claims(turns),
      tables: [{ title: "Turns", head: ["what", "value"], rows: rowsOf(turns) }],
      notes: [],
      raw: turns,
    },
    { machine, folder: values.results },
  );
}

function driveOf(transport: Drive["transport"]) {
  const inFlight = transport === "http-batch" ? 32 : 256;
  return { ...driveDefaults, transport, connections: 8, inFlight, batch: 10, rateTps: values.rate };
}

/** The window begins after the warm-up, also in the tool's own report. */
function withWarmUp({ port, seconds }: { readonly port: number; readonly seconds: number }) {
  return { port, warmUpSecs, seconds: Math.ceil(seconds) - warmUpSecs };
}

function rowsOf(turns: readonly Turn[]): string[][] {
  const row = (name: string, pick: (turn: Turn) => number | undefined, digits: number) => [
    name,
    formatSpread(
      turns.map((turn) => pick(turn) ?? Number.NaN),
      digits,
    ),
  ];
  return [
    row("tx/s at the sink", ({ tps }) => tps, 0),
    row("CPU µs/tx", ({ cpuUs }) => cpuUs, 2),
    row("dropped", ({ report }) => report.dropped, 0),
    row("failed", ({ report }) => report.failed, 0),
    row("lateness p50, ms", ({ report }) => report.latenessMs.p50, 3),
    row("lateness p99, ms", ({ report }) => report.latenessMs.p99, 3),
    row("due → reply p50, ms", ({ report }) => report.responseMs.p50, 3),
    row("due → reply p99, ms", ({ report }) => report.responseMs.p99, 3),
  ];
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

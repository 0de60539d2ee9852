/**
 * Whether the load generator's memory grows with a run: `node benchmarks/suite/memory.ts --help`.
 *
 * A long run at a fixed rate against a sink that answers at once, with resident memory read from the kernel.
 */
import { setTimeout as delay } from "node:timers/promises";
import { describeError } from "../../src/core/errors.ts";
import { number, readCommandLine } from "./command-line.ts";
import { driveDefaults, driveOurs, parseDriveReports } from "./drive.ts";
import { writeFindings } from "./generator/findings.ts";
import { benchOptions, readBench } from "./generator/options.ts";
import { PinnedProcess } from "./generator/pinned.ts";
import { readMachineFacts } from "./machine.ts";
import { Sink } from "./sink/sink.ts";
import { fitSlope } from "./slope.ts";

const values = readCommandLine("Measures whether the load generator's memory grows with a run.", {
  ...benchOptions,
  rate: number("transactions per second", 50_000, 1),
  seconds: number("length of the run", 600, 8),
});

/**
 * Memory is said not to grow where the slope is below two of its standard errors, or below this: 1.2 MB in ten minutes.
 * Set before it was first measured.
 */
const negligibleBytesPerSec = 2_000;
/** In the first fifth the engine finds its sizes. */
const settlingRatio = 0.2;
/**
 * The client keeps its latest transactions in a ring, whose memory the system gives as it is first used: where commits
 * are not observed so many. Until it is full once, resident memory grows by itself.
 */
const rememberedTransactions = 2 ** 21;
const sampleEveryMs = 500;
/** V8 collects what got old every few minutes only: between two such times memory goes up and down by itself. */
const collectEverySecs = 5;
/** What waits to be collected is no growth: of so many samples, the least counts. */
const samplesPerPoint = 20;

async function main(): Promise<void> {
  const bench = readBench(values);
  const machine = readMachineFacts();
  const seconds = values.quick ? 8 : values.seconds;
  await using sink = await Sink.start({ cores: bench.sinkCores, cache: bench.cache });
  // Sleeping between two turns changes no memory, and leaves the core to others for ten minutes.
  const drive = { ...driveDefaults, pacing: "eco", rateTps: values.rate, collectEverySecs } as const;
  const { argv } = driveOurs({ ...drive, port: sink.port, seconds });
  await using generator = new PinnedProcess(argv, { cores: bench.generatorCores });
  const samples = await sample(generator, seconds);
  const [report] = parseDriveReports((await generator.ended).stdout);
  const settled = samples.filter(([atSecs]) => atSecs >= seconds * settlingRatio);
  const points = leastOfEach(settled, values.quick ? 2 : samplesPerPoint);
  const fitted = fitSlope(points);
  const grows = fitted.slope > 2 * fitted.standardError && fitted.slope > negligibleBytesPerSec;
  const isTooShort = values.rate * seconds * settlingRatio < rememberedTransactions;
  const slope = `${(fitted.slope / 1000).toFixed(2)} ± ${(fitted.standardError / 1000).toFixed(2)} kB/s`;
  const tenths = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1].flatMap((part) => {
    const [atSecs, bytes] = samples.find(([at]) => at >= part * seconds) ?? samples.at(-1) ?? [0, Number.NaN];
    return [[atSecs.toFixed(0), (bytes / 2 ** 20).toFixed(1)]];
  });
  await writeFindings(
    {
      name: "memory",
      title: "Memory over a long run",
      method:
        `The http transport at ${values.rate} tx/s for ${seconds} s, all garbage collected every ` +
        `${collectEverySecs} s; resident memory read every ${sampleEveryMs} ms, the ` +
        `least of each ${samplesPerPoint} readings counts, the first fifth of the run does not. Slope of the least-squares ` +
        "line with its standard error.",
      setting: [
        `generator on core ${bench.generatorCores}, sink on core ${bench.sinkCores}`,
        `acknowledged ${report?.acknowledged} of ${report?.scheduled}, dropped ${report?.dropped}, failed ${report?.failed}`,
      ],
      claims: [
        {
          what: `growth of memory at ${values.rate} tx/s over ${seconds} s`,
          asked: `none: below two standard errors or ${negligibleBytesPerSec / 1000} kB/s`,
          measured: isTooShort ? `${slope}: too short, the ring of transactions was still filling` : slope,
          holds: isTooShort ? undefined : !grows,
        },
      ],
      tables: [{ title: "Resident memory", head: ["second", "MiB"], rows: tenths }],
      notes: [],
      raw: { samples, fitted, report },
    },
    { machine, folder: values.results },
  );
}

type Sample = readonly [atSecs: number, residentBytes: number];

async function sample(generator: PinnedProcess, seconds: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  const startMs = performance.now();
  while (!generator.isOver && performance.now() - startMs < seconds * 1000) {
    await delay(sampleEveryMs);
    const bytes = await generator.residentBytes().catch(() => Number.NaN);
    if (Number.isFinite(bytes)) samples.push([(performance.now() - startMs) / 1000, bytes]);
    if (samples.length % 120 === 0) console.error(`${(samples.length * sampleEveryMs) / 1000} s`);
  }
  return samples;
}

/** Of every so many samples in a row the one with the least memory. */
function leastOfEach(samples: readonly Sample[], size: number): Sample[] {
  return Array.from({ length: Math.floor(samples.length / size) }, (_, index) =>
    samples
      .slice(index * size, (index + 1) * size)
      .reduce((least, each) => (each[1] < least[1] ? each : least)),
  );
}

main().catch((error: unknown) => {
  console.error(`memory: ${describeError(error)}`);
  process.exitCode = 1;
});

/**
 * What it costs to record a latency, and whether histograms of several hosts add up: `node benchmarks/suite/recording.ts`.
 */
import { isDeepStrictEqual } from "node:util";
import { describeError } from "../../src/core/errors.ts";
import { seededRandom } from "../../src/core/random.ts";
import { Histogram } from "../../src/metrics/stats/histogram.ts";
import { decodeHistogram, encodeHistogram } from "../../src/metrics/stats/hlog.ts";
import { LatencyRecord } from "../../src/metrics/stats/latency-record.ts";
import { number, readCommandLine } from "./command-line.ts";
import { writeFindings } from "./generator/findings.ts";
import { benchOptions, formatSpread, median } from "./generator/options.ts";
import { readMachineFacts } from "./machine.ts";

const { quick, results } = benchOptions;
const values = readCommandLine("Measures what it costs to record a latency.", {
  quick,
  results,
  rounds: number("turns", 9, 1),
  values: number("values recorded in each turn", 2e7, 1000),
});

const mostNs = 10;
/** Values are drawn beforehand, as many as fit into the second-level cache, and used again and again. */
const drawn = 1 << 16;
const hosts = 4;

/** Latencies as they are: most around a millisecond, some of seconds. */
function drawLatenciesUs(): Float64Array {
  const random = seededRandom("recording");
  return Float64Array.from({ length: drawn }, () => {
    const uniform = (random.nextUint32() + 1) / 2 ** 32;
    return Math.round(1000 * uniform ** -0.7);
  });
}

/** The client's way where there is one: without checks of values that are known to be whole. */
type Record = LatencyRecord & { readonly recordWhole?: (valueUs: number) => void };

interface Way {
  readonly name: string;
  /** @returns how many values were recorded */
  readonly take: (latenciesUs: Float64Array, count: number) => number;
}

const byHistogram: Way = {
  name: "a histogram's record",
  take: (latenciesUs, count) => {
    const histogram = new Histogram();
    for (let i = 0; i < count; i++) histogram.record(latenciesUs[i & (drawn - 1)] as number);
    return histogram.count;
  },
};
const checked: Way = {
  name: "histogram and exact sums, checked",
  take: (latenciesUs, count) => {
    const record = new LatencyRecord();
    for (let i = 0; i < count; i++) record.record(latenciesUs[i & (drawn - 1)] as number);
    return record.measured.count;
  },
};
const unchecked: Way = {
  name: "histogram and exact sums, as the client records",
  take: (latenciesUs, count) => {
    const record: Record = new LatencyRecord();
    for (let i = 0; i < count; i++) record.recordWhole?.(latenciesUs[i & (drawn - 1)] as number);
    return record.measured.count;
  },
};

function timeRecording({ name, take }: Way, latenciesUs: Float64Array, count: number): number {
  const start = process.threadCpuUsage();
  const recorded = take(latenciesUs, count);
  const { user, system } = process.threadCpuUsage(start);
  const ns = ((user + system) * 1000) / count;
  if (recorded !== count) throw new Error(`${recorded} of ${count} values were recorded by ${name}.`);
  return ns;
}

/** Each host has every n-th value, and sends its histogram as text; together they must be the one of all values. */
function mergesWithoutLoss(latenciesUs: Float64Array): boolean {
  const [all, merged] = [new Histogram(), new Histogram()];
  const parts = Array.from({ length: hosts }, () => new Histogram());
  latenciesUs.forEach((us, index) => {
    all.record(us);
    parts[index % hosts]?.record(us);
  });
  for (const part of parts) {
    const { minUs = 0, maxUs = 0 } = part;
    const arrived = decodeHistogram(encodeHistogram(part));
    arrived.setExtremes(minUs, maxUs);
    merged.merge(arrived);
  }
  const facts = (each: Histogram) => [each.count, each.overflowed, each.minUs, each.maxUs, each.counts()];
  return isDeepStrictEqual(facts(merged), facts(all));
}

async function main(): Promise<void> {
  const machine = readMachineFacts();
  const latenciesUs = drawLatenciesUs();
  const [rounds, count] = values.quick ? [3, 1e6] : [values.rounds, values.values];
  const ways =
    "recordWhole" in LatencyRecord.prototype ? [byHistogram, checked, unchecked] : [byHistogram, checked];
  const turns = ways.map((way) => {
    timeRecording(way, latenciesUs, count);
    const turnsNs = Array.from({ length: rounds }, () => timeRecording(way, latenciesUs, count));
    return { name: way.name, turnsNs };
  });
  // The last is what the client does.
  const turnsNs = turns.at(-1)?.turnsNs ?? [];
  const isLossless = mergesWithoutLoss(latenciesUs);
  await writeFindings(
    {
      name: "recording",
      title: "What it costs to record a latency",
      method: `${rounds} turns of ${count} values of ${drawn} that were drawn beforehand, after one that does not count. CPU time of the thread.`,
      setting: [],
      claims: [
        {
          what: `time per recorded value: ${turns.at(-1)?.name}`,
          asked: `≤ ${mostNs} ns`,
          measured: `${formatSpread(turnsNs, 1)} ns`,
          holds: median(turnsNs) <= mostNs,
        },
        {
          what: `histograms of ${hosts} hosts, sent as text and merged, against one of all values`,
          asked: "equal in every bucket, extremes included",
          measured: isLossless ? "equal" : "different",
          holds: isLossless,
        },
      ],
      tables: [
        {
          title: "By way",
          head: ["way", "ns for each value"],
          rows: turns.map(({ name, turnsNs: each }) => [name, formatSpread(each, 1)]),
        },
      ],
      notes: [],
      raw: { turns },
    },
    { machine, folder: values.results },
  );
}

main().catch((error: unknown) => {
  console.error(`recording: ${describeError(error)}`);
  process.exitCode = 1;
});

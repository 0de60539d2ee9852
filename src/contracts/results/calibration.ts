/** What two identical sides were seen to differ by, so that no such difference is taken for one of systems. */
import { type Of, record } from "../../core/documents/form.ts";
import {
  asPercent,
  choice,
  count,
  documentForm,
  list,
  natural,
  positive,
  sixDigits,
  text,
  time,
} from "../../core/documents/form-values.ts";
import { interval } from "./interval.ts";
import { networkTypeForm } from "./run-parameters.ts";

const metric = record(
  "One metric.",
  {
    ratio: sixDigits("Mean over side B's runs divided by the mean over side A's."),
    confidence: interval("Confidence interval of the ratio (percentile bootstrap).").keyed(
      "ratio_confidence_95",
    ),
    noiseFloorRatio: asPercent(
      "Distance from 1 to the farther end of the interval: differences up to this are noise.",
      { least: 0 },
    ),
  },
  { id: "metric" },
);

export interface CalibratedMetric extends Of<typeof metric> {}

const parameter = record("One parameter.", {
  name: text("Its name in a run's file; options of the protocol by their own names."),
  value: text("Its value as text."),
});

const load = record(
  "One load. Its runs alternate: the first, third … are side A, the second, fourth … side B.",
  {
    loadTps: positive("The load over all nodes.").keyed("load"),
    loadKind: choice(
      "What the load is: transactions per second (open-loop), or transactions in flight (closed-loop).",
      ["open-loop", "closed-loop"],
    ),
    runsA: count("Counted runs of side A: all except invalid ones."),
    runsB: count("Counted runs of side B."),
    // A noise floor holds for what was measured in the same way.
    parameters: list("Parameters, without load and seed.", parameter).adapted<
      Readonly<Record<string, string>>
    >(
      (values) => Object.entries(values).map(([name, value]) => ({ name, value })),
      (pairs) => Object.fromEntries(pairs.map(({ name, value }) => [name, value])),
    ),
    metrics: record("Metrics that could be compared; empty with fewer than four runs per side.", {
      throughput: metric.as("Throughput.").optional(),
      avgLatency: metric.as("Mean of the headline latency.").keyed("avg_latency_ms").optional(),
      latencyStdDev: metric
        .as("Sample standard deviation of the headline latency.")
        .keyed("latency_std_dev_ms")
        .optional(),
      p50Latency: metric.as("Median of the headline latency.").keyed("p50_ms").optional(),
      p99Latency: metric.as("99th percentile of the headline latency.").keyed("p99_ms").optional(),
      successRate: metric
        .as("Share of the transactions due in the window that succeeded.")
        .keyed("success_rate_percent")
        .optional(),
      efficiency: metric.as("Throughput by offered load.").keyed("efficiency_percent").optional(),
    }),
  },
);

export interface CalibratedLoad extends Of<typeof load> {}

export const environmentFactsForm = record("Versions and machine, as in environment.json.", {
  tool: record("The program that measured.", {
    name: text("Its name, baleen."),
    version: text("Version of the package."),
    commit: text("Commit of the checkout; omitted for an installed package.").optional(),
    node: text("Version of the Node.js that ran it."),
  }).optional(),
  coordinator: record("The machine that the measurement ran on.", {
    hostname: text("Name of the machine."),
    system: text("Operating system."),
    kernel: text("Release of its kernel."),
    cpu_model: text("Model name of the processor."),
    cpu_count: natural("Logical processors."),
    memory_bytes: natural("Memory of the machine."),
  }).optional(),
});

export const calibrationForm = documentForm(
  "baleen.calibration/1",
  "Differences between two identical sides on one machine, by load: calibration.json.",
  {
    networkType: networkTypeForm,
    timestamp: time("End of the calibration, RFC 3339 UTC."),
    environment: environmentFactsForm,
    loads: list("Results by load.", load),
  },
);

export interface Calibration extends Of<typeof calibrationForm> {}

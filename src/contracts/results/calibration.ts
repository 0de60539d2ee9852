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
import { interval } from "./comparison.ts";
import { networkTypeForm } from "./run-parameters.ts";

const metric = record(
  "One metric.",
  {
    ratio: sixDigits("Mean over side B's runs by mean over side A's."),
    confidence: interval("Confidence interval of the ratio (percentile bootstrap).").keyed(
      "ratio_confidence_95",
    ),
    noiseFloorRatio: asPercent(
      "How far the farther end of the interval is from 1: differences up to this are seen without there being one.",
      { least: 0 },
    ),
  },
  { id: "metric" },
);

export interface CalibratedMetric extends Of<typeof metric> {}

const parameter = record("One parameter.", {
  name: text("Its name in a run's file; options of the protocol by their own names."),
  value: text("Its value as a text."),
});

const load = record(
  "One load. Its runs took turns: the first, third … are side A, the second, fourth … side B.",
  {
    loadTps: positive("The load over all nodes.").keyed("load"),
    loadKind: choice(
      "What the load is: transactions per second (open-loop), or transactions under way (closed-loop).",
      ["open-loop", "closed-loop"],
    ),
    runsA: count("Runs of side A that count: all but the invalid ones."),
    runsB: count("Runs of side B that count."),
    // A noise floor holds for what was measured in the same way.
    parameters: list("How it was measured, and what; load and seed left out.", parameter).adapted<
      Readonly<Record<string, string>>
    >(
      (values) => Object.entries(values).map(([name, value]) => ({ name, value })),
      (pairs) => Object.fromEntries(pairs.map(({ name, value }) => [name, value])),
    ),
    metrics: record("What could be compared; nothing from fewer than four runs a side.", {
      throughput: metric.as("Throughput.").optional(),
      avgLatency: metric.as("Mean of the headline latency.").keyed("avg_latency_ms").optional(),
      latencyStdDev: metric
        .as("Sample standard deviation of the headline latency.")
        .keyed("latency_std_dev_ms")
        .optional(),
      p50Latency: metric.as("Median of the headline latency.").keyed("p50_ms").optional(),
      p99Latency: metric.as("99th percentile of the headline latency.").keyed("p99_ms").optional(),
      successRate: metric
        .as("Successful ones of the transactions due in the window.")
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
    commit: text("Commit of its checkout, where it is one.").optional(),
    node: text("Version of the Node.js that ran it."),
  }).optional(),
  coordinator: record("The machine that it ran on.", {
    hostname: text("Name of the machine."),
    system: text("Operating system."),
    kernel: text("Release of its kernel."),
    cpu_model: text("What the processor calls itself."),
    cpu_count: natural("Logical processors."),
    memory_bytes: natural("Memory of the machine."),
  }).optional(),
});

export const calibrationForm = documentForm(
  "baleen.calibration/1",
  "What two identical sides were seen to differ by on a machine, load by load: calibration.json.",
  {
    networkType: networkTypeForm,
    timestamp: time("When it ended, RFC 3339 UTC."),
    environment: environmentFactsForm,
    loads: list("What was found, by load.", load),
  },
);

export interface Calibration extends Of<typeof calibrationForm> {}

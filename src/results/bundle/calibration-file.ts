/** calibration.json: schema/calibration.schema.json describes every key. */
import { readFile } from "node:fs/promises";
import type { CalibratedLoad, CalibratedMetric, Calibration } from "../../contracts/results/calibration.ts";
import { type ComparedMetric, comparedMetrics } from "../../contracts/results/comparison.ts";
import { describeError } from "../../core/errors.ts";
import { EarlierVersionError, refuseEarlier } from "../schema/earlier-version.ts";
import { Fields, FormError } from "../schema/fields.ts";
import { formatJson, percent, significant } from "../schema/numbers.ts";
import { BundleReadError } from "../schema/read-error.ts";
import { metricKeys } from "../schema/sweep/comparison-json.ts";
import { writeFileAtomically } from "./atomic-file.ts";

/** Name and version of the form. */
const calibrationSchema = "baleen.calibration/1";

export const calibrationName = "calibration.json";

function metricJson({ ratio, confidence, noiseFloorRatio }: CalibratedMetric) {
  return {
    ratio: significant(ratio),
    ratio_confidence_95: { low: significant(confidence.low), high: significant(confidence.high) },
    noise_floor_percent: percent(noiseFloorRatio),
  };
}

function loadJson({ loadTps, loadKind, runsA, runsB, parameters, metrics }: CalibratedLoad) {
  const found = comparedMetrics.flatMap((name) => {
    const metric = metrics[name];
    return metric === undefined ? [] : [[metricKeys[name], metricJson(metric)] as const];
  });
  return {
    load: loadTps,
    load_kind: loadKind,
    runs_a: runsA,
    runs_b: runsB,
    parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })),
    metrics: Object.fromEntries(found),
  };
}

/** @throws InvalidArgumentError where a number is not finite */
export function buildCalibrationJson({ networkType, timestamp, environment, loads }: Calibration) {
  return {
    schema: calibrationSchema,
    network_type: networkType,
    timestamp,
    environment,
    loads: loads.map(loadJson),
  };
}

/** @throws BundleWriteError */
export async function writeCalibration(path: string, calibration: Calibration): Promise<void> {
  await writeFileAtomically(path, formatJson(buildCalibrationJson(calibration)));
}

/** @throws BundleReadError naming what is missing or wrong */
export async function readCalibration(path: string): Promise<Calibration> {
  try {
    return parseCalibration(new Fields(JSON.parse(await readFile(path, "utf8"))));
  } catch (error) {
    const why =
      error instanceof SyntaxError
        ? "it is no JSON"
        : error instanceof FormError && !(error instanceof EarlierVersionError)
          ? `it is no calibration: ${error.message}`
          : describeError(error);
    throw new BundleReadError({ path, reason: `${why}.` }, { cause: error });
  }
}

function parseCalibration(fields: Fields): Calibration {
  if (fields.text("schema") !== calibrationSchema) throw new FormError("schema", calibrationSchema);
  return {
    networkType: fields.choice("network_type", "local", "remote"),
    timestamp: fields.time("timestamp"),
    environment: fields.object("environment").all(),
    loads: fields.objects("loads", parseLoad),
  };
}

function parseLoad(fields: Fields): CalibratedLoad {
  refuseEarlier(fields, ["load_kind"]);
  const metrics = fields.object("metrics");
  const parameters = fields.objects("parameters", (one) => [one.text("name"), one.text("value")] as const);
  const found = comparedMetrics.flatMap((name): (readonly [ComparedMetric, CalibratedMetric])[] => {
    const key = metricKeys[name];
    return metrics.has(key) ? [[name, parseMetric(metrics.object(key))]] : [];
  });
  return {
    loadTps: fields.number("load"),
    loadKind: fields.choice("load_kind", "open-loop", "closed-loop"),
    runsA: fields.count("runs_a"),
    runsB: fields.count("runs_b"),
    parameters: Object.fromEntries(parameters),
    metrics: Object.fromEntries(found),
  };
}

function parseMetric(fields: Fields): CalibratedMetric {
  const confidence = fields.object("ratio_confidence_95");
  return {
    ratio: fields.number("ratio"),
    confidence: { low: confidence.number("low"), high: confidence.number("high") },
    noiseFloorRatio: fields.number("noise_floor_percent") / 100,
  };
}

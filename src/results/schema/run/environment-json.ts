/** The published form of what else went on on a run's machines: a part of a run's, and the rows of host-load.csv. */
import type {
  EnvironmentLimits,
  EnvironmentReport,
  HostFigures,
  HostLoad,
  HostSecond,
} from "../../../contracts/hosts/host-load.ts";
import { percent, present, rounded } from "../numbers.ts";

/** In a run's file and in parameters.json. */
export function environmentLimitsJson(limits: EnvironmentLimits) {
  return {
    background_percent: limits.backgroundPercent,
    steal_percent: limits.stealPercent,
    memory_pressure_percent: limits.memoryPressurePercent,
    disturbed_percent: limits.disturbedPercent,
  };
}

const percentJson = (ratio: number | undefined) => (ratio === undefined ? undefined : percent(ratio));
const figureJson = (value: number | undefined) => (value === undefined ? undefined : rounded(value));

function figuresJson(figures: HostFigures | undefined) {
  return (
    figures &&
    present({
      secs: figures.secs,
      background_secs: figures.backgroundSecs,
      background_mean_percent: percentJson(figures.backgroundMeanRatio),
      background_max_percent: percentJson(figures.backgroundMaxRatio),
      steal_mean_percent: percentJson(figures.stealMeanRatio),
      steal_max_percent: percentJson(figures.stealMaxRatio),
      frequency_mean_mhz: figureJson(figures.frequencyMeanMhz),
      frequency_max_mhz: figureJson(figures.frequencyMaxMhz),
      memory_available_least_bytes: figures.memoryAvailableLeastBytes,
      memory_pressure_max_percent: percentJson(figures.memoryPressureMaxRatio),
      network_mean_bytes_per_sec: figureJson(figures.networkMeanBytesPerSec),
    })
  );
}

function hostJson(load: HostLoad) {
  return present({
    host: load.host,
    other_containers: load.otherContainers,
    before: figuresJson(load.before),
    window: figuresJson(load.window),
    disturbed_secs: load.disturbedSecs,
  });
}

/** undefined where nobody looked. */
export function environmentJson(report: EnvironmentReport | undefined) {
  return (
    report && {
      disturbed: report.disturbed,
      reasons: report.reasons,
      strict: report.strict,
      limits: environmentLimitsJson(report.limits),
      hosts: report.hosts.map(hostJson),
    }
  );
}

/** First line of host-load.csv. */
export const hostLoadHeader =
  "benchmark_number,second,host,busy_ratio,background_ratio,steal_ratio,frequency_mhz,memory_available_bytes,memory_pressure_ratio,network_bytes_per_sec";

/** A row of host-load.csv; what was not to be had is empty. */
export function hostLoadRow(benchmarkNumber: number, row: HostSecond): string {
  return [
    benchmarkNumber,
    row.second,
    row.host,
    row.busyRatio,
    row.backgroundRatio,
    row.stealRatio,
    row.frequencyMhz,
    row.memoryAvailableBytes,
    row.memoryPressureRatio,
    row.networkBytesPerSec,
  ].join(",");
}

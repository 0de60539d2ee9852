/** The inverse of environment-json.ts. */
import type { EnvironmentReport, HostFigures, HostLoad } from "../../../contracts/hosts/host-load.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import type { Fields } from "../fields.ts";

function parseFigures(fields: Fields): HostFigures {
  const ratio = (key: string) => {
    const percent = fields.numberIfAny(key);
    return percent === undefined ? undefined : percent / 100;
  };
  return {
    secs: fields.count("secs"),
    backgroundSecs: fields.count("background_secs"),
    backgroundMeanRatio: ratio("background_mean_percent"),
    backgroundMaxRatio: ratio("background_max_percent"),
    stealMeanRatio: ratio("steal_mean_percent"),
    stealMaxRatio: ratio("steal_max_percent"),
    frequencyMeanMhz: fields.numberIfAny("frequency_mean_mhz"),
    frequencyMaxMhz: fields.numberIfAny("frequency_max_mhz"),
    memoryAvailableLeastBytes: fields.numberIfAny("memory_available_least_bytes"),
    memoryPressureMaxRatio: ratio("memory_pressure_max_percent"),
    networkMeanBytesPerSec: fields.numberIfAny("network_mean_bytes_per_sec"),
  };
}

function parseHost(fields: Fields): HostLoad {
  const figures = (key: string) => fields.optional(key, (name) => parseFigures(fields.object(name)));
  return {
    host: fields.text("host"),
    otherContainers: fields.optional("other_containers", (key) => fields.texts(key)),
    before: figures("before"),
    window: figures("window"),
    disturbedSecs: fields.count("disturbed_secs"),
  };
}

export function parseEnvironment(run: Fields): Pick<RunResult, "environment"> {
  if (!run.has("environment")) return {};
  const fields = run.object("environment");
  const limits = fields.object("limits");
  const environment: EnvironmentReport = {
    disturbed: fields.flag("disturbed"),
    reasons: fields.texts("reasons"),
    strict: fields.flag("strict"),
    limits: {
      backgroundPercent: limits.number("background_percent"),
      stealPercent: limits.number("steal_percent"),
      memoryPressurePercent: limits.number("memory_pressure_percent"),
      disturbedPercent: limits.number("disturbed_percent"),
    },
    hosts: fields.objects("hosts", parseHost),
  };
  return { environment };
}

/** host-load.csv: what went on on the machines, second by second. */
import type { HostSecond } from "../../contracts/hosts/host-load.ts";

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

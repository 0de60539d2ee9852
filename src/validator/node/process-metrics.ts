import { monitorEventLoopDelay } from "node:perf_hooks";
import { cpuUsage, memoryUsage } from "node:process";
import type { ChainMetric } from "../engine/chain.ts";
import { single } from "./metric.ts";

/** Between two looks at how late a timer is, ms. */
const resolutionMs = 20;

/** Figures of this process, under the names that Prometheus' clients use. */
export class ProcessMetrics implements Disposable {
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs });

  constructor() {
    this.#delay.enable();
  }

  /** The lag is that since the last call. */
  collect(): ChainMetric[] {
    const { user, system } = cpuUsage();
    const { rss, heapUsed } = memoryUsage();
    // What is measured is the time between two looks.
    const lagMs = Math.max(0, this.#delay.percentile(99) / 1e6 - resolutionMs);
    this.#delay.reset();
    return [
      single(
        "process_cpu_seconds_total",
        "counter",
        "CPU time used, user and system.",
        (user + system) / 1e6,
      ),
      single("process_resident_memory_bytes", "gauge", "Resident memory.", rss),
      single("nodejs_heap_size_used_bytes", "gauge", "Heap in use.", heapUsed),
      single(
        "nodejs_eventloop_lag_p99_seconds",
        "gauge",
        "99th percentile of how late the event loop was, since this was last asked for.",
        lagMs / 1000,
      ),
    ];
  }

  [Symbol.dispose](): void {
    this.#delay.disable();
  }
}

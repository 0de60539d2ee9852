import { monitorEventLoopDelay } from "node:perf_hooks";
import { cpuUsage, memoryUsage } from "node:process";
import type { ChainMetric } from "../engine/chain.ts";
import { counter, gauge } from "./metric.ts";

/** Between two looks at how late a timer is, ms. */
const resolutionMs = 20;

/** Begins to watch this process. What is returned reads its figures, under the names that Prometheus' clients use. */
export function watchProcess(): () => ChainMetric[] {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  return () => {
    const { user, system } = cpuUsage();
    const { rss, heapUsed } = memoryUsage();
    // What is measured is the time between two looks.
    const lagMs = Math.max(0, delay.percentile(99) / 1e6 - resolutionMs);
    delay.reset();
    return [
      counter("process_cpu_seconds_total", "CPU time used, user and system.", (user + system) / 1e6),
      gauge("process_resident_memory_bytes", "Resident memory.", rss),
      gauge("nodejs_heap_size_used_bytes", "Heap in use.", heapUsed),
      gauge(
        "nodejs_eventloop_lag_p99_seconds",
        "99th percentile of how late the event loop was, since this was last asked for.",
        lagMs / 1000,
      ),
    ];
  };
}

import { monitorEventLoopDelay } from "node:perf_hooks";
import { cpuUsage, memoryUsage } from "node:process";
import type { ChainMetric } from "../engine/chain.ts";

/** Counts observations in buckets, as Prometheus' histograms do. */
export class MetricHistogram {
  readonly #bounds: readonly number[];
  /** By bound, not added up; the last one is beyond all bounds. */
  readonly #counts: number[];
  #sum = 0;

  /** @param bounds upper ends of the buckets, ascending */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    this.#sum += value;
    const at = this.#bounds.findIndex((bound) => value <= bound);
    const bucket = at < 0 ? this.#bounds.length : at;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#sum = 0;
  }

  metric(name: string, help: string): ChainMetric {
    let upTo = 0;
    const buckets = this.#counts.map((count, i) => {
      upTo += count;
      return { suffix: "_bucket", labels: { le: String(this.#bounds[i] ?? "+Inf") }, value: upTo };
    });
    return {
      name,
      type: "histogram",
      help,
      samples: [
        ...buckets,
        { suffix: "_sum", labels: {}, value: this.#sum },
        { suffix: "_count", labels: {}, value: upTo },
      ],
    };
  }
}

/** Bounds that grow by a ratio, with three digits, from the first to the first that is not below the last. */
export function growingBounds(first: number, last: number, ratio: number): number[] {
  const bounds = [first];
  for (let bound = first; bound < last; ) {
    bound *= ratio;
    bounds.push(Number(bound.toPrecision(3)));
  }
  return bounds;
}

/** A figure without labels that rises and falls. */
export function gauge(name: string, help: string, value: number): ChainMetric {
  return { name, type: "gauge", help, samples: [{ labels: {}, value }] };
}

/** A figure that only rises: without labels, or one for each of several labels. */
export function counter(name: string, help: string, value: number | ChainMetric["samples"]): ChainMetric {
  const samples = typeof value === "number" ? [{ labels: {}, value }] : value;
  return { name, type: "counter", help, samples };
}

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
        "99th percentile of the event loop delay since the last scrape.",
        lagMs / 1000,
      ),
    ];
  };
}

/** Prometheus' text exposition format, version 0.0.4. */
export function formatMetrics(metrics: readonly ChainMetric[]): string {
  return metrics
    .map(({ name, help, type, samples }) => {
      const lines = samples.map(
        ({ suffix = "", labels, value }) => `${name}${suffix}${formatLabels(labels)} ${formatValue(value)}\n`,
      );
      return `# HELP ${name} ${escapeText(help)}\n# TYPE ${name} ${type}\n${lines.join("")}`;
    })
    .join("");
}

function formatLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${escapeText(value).replaceAll('"', '\\"')}"`,
  );
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeText(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function formatValue(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
}

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

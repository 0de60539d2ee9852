import type { NodeSecond } from "../../contracts/hosts/host-load.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import type { Growth } from "../../contracts/results/growth.ts";
import { medianOf } from "../../core/numbers/quantile.ts";
import { Floors } from "../stats/trend/floors.ts";
import { mannKendall } from "../stats/trend/mann-kendall.ts";
import { theilSen } from "../stats/trend/theil-sen.ts";

/** In a shorter window, what a program fills at its start looks like a leak. */
const leastWindowSecs = 60;
/** With fewer spans no trend is clear enough. */
const leastSpans = 12;
const largestP = 0.01;
/** Of the median, by the lower end of the slope's interval: steps of a heap that has settled make it wide. */
const leastGrowthRatio = 0.03;

/** The memory of a run's nodes, second by second, in bounded memory. Pure: the events of a bundle give the same again. */
export class NodeGrowth {
  readonly #windowSecs: number;
  readonly #floors = new Map<NodeName, Floors>();

  constructor(windowSecs: number) {
    this.#windowSecs = Math.floor(windowSecs);
  }

  /** @param second whole seconds since the start of the window; those outside of it do not count */
  add(second: number, nodes: readonly NodeSecond[]): void {
    if (second < 0 || second >= this.#windowSecs) return;
    for (const { node, memoryBytes } of nodes) {
      if (memoryBytes === undefined) continue;
      const floors = this.#floors.get(node) ?? new Floors();
      this.#floors.set(node, floors);
      floors.add(second, memoryBytes);
    }
  }

  /** undefined: the window is too short, or too little was seen. */
  of(node: NodeName): Growth | undefined {
    if (this.#windowSecs < leastWindowSecs) return undefined;
    // Programs fill caches and grow heaps at first.
    const fromSecs = this.#windowSecs / 4;
    const points = this.#floors.get(node)?.between(fromSecs, this.#windowSecs) ?? [];
    const trend = theilSen(points);
    if (points.length < leastSpans || trend === undefined) return undefined;
    const values = points.map(({ y }) => y);
    const p = mannKendall(values);
    const surelyGrownBytes = (trend.low ?? 0) * (this.#windowSecs - fromSecs);
    const perHour = (slope: number | undefined) =>
      slope === undefined ? undefined : Math.round(slope * 3600);
    return {
      bytesPerHour: Math.round(trend.slope * 3600),
      bytesPerHourLow: perHour(trend.low),
      bytesPerHourHigh: perHour(trend.high),
      p,
      leaks: p < largestP && surelyGrownBytes >= leastGrowthRatio * (medianOf(values) ?? 0),
    };
  }
}

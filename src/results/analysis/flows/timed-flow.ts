import type { FlowTold } from "./record.ts";

/** How far a host's clock is ahead of the coordinator's, and how wrong that may be. */
export interface HostClock {
  readonly offsetMs: number;
  readonly errorMs: number;
}

/** The window that figures are of, by the coordinator's clock, milliseconds since 1970. */
export interface FlowWindow {
  readonly startMs: number;
  readonly lengthSecs: number;
  /** From the window's start to the last look at the hosts. */
  readonly observedSecs: number;
  /** Of hosts that told the time; the others' clocks are taken for the coordinator's. */
  readonly clocks: ReadonlyMap<string, HostClock>;
}

/** Milliseconds since the start of the window, of a time by a host's clock. */
export const timeOf = ({ startMs, clocks }: FlowWindow, host: string, at: number): number =>
  at - startMs - (clocks.get(host)?.offsetMs ?? 0);

/** The packets of one flow that were sent in the window, in the order of sending, with all times on one clock. */
export class TimedFlow {
  readonly told: FlowTold;
  readonly window: FlowWindow;
  /** Milliseconds since the start of the window. */
  readonly sentMs: readonly number[];
  readonly sizes: readonly number[];
  readonly lateMs: readonly number[];
  readonly isRefused: readonly boolean[];
  /** First arrival at the receiver, and of the reflection at the sender; NaN: none. */
  readonly arrivedMs: Float64Array;
  readonly returnedMs: Float64Array;
  /** Places of the packets, in the order of their first arrivals. */
  readonly arrivals: readonly number[];
  readonly duplicated: number;
  readonly reordered: number;
  readonly unknown: number;
  readonly beforeSent: number;

  constructor(told: FlowTold, window: FlowWindow) {
    const { from, to } = told.plan;
    this.told = told;
    this.window = window;
    const lengthMs = window.lengthSecs * 1000;
    const all = told.sentMs.map((at) => timeOf(window, from, at));
    const inWindow = all.flatMap((ms, place) => (ms >= 0 && ms < lengthMs ? [place] : []));
    const placeIn = new Map(inWindow.map((place, index) => [place, index]));
    this.sentMs = inWindow.map((place) => all[place] as number);
    this.sizes = inWindow.map((place) => told.sizes[place] as number);
    this.lateMs = inWindow.map((place) => told.lateMs[place] as number);
    this.isRefused = inWindow.map((place) => told.refused.has(place));
    const errorMs = [from, to].reduce((sum, name) => sum + (window.clocks.get(name)?.errorMs ?? 0), 0);

    this.arrivedMs = new Float64Array(inWindow.length).fill(Number.NaN);
    const arrivals: number[] = [];
    let [duplicated, reordered, unknown, beforeSent, highest] = [0, 0, 0, 0, -1];
    for (let arrival = 0; arrival < told.forth.atMs.length; arrival++) {
      const place = told.placeOf(told.forth, arrival);
      const index = placeIn.get(place ?? -1);
      const ms = timeOf(window, to, told.forth.atMs[arrival] as number);
      if (place === undefined && ms >= 0 && ms < lengthMs) unknown++;
      if (index === undefined) continue;
      if (!Number.isNaN(this.arrivedMs[index])) {
        duplicated++;
        continue;
      }
      const sent = this.sentMs[index] as number;
      if (ms - sent < -errorMs) beforeSent++;
      this.arrivedMs[index] = Math.max(ms, sent);
      arrivals.push(index);
      if (index < highest) reordered++;
      highest = Math.max(highest, index);
    }
    this.arrivals = arrivals.sort((a, b) => (this.arrivedMs[a] as number) - (this.arrivedMs[b] as number));
    this.duplicated = duplicated;
    this.reordered = reordered;
    this.unknown = unknown;
    this.beforeSent = beforeSent;

    this.returnedMs = new Float64Array(inWindow.length).fill(Number.NaN);
    for (let arrival = 0; arrival < told.back.atMs.length; arrival++) {
      const index = placeIn.get(told.placeOf(told.back, arrival) ?? -1);
      if (index === undefined || !Number.isNaN(this.returnedMs[index])) continue;
      const ms = timeOf(window, from, told.back.atMs[arrival] as number);
      this.returnedMs[index] = Math.max(ms, this.sentMs[index] as number);
    }
  }

  get lengthMs(): number {
    return this.window.lengthSecs * 1000;
  }

  hasArrived(index: number): boolean {
    return !Number.isNaN(this.arrivedMs[index]);
  }

  /** Milliseconds, of packets of which it is known; NaN: none. */
  latency(index: number, way: "round-trip" | "one-way"): number {
    const end = way === "round-trip" ? this.returnedMs[index] : this.arrivedMs[index];
    return (end as number) - (this.sentMs[index] as number);
  }

  /** Lost packets that were sent from one moment on, and before another. */
  lostBetween(fromMs: number, toMs: number): number {
    let lost = 0;
    for (const [index, ms] of this.sentMs.entries()) {
      if (ms >= fromMs && ms < toMs && !this.hasArrived(index)) lost++;
    }
    return lost;
  }
}

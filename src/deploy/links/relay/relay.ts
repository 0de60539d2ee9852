/** All links of a network of processes, carried by one process: TCP alone. */
import { cpuUsage } from "node:process";
import type { ShaperChange, ShaperReport } from "../../../contracts/links/shaper.ts";
import type { LinkPair, ProbedLink, ProbeRequest } from "../../../contracts/links/shaping.ts";
import { systemClock } from "../../../core/clock.ts";
import { quantileOf } from "../../../core/numbers/quantile.ts";
import { seededRandom } from "../../../core/random.ts";
import { pairKey } from "../plan.ts";
import { DelayLine } from "./delay-line.ts";
import { type Direction, type Hop, openHop } from "./hop.ts";
import type { RelayOpen, RelayOpened } from "./messages.ts";
import { probeEchoes, probeGoodput } from "./probes.ts";

type Second = Extract<ShaperReport, { readonly type: "second" }>;

/** Of what arrives in a second; more would only cost memory. */
const mostLateness = 50_000;

interface OpenHop extends LinkPair {
  readonly hop: Hop;
}

export class Relay {
  readonly #lines = new Map<string, DelayLine>();
  readonly #hops: OpenHop[] = [];
  readonly #targets = new Map<string, { packets: number; bytes: number; cut: number }>();
  #lateMs: number[] = [];
  #released = 0;
  #cpu = cpuUsage();

  /** @throws the system's error where it cannot listen */
  async open({ seed, links, hops }: RelayOpen): Promise<RelayOpened["hops"]> {
    for (const { from, to, ...shape } of links) {
      const random = seededRandom(`${seed} ${from} ${to}`);
      this.#lines.set(pairKey({ from, to }), new DelayLine(shape, random));
    }
    const opened: RelayOpened["hops"][number][] = [];
    for (const { from, to, plane, port } of hops) {
      const hop = await openHop(port, this.#direction({ from, to }), this.#direction({ from: to, to: from }));
      this.#hops.push({ from, to, hop });
      opened.push({ from, to, plane, port: hop.port });
    }
    return opened;
  }

  /** Connections over links that are down are cut. @returns when it holds */
  set(changes: readonly ShaperChange[]): number {
    for (const { from, to, ...shape } of changes) this.#lineOf({ from, to }).shape = shape;
    for (const { from, to, hop } of this.#hops) {
      const ways = [this.#lineOf({ from, to }), this.#lineOf({ from: to, to: from })];
      if (ways.some(({ shape }) => shape.down)) hop.cut();
    }
    return systemClock.monotonicMs();
  }

  async probe({ pairs, ...request }: ProbeRequest): Promise<ProbedLink[]> {
    const ways = pairs.map(({ from, to }) => ({
      ...{ from, to },
      there: this.#direction({ from, to }),
      back: this.#direction({ from: to, to: from }),
    }));
    return request.kind === "echo" ? await probeEchoes(ways, request) : await probeGoodput(ways, request);
  }

  /** What happened since it was asked last. */
  second(): Second {
    const lateUs = this.#lateMs.map((ms) => ms * 1000);
    const cpu = cpuUsage(this.#cpu);
    this.#cpu = cpuUsage();
    const targets = [...this.#targets].map(([name, counts]) => ({
      ...{ name, ...counts, lost: 0, overflowed: 0, held: 0, queueDropped: 0, userDropped: 0 },
    }));
    const report: Second = {
      type: "second",
      atMs: systemClock.monotonicMs(),
      released: this.#released,
      stamped: 0,
      errors: 0,
      ...(lateUs.length === 0
        ? {}
        : {
            lateP50Us: quantileOf(lateUs, 0.5),
            lateP99Us: quantileOf(lateUs, 0.99),
            lateMaxUs: quantileOf(lateUs, 1),
          }),
      cpuMs: (cpu.user + cpu.system) / 1000,
      targets,
    };
    this.#targets.clear();
    this.#lateMs = [];
    this.#released = 0;
    return report;
  }

  close(): void {
    for (const { hop } of this.#hops) hop.close();
  }

  #lineOf(pair: LinkPair): DelayLine {
    const line = this.#lines.get(pairKey(pair));
    if (line === undefined) throw new Error(`There is no link from ${pair.from} to ${pair.to}.`);
    return line;
  }

  #direction(pair: LinkPair): Direction {
    const target = () => {
      const counts = this.#targets.get(pair.to) ?? { packets: 0, bytes: 0, cut: 0 };
      this.#targets.set(pair.to, counts);
      return counts;
    };
    return {
      line: this.#lineOf(pair),
      tally: {
        arrived: (bytes, lateMs) => {
          const counts = target();
          counts.packets++;
          counts.bytes += bytes;
          this.#released++;
          if (this.#lateMs.length < mostLateness) this.#lateMs.push(lateMs);
        },
        cut: () => {
          target().cut++;
        },
      },
    };
  }
}

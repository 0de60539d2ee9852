import type {
  EnvironmentLimits,
  EnvironmentReport,
  HostFigures,
  HostLoad,
  HostSecond,
} from "../../contracts/hosts/host-load.ts";
import { Spread } from "./spread.ts";

/** What may pass a limit of its own, as it is called. */
const limitedNames = {
  background: "background CPU",
  steal: "CPU time stolen by the hypervisor",
  memoryPressure: "waiting for memory",
} as const;
const limited = Object.keys(limitedNames) as (keyof typeof limitedNames)[];

const newSpreads = () => ({
  backgroundRatio: new Spread(),
  stealRatio: new Spread(),
  memoryPressureRatio: new Spread(),
  frequencyMhz: new Spread(),
  memoryAvailableBytes: new Spread(),
  networkBytesPerSec: new Spread(),
});
type Figure = keyof ReturnType<typeof newSpreads>;

/** A second whose clock is below this share of the reference was slowed down. */
const leastClockRatio = 0.8;
/** Of the seconds so many lie at or below the reference: a lone turbo second among them is none. */
const referenceQuantile = 0.9;

/** The limits that a second passes. */
export const passedLimits = (row: HostSecond, limits: EnvironmentLimits) =>
  limited.filter((kind) => (row[`${kind}Ratio`] ?? 0) * 100 > limits[`${kind}Percent`]);

/** Counts the seconds of one machine, in bounded memory for any number of them. */
export class SecondsTally {
  readonly #limits: EnvironmentLimits;
  readonly #over = { background: 0, steal: 0, memoryPressure: 0 };
  readonly #spreads = newSpreads();
  /** By their clock; clocks are whole MHz. `elseQuietSecs`: those of them that passed no limit. */
  readonly #byMhz = new Map<number, { secs: number; elseQuietSecs: number }>();
  #secs = 0;
  #disturbed = 0;

  constructor(limits: EnvironmentLimits) {
    this.#limits = limits;
  }

  add(row: HostSecond): void {
    this.#secs++;
    for (const figure of Object.keys(this.#spreads) as Figure[]) this.#spreads[figure].add(row[figure]);
    const over = passedLimits(row, this.#limits);
    for (const kind of over) this.#over[kind]++;
    if (over.length > 0) this.#disturbed++;
    if (row.frequencyMhz === undefined) return;
    const counted = this.#byMhz.get(row.frequencyMhz) ?? { secs: 0, elseQuietSecs: 0 };
    counted.secs++;
    if (over.length === 0) counted.elseQuietSecs++;
    this.#byMhz.set(row.frequencyMhz, counted);
  }

  /** Seconds in which a limit was passed, or the clock had fallen. */
  get disturbedSecs(): number {
    return this.#disturbed + (this.#slow()?.elseQuietSecs ?? 0);
  }

  /** undefined where there was no second. */
  figures(): HostFigures | undefined {
    if (this.#secs === 0) return undefined;
    const { backgroundRatio, stealRatio, memoryPressureRatio, frequencyMhz } = this.#spreads;
    return {
      secs: this.#secs,
      backgroundSecs: backgroundRatio.count,
      backgroundMeanRatio: backgroundRatio.mean,
      backgroundMaxRatio: backgroundRatio.max,
      stealMeanRatio: stealRatio.mean,
      stealMaxRatio: stealRatio.max,
      frequencyMeanMhz: frequencyMhz.mean,
      frequencyMaxMhz: frequencyMhz.max,
      memoryAvailableLeastBytes: this.#spreads.memoryAvailableBytes.min,
      memoryPressureMaxRatio: memoryPressureRatio.max,
      networkMeanBytesPerSec: this.#spreads.networkBytesPerSec.mean,
    };
  }

  /** Why these seconds are not those of a machine left alone, a sentence each; none where they are. */
  disturbances(): string[] {
    if (this.disturbedSecs * 100 <= this.#secs * this.#limits.disturbedPercent) return [];
    return [...this.#passedLimits(), ...this.#slowedDown()];
  }

  #passedLimits(): string[] {
    return limited.flatMap((kind) => {
      const spread = this.#spreads[`${kind}Ratio`];
      if (this.#over[kind] === 0) return [];
      const limit = `${limitedNames[kind]} above ${this.#limits[`${kind}Percent`]} %`;
      const figures = `${inPercent(spread.mean)} on average, ${inPercent(spread.max)} at most`;
      return [`${limit} in ${this.#over[kind]} of ${this.#secs} s, ${figures}`];
    });
  }

  #slowedDown(): string[] {
    const slow = this.#slow();
    if (slow === undefined || slow.secs === 0) return [];
    const fall = `clock more than 20 % below that of the fastest tenth in ${slow.secs} of ${this.#secs} s`;
    return [`${fall}, ${slow.referenceMhz} MHz there, ${slow.slowestMhz} MHz at least`];
  }

  /** Seconds whose clock was slow, as against what the fastest tenth had at least; undefined where none was told. */
  #slow() {
    const rising = [...this.#byMhz].sort(([a], [b]) => a - b);
    let rank = Math.ceil(this.#spreads.frequencyMhz.count * referenceQuantile);
    const reference = rising.find(([, { secs }]) => {
      rank -= secs;
      return rank <= 0;
    });
    if (rising[0] === undefined || reference === undefined) return undefined;
    const [referenceMhz] = reference;
    const slow = { referenceMhz, slowestMhz: rising[0][0], secs: 0, elseQuietSecs: 0 };
    for (const [mhz, { secs, elseQuietSecs }] of rising) {
      if (mhz >= referenceMhz * leastClockRatio) break;
      slow.secs += secs;
      slow.elseQuietSecs += elseQuietSecs;
    }
    return slow;
  }
}

const inPercent = (ratio = 0) => `${(ratio * 100).toFixed(1)} %`;

/** What was seen of one machine. */
export interface MachineRecord extends Pick<HostLoad, "host" | "otherContainers"> {
  readonly before: SecondsTally;
  readonly window: SecondsTally;
}

/** Whether the machines were left alone. Pure: the rows of host-load.csv give the same again. */
export function reportEnvironment(
  machines: readonly MachineRecord[],
  { limits, strict }: Pick<EnvironmentReport, "limits" | "strict">,
): EnvironmentReport {
  const reasons = machines.flatMap(({ host, window }) =>
    window.disturbances().map((reason) => `${host}: ${reason}`),
  );
  const hosts = machines.map(({ host, otherContainers, before, window }) => ({
    host,
    otherContainers,
    before: before.figures(),
    window: window.figures(),
    disturbedSecs: window.disturbedSecs,
  }));
  return { hosts, disturbed: reasons.length > 0, reasons, limits, strict };
}

/** Of a window's seconds so many may be unknown; in a short one a single second. */
const unknownRatio = 0.1;

/** In how much of a window a machine told what others did; enough is nearly all. @param window undefined: unseen */
export function backgroundCoverage(window: HostFigures | undefined, windowSecs: number) {
  const wholeSecs = Math.max(1, Math.floor(windowSecs));
  const seenSecs = window?.backgroundSecs ?? 0;
  const mayLackSecs = Math.max(1, wholeSecs * unknownRatio);
  return { seenSecs, wholeSecs, isEnough: seenSecs > 0 && wholeSecs - seenSecs <= mayLackSecs };
}

import type {
  EnvironmentLimits,
  EnvironmentReport,
  HostFigures,
  HostLoad,
  HostSecond,
} from "../../contracts/hosts/host-load.ts";
import { ClockTally } from "./clock-tally.ts";
import { Spread } from "./spread.ts";

/** What may pass a limit of its own. */
const limited = ["background", "steal", "memoryPressure"] as const;
type Limited = (typeof limited)[number];

const limitedNames: Readonly<Record<Limited, string>> = {
  background: "background CPU",
  steal: "CPU time kept by the hypervisor",
  memoryPressure: "waiting for memory",
};

/** Counts the seconds of one machine, in bounded memory for any number of them. */
export class SecondsTally {
  readonly #limits: EnvironmentLimits;
  readonly #spreads = { background: new Spread(), steal: new Spread(), memoryPressure: new Spread() };
  readonly #over = { background: 0, steal: 0, memoryPressure: 0 };
  readonly #frequency = new Spread();
  readonly #clocks = new ClockTally();
  readonly #memoryAvailable = new Spread();
  readonly #network = new Spread();
  #secs = 0;
  #disturbed = 0;

  constructor(limits: EnvironmentLimits) {
    this.#limits = limits;
  }

  add(row: HostSecond): void {
    this.#secs++;
    let over = false;
    for (const kind of limited) {
      const ratio = row[`${kind}Ratio`];
      this.#spreads[kind].add(ratio);
      if (ratio === undefined || ratio * 100 <= this.#limits[`${kind}Percent`]) continue;
      this.#over[kind]++;
      over = true;
    }
    if (over) this.#disturbed++;
    this.#frequency.add(row.frequencyMhz);
    if (row.frequencyMhz !== undefined) this.#clocks.add(row.frequencyMhz, !over);
    this.#memoryAvailable.add(row.memoryAvailableBytes);
    this.#network.add(row.networkBytesPerSec);
  }

  /** Seconds in which a limit was passed, or the clock had fallen. */
  get disturbedSecs(): number {
    return this.#disturbed + (this.#clocks.slow()?.elseQuietSecs ?? 0);
  }

  /** undefined where there was no second. */
  figures(): HostFigures | undefined {
    if (this.#secs === 0) return undefined;
    const { background, steal, memoryPressure } = this.#spreads;
    return {
      secs: this.#secs,
      backgroundSecs: background.count,
      backgroundMeanRatio: background.mean(),
      backgroundMaxRatio: background.max(),
      stealMeanRatio: steal.mean(),
      stealMaxRatio: steal.max(),
      frequencyMeanMhz: this.#frequency.mean(),
      frequencyMaxMhz: this.#frequency.max(),
      memoryAvailableLeastBytes: this.#memoryAvailable.min(),
      memoryPressureMaxRatio: memoryPressure.max(),
      networkMeanBytesPerSec: this.#network.mean(),
    };
  }

  /** Why these seconds are not those of a machine left alone, a sentence each; none where they are. */
  disturbances(): string[] {
    if (this.disturbedSecs * 100 <= this.#secs * this.#limits.disturbedPercent) return [];
    return [...this.#passedLimits(), ...this.#slowedDown()];
  }

  #passedLimits(): string[] {
    return limited.flatMap((kind) => {
      const spread = this.#spreads[kind];
      if (this.#over[kind] === 0) return [];
      const limit = `${limitedNames[kind]} above ${this.#limits[`${kind}Percent`]} %`;
      const figures = `${inPercent(spread.mean())} on average, ${inPercent(spread.max())} at most`;
      return [`${limit} in ${this.#over[kind]} of ${this.#secs} s, ${figures}`];
    });
  }

  #slowedDown(): string[] {
    const slow = this.#clocks.slow();
    if (slow === undefined || slow.secs === 0) return [];
    const fall = `clock more than 20 % below that of the fastest tenth in ${slow.secs} of ${this.#secs} s`;
    return [`${fall}, ${slow.referenceMhz} MHz there, ${slow.slowestMhz} MHz at least`];
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

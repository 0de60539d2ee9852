/** A second whose clock is below this share of the reference was slowed down. */
const leastRatio = 0.8;
/** Of the seconds so many lie at or below the reference: a lone turbo second among them is none. */
const referenceQuantile = 0.9;

/** Seconds in which a machine's clock was slow, as against the fastest tenth of them. */
export interface SlowSeconds {
  /** What the fastest tenth had at least. */
  readonly referenceMhz: number;
  readonly slowestMhz: number;
  readonly secs: number;
  /** Those of them that passed no limit otherwise. */
  readonly elseQuietSecs: number;
}

/** Counts seconds by their clock. Clocks are whole MHz, so that the number of counters is bounded. */
export class ClockTally {
  readonly #byMhz = new Map<number, { secs: number; elseQuietSecs: number }>();
  #secs = 0;

  add(mhz: number, isElseQuiet: boolean): void {
    const counted = this.#byMhz.get(mhz) ?? { secs: 0, elseQuietSecs: 0 };
    counted.secs++;
    if (isElseQuiet) counted.elseQuietSecs++;
    this.#byMhz.set(mhz, counted);
    this.#secs++;
  }

  /** undefined where no clock was told. */
  slow(): SlowSeconds | undefined {
    const rising = [...this.#byMhz].sort(([a], [b]) => a - b);
    const slowestMhz = rising[0]?.[0];
    if (slowestMhz === undefined) return undefined;
    const referenceMhz = this.#reference(rising.map(([mhz, { secs }]) => [mhz, secs] as const)) ?? slowestMhz;
    const below = rising.filter(([mhz]) => mhz < referenceMhz * leastRatio).map(([, counted]) => counted);
    return {
      referenceMhz,
      slowestMhz,
      secs: below.reduce((sum, { secs }) => sum + secs, 0),
      elseQuietSecs: below.reduce((sum, { elseQuietSecs }) => sum + elseQuietSecs, 0),
    };
  }

  /** Nearest rank. */
  #reference(rising: readonly (readonly [number, number])[]): number | undefined {
    let rank = Math.ceil(this.#secs * referenceQuantile);
    return rising.find(([, secs]) => {
      rank -= secs;
      return rank <= 0;
    })?.[0];
  }
}

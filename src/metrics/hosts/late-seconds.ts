import type { SecondRow } from "../../contracts/events.ts";
import type { EnvironmentLimits, HostSecond } from "../../contracts/hosts/host-load.ts";
import type { RunEvidence } from "../../contracts/results/verdict.ts";
import { passedLimits } from "./seconds-tally.ts";

/** Tells in which seconds of a window sends were late, and whether others kept the clients' machines busy in them. */
export class LateSeconds {
  readonly #limits: EnvironmentLimits;
  readonly #windowSecs: number;
  /** By second of the window. */
  readonly #latenessP99Ms = new Map<number, number>();
  /** By machine. */
  readonly #disturbed = new Map<string, Set<number>>();

  constructor(limits: EnvironmentLimits, windowSecs: number) {
    this.#limits = limits;
    this.#windowSecs = windowSecs;
  }

  addSends({ second, latenessP99Ms }: Pick<SecondRow, "second" | "latenessP99Ms">): void {
    if (latenessP99Ms === undefined || second < 0 || second >= this.#windowSecs) return;
    this.#latenessP99Ms.set(second, latenessP99Ms);
  }

  addMachine(row: HostSecond): void {
    if (passedLimits(row, this.#limits).length === 0) return;
    const known = this.#disturbed.get(row.host) ?? new Set();
    this.#disturbed.set(row.host, known.add(row.second));
  }

  /**
   * @param limitMs for the p99 lateness of a second's sends
   * @param machines where the clients ran
   * @returns undefined where no second was late
   */
  count(limitMs: number, machines: ReadonlySet<string>): RunEvidence["lateSeconds"] {
    const late = [...this.#latenessP99Ms].flatMap(([second, ms]) => (ms > limitMs ? second : []));
    if (late.length === 0) return undefined;
    const isDisturbed = (second: number) =>
      [...machines].some((machine) => this.#disturbed.get(machine)?.has(Math.floor(second)) === true);
    return { late: late.length, disturbed: late.filter(isDisturbed).length };
  }
}

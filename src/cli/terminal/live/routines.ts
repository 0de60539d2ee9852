/** What peers that run routines do. */
import type { LiveRoutineStep } from "../../../contracts/events.ts";
import type { Piece } from "../../../core/text/foreign-text.ts";
import { formatFigure } from "../../../results/report/text/figures.ts";
import { sparkline } from "./layout.ts";

const shownSteps = 20;

export class RoutinesView {
  readonly #peers: number;
  /** The latest last. */
  #steps: readonly LiveRoutineStep[] = [];

  /** @param peers of the sweep */
  constructor(peers: number) {
    this.#peers = peers;
  }

  add(step: LiveRoutineStep): void {
    this.#steps = [...this.#steps, step].slice(-shownSteps);
  }

  /** Peers, packets, deliveries and how busy the pages are, a row each; none before the first step is over. */
  rows(): readonly Piece[][] {
    const last = this.#steps.at(-1);
    if (last === undefined) return [];
    const piece = (value: number | undefined, text: (shown: string) => string): Piece[] =>
      value === undefined ? [] : [{ text: text(formatFigure(value)) }];
    const bars = (name: "sentPerSec" | "deliveredPerSec") => ({
      text: sparkline(this.#steps.map((step) => step[name])),
    });
    const isWhole = last.peers >= this.#peers;
    return [
      [
        {
          text: `${last.peers} of ${this.#peers} peers report`,
          colour: isWhole ? undefined : "yellow",
        },
        ...piece(last.connections, (each) => `${each} connections each`),
      ],
      [
        ...piece(last.sentPerSec, (rate) => `packets/s: sent ${rate}`),
        ...piece(last.receivedPerSec, (rate) => `received ${rate}`),
        ...piece(last.relayedPerSec, (rate) => `relayed ${rate}`),
        bars("sentPerSec"),
      ],
      last.deliveredPerSec === undefined
        ? []
        : [
            ...piece(last.deliveredPerSec, (rate) => `messages/s: delivered ${rate}`),
            bars("deliveredPerSec"),
          ],
      [
        ...piece(last.tickRateMeanPerSec, (rate) => `ticks/s: mean ${rate}`),
        ...piece(last.tickRateLeastPerSec, (rate) => `least ${rate}`),
        ...piece(last.timerLatenessMaxMs, (late) => `timers up to ${late} ms late`),
      ],
    ];
  }

  /** For the one line of a small terminal. */
  lastStep(): Piece[] {
    const last = this.#steps.at(-1);
    if (last === undefined) return [];
    return [
      { text: `${formatFigure(last.sentPerSec)} packets/s sent` },
      { text: `${last.peers} of ${this.#peers} peers` },
    ];
  }
}

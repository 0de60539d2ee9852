/** One moment of a run, at which map, charts and events are shown. */
import { latestSecond } from "../../feed/live-scene.ts";
import type { RunState } from "../../feed/run-state.ts";
import { element, setText } from "../dom.ts";

export class Scrubber {
  readonly bar: HTMLElement;
  readonly #range = element("input", {
    type: "range",
    min: 0,
    max: 0,
    step: 0.1,
    value: 0,
    "aria-label": "Moment",
  });
  readonly #latest = element("button", { type: "button", "aria-pressed": "true" }, "Live");
  readonly #text = element("output", { class: "quiet" });
  readonly #onChange: () => void;
  #second: number | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#range.addEventListener("input", () => this.pick(Number(this.#range.value)));
    this.#latest.addEventListener("click", () => this.pick(undefined));
    this.bar = element(
      "div",
      { class: "scrubber", role: "group", "aria-label": "Moment of the run" },
      this.#latest,
      this.#range,
      this.#text,
    );
  }

  /** Seconds since the start of the window; undefined: the latest. */
  get second(): number | undefined {
    return this.#second;
  }

  /** @param second undefined: the latest, from then on */
  pick(second: number | undefined): void {
    const most = Number(this.#range.max);
    this.#second = second === undefined ? undefined : Math.min(most, Math.max(0, second));
    this.#onChange();
  }

  show(run: RunState, isLive: boolean): void {
    const latest = latestSecond(run);
    this.#range.max = String(isLive ? latest : (run.windowSecs ?? latest));
    this.#range.value = String(this.#second ?? this.#range.max);
    setText(this.#latest, isLive ? "Live" : "End");
    this.#latest.setAttribute("aria-pressed", String(this.#second === undefined));
    setText(this.#text, `${(this.#second ?? Number(this.#range.max)).toFixed(1)} s`);
  }
}

/** The figures of the run that is followed: those of the last second while it goes on, then those of its result. */
import type { RunState, SweepState } from "../feed/run-state.ts";
import { element, setText } from "./dom.ts";
import { boundOr, count, figureOr, loadText, phaseText } from "./texts.ts";

const titles = ["Load", "Throughput", "p50", "p99", "Due", "Sent", "Committed", "Failed"] as const;

type Title = (typeof titles)[number];

export class RunFigures {
  readonly card: HTMLElement;
  readonly #values = new Map<Title, HTMLElement>();
  readonly #phase = element("p", { class: "quiet", role: "status" }, "Waiting for events …");
  readonly #progress = element("progress", { max: 1, "aria-label": "Progress of the run" });

  constructor() {
    const list = titles.map((title) => {
      const value = element("dd", { "data-figure": title.toLowerCase() }, "–");
      this.#values.set(title, value);
      return element("div", {}, element("dt", {}, title), value);
    });
    const figures = element("dl", { class: "figures" }, ...list);
    this.card = element(
      "section",
      { class: "card", "aria-label": "Figures" },
      figures,
      this.#progress,
      this.#phase,
    );
  }

  show({ run, ended, sweep }: SweepState): void {
    if (run === undefined) return;
    const isOver = run.phase === "ended" || ended !== undefined;
    const phase =
      ended !== undefined && run.phase !== "ended" ? "ended before it finished" : phaseText(run, Date.now());
    setText(this.#phase, `Run ${run.benchmarkNumber}: ${phase}`);
    this.#progress.hidden = isOver;
    this.#progress.value = progressOf(run, Date.now());
    const completed = sweep?.completion ?? "committed";
    for (const [title, text] of Object.entries(figuresOf(run, completed))) {
      const value = this.#values.get(title as Title);
      if (value !== undefined) setText(value, text);
    }
  }
}

function figuresOf(run: RunState, completed: "committed" | "acknowledged"): Readonly<Record<Title, string>> {
  const { figures, totals } = run;
  const last = run.seconds.at(-1);
  const now =
    figures === undefined
      ? {
          Throughput: figureOr(last?.[completed], " tx/s"),
          p50: figureOr(last?.p50Ms, " ms"),
          p99: figureOr(last?.p99Ms, " ms"),
        }
      : {
          Throughput: boundOr(figures.throughputTps, " tx/s"),
          p50: boundOr(figures.p50Ms, " ms"),
          p99: boundOr(figures.p99Ms, " ms"),
        };
  return {
    Load: loadText(run),
    ...now,
    Due: count(totals.due),
    Sent: count(totals.sent),
    Committed: count(totals[completed]),
    Failed: count(totals.failed),
  };
}

/** From the begin of the warm-up to the end of the window, 0 to 1. */
function progressOf({ windowStartsAtMs, warmUpSecs, windowSecs }: RunState, nowMs: number): number {
  if (windowStartsAtMs === undefined || windowSecs === undefined) return 0;
  const warmUpMs = (warmUpSecs ?? 0) * 1000;
  return Math.min(1, Math.max(0, (nowMs - windowStartsAtMs + warmUpMs) / (warmUpMs + windowSecs * 1000)));
}

/** The charts of a run, and which of them are shown. */
import type { RunState, SweepState } from "../feed/run-state.ts";
import { besideEachOther } from "../feed/series.ts";
import { Chart, type Mark } from "./charts.ts";
import { element, show } from "./dom.ts";
import { type LoadKind, loadKind, type RunChart, runCharts } from "./run-chart-table.ts";

/** What was done to nodes and links on purpose. */
function marksOf({ faults, linkChanges }: RunState): Mark[] {
  return [
    ...faults
      .filter(({ stage }) => stage === "issued")
      .map(({ node, action, issuedSecs, askedSecs }) => ({
        second: issuedSecs ?? askedSecs,
        label: `${action} ${node}`,
      })),
    ...linkChanges
      .filter(({ state }) => state === "effective")
      .map(({ action, what, stage, effectiveSecs, askedSecs }) => ({
        second: effectiveSecs ?? askedSecs,
        label: `${action} of ${what}, ${stage}`,
      })),
  ];
}

const storageKey = "baleen-hidden-charts";

function readHidden(): Set<string> {
  const stored = localStorage.getItem(storageKey);
  const usual = runCharts.filter(({ isHidden }) => isHidden === true).map(({ name }) => name);
  return new Set(stored === null ? usual : stored.split(","));
}

/** What is shown with a run. */
export interface ShownWith {
  /** The moment that map and events show; undefined: the latest. */
  readonly second?: number | undefined;
  /** Another run, on the same axes. */
  readonly beside?: { readonly run: RunState; readonly name: string } | undefined;
}

/** All charts of a run, with a button for each that shows or hides it. */
export class RunCharts {
  readonly buttons = element("div", { class: "bar", role: "group", "aria-label": "Charts" });
  readonly place = element("div", { class: "charts" });
  readonly #charts = new Map<string, Chart>();
  readonly #hidden = readHidden();
  readonly #buttons: ReadonlyMap<RunChart, HTMLElement>;
  readonly #onPick: (second: number) => void;
  /** Whose charts are shown, and of what they tell. */
  #of: LoadKind = "transactions";
  #kinds = "";
  #run: RunState | undefined;
  #with: ShownWith = {};

  /** @param onPick called with a second that somebody has pointed at */
  constructor(onPick: (second: number) => void) {
    this.#onPick = onPick;
    const buttons = runCharts.map((chart) => {
      const { name, title } = chart;
      const button = element(
        "button",
        { type: "button", "aria-pressed": String(!this.#hidden.has(name)) },
        title,
      );
      button.addEventListener("click", () => {
        if (!this.#hidden.delete(name)) this.#hidden.add(name);
        button.setAttribute("aria-pressed", String(!this.#hidden.has(name)));
        localStorage.setItem(storageKey, [...this.#hidden].join(","));
        this.#arrange();
      });
      return [chart, button] as const;
    });
    this.#buttons = new Map(buttons);
    this.#arrange();
  }

  show(state: SweepState, shownWith: ShownWith = {}): void {
    this.#of = loadKind(state);
    this.#run = state.run;
    this.#with = shownWith;
    const kinds = [this.#of, state.run?.ground !== undefined, (state.run?.views.length ?? 0) > 0].join();
    if (this.#kinds === kinds) this.#draw();
    else {
      this.#kinds = kinds;
      this.#arrange();
    }
  }

  #draw(): void {
    const run = this.#run;
    if (run === undefined) return;
    const marks = marksOf(run);
    const { second, beside } = this.#with;
    for (const { name, read } of this.#shown()) {
      const readAll = () =>
        beside === undefined ? read(run) : besideEachOther(read(run), read(beside.run), beside.name);
      this.#chartOf(name).show(readAll, { marks, windowSecs: run.windowSecs, second });
    }
  }

  #shown(): readonly RunChart[] {
    return runCharts.filter((chart) => this.#isOwn(chart) && !this.#hidden.has(chart.name));
  }

  #isOwn({ of, needs }: RunChart): boolean {
    const has =
      needs === undefined ||
      (needs === "ground" ? this.#run?.ground !== undefined : (this.#run?.views.length ?? 0) > 0);
    return has && (of === undefined || of === this.#of);
  }

  #arrange(): void {
    const own = [...this.#buttons].filter(([chart]) => this.#isOwn(chart));
    show(this.buttons, ...own.map(([, button]) => button));
    show(this.place, ...this.#shown().map(({ name }) => this.#chartOf(name).card));
    this.#draw();
  }

  #chartOf(name: string): Chart {
    const known = this.#charts.get(name);
    const described = runCharts.find((one) => one.name === name);
    if (known !== undefined || described === undefined) return known as Chart;
    const chart = new Chart({ ...described, group: "run", onPick: this.#onPick });
    this.#charts.set(name, chart);
    return chart;
  }
}

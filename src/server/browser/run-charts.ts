/** The charts of a run, and which of them are shown. */
import type { RunState, SweepState } from "../feed/run-state.ts";
import { Chart, type Mark } from "./charts.ts";
import { element, show } from "./dom.ts";
import { isOfRoutines, type RunChart, runCharts } from "./run-chart-table.ts";

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

/** All charts of a run, with a button for each that shows or hides it. */
export class RunCharts {
  readonly buttons = element("div", { class: "bar", role: "group", "aria-label": "Charts" });
  readonly place = element("div", { class: "charts" });
  readonly #charts = new Map<string, Chart>();
  readonly #hidden = readHidden();
  readonly #buttons: ReadonlyMap<RunChart, HTMLElement>;
  /** Whose charts are shown. */
  #of: RunChart["of"];
  #run: RunState | undefined;

  constructor() {
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

  show(state: SweepState): void {
    const of = isOfRoutines(state) ? "routines" : "transactions";
    this.#run = state.run;
    if (this.#of === of) this.#draw();
    else {
      this.#of = of;
      this.#arrange();
    }
  }

  #draw(): void {
    const run = this.#run;
    if (run === undefined) return;
    const marks = marksOf(run);
    for (const { name, read } of this.#shown())
      this.#chartOf(name).show(() => read(run), marks, run.windowSecs);
  }

  #shown(): readonly RunChart[] {
    return runCharts.filter((chart) => this.#isOwn(chart) && !this.#hidden.has(chart.name));
  }

  #isOwn({ of }: RunChart): boolean {
    return of === undefined || of === this.#of;
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
    const chart = new Chart({ ...described, group: "run" });
    this.#charts.set(name, chart);
    return chart;
  }
}

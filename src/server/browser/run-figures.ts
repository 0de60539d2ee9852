/** The figures of the run that is followed: those of the last second while it goes on, then those of its result. */
import type { RunFigures as ResultFigures } from "../../contracts/events.ts";
import { nothingSeen } from "../../results/report/text/figures.ts";
import { viewAt } from "../feed/ground-state.ts";
import type { RunState, SweepState } from "../feed/run-state.ts";
import { element, setText, show } from "./dom.ts";
import { loadKind } from "./run-chart-table.ts";
import { boundOr, count, figureOr, loadText, phaseText } from "./texts.ts";

/** A figure: what programs call it, its title, and what it shows. */
type Figure = readonly [name: string, title: string, text: string];

export class RunFigures {
  readonly card: HTMLElement;
  readonly #list = element("dl", { class: "figures" });
  readonly #values = new Map<string, HTMLElement>();
  readonly #phase = element("p", { class: "quiet", role: "status" }, "Waiting for events …");
  readonly #progress = element("progress", { max: 1, "aria-label": "Progress of the run" });

  constructor() {
    this.card = element(
      "section",
      { class: "card", "aria-label": "Figures" },
      this.#list,
      this.#progress,
      this.#phase,
    );
  }

  show(state: SweepState): void {
    const { run, ended } = state;
    if (run === undefined) return;
    const isOver = run.phase === "ended" || ended !== undefined;
    const phase =
      ended !== undefined && run.phase !== "ended" ? "ended before it finished" : phaseText(run, Date.now());
    setText(this.#phase, `Run ${run.benchmarkNumber}: ${phase}`);
    this.#progress.hidden = isOver;
    this.#progress.value = progressOf(run, Date.now());
    const kind = loadKind(state);
    const figures =
      kind === "routines"
        ? routineFigures(state, run)
        : kind === "flows"
          ? flowFigures(run)
          : transactionFigures(run, state.sweep?.completion ?? "committed");
    if (figures.some(([name]) => !this.#values.has(name)) || figures.length !== this.#values.size) {
      this.#rebuild(figures);
    }
    for (const [name, , text] of figures) {
      const value = this.#values.get(name);
      if (value !== undefined) setText(value, text);
    }
  }

  #rebuild(figures: readonly Figure[]): void {
    this.#values.clear();
    const items = figures.map(([name, title]) => {
      const value = element("dd", { "data-figure": name }, nothingSeen);
      this.#values.set(name, value);
      return element("div", {}, element("dt", {}, title), value);
    });
    show(this.#list, ...items);
  }
}

const loadFigure = (run: RunState): Figure => ["load", "Load", loadText(run)];

const resultFigures = ({ throughputTps, p50Ms, p99Ms }: ResultFigures): readonly Figure[] => [
  ["throughput", "Throughput", boundOr(throughputTps, " tx/s")],
  ["p50", "p50", boundOr(p50Ms, " ms")],
  ["p99", "p99", boundOr(p99Ms, " ms")],
];

function transactionFigures(run: RunState, completed: "committed" | "acknowledged"): readonly Figure[] {
  const { figures, totals } = run;
  const last = run.seconds.at(-1);
  const now: readonly Figure[] = [
    ["throughput", "Throughput", figureOr(last?.[completed], " tx/s")],
    ["p50", "p50", figureOr(last?.p50Ms, " ms")],
    ["p99", "p99", figureOr(last?.p99Ms, " ms")],
  ];
  return [
    loadFigure(run),
    ...(figures === undefined ? now : resultFigures(figures)),
    ["due", "Due", count(totals.due)],
    ["sent", "Sent", count(totals.sent)],
    ["committed", "Committed", count(totals[completed])],
    ["failed", "Failed", count(totals.failed)],
  ];
}

/** Of the last step while the run goes on. */
function routineFigures({ sweep }: SweepState, run: RunState): readonly Figure[] {
  if (run.figures !== undefined) return [loadFigure(run), ...resultFigures(run.figures)];
  const last = run.routineSteps.at(-1);
  const peers = last === undefined ? nothingSeen : `${last.peers} of ${sweep?.nodes?.length ?? last.peers}`;
  return [
    loadFigure(run),
    ["peers", "Peers", peers],
    ["connections", "Connections of each", figureOr(last?.connections)],
    ["packets-sent", "Packets sent", figureOr(last?.sentPerSec, "/s")],
    ["packets-received", "Packets received", figureOr(last?.receivedPerSec, "/s")],
    ["packets-relayed", "Packets relayed", figureOr(last?.relayedPerSec, "/s")],
    ["delivered", "Messages delivered", figureOr(last?.deliveredPerSec, "/s")],
    ["tick-rate", "Tick rate", figureOr(last?.tickRateMeanPerSec, "/s")],
    ["tick-rate-least", "Least tick rate", figureOr(last?.tickRateLeastPerSec, "/s")],
  ];
}

/** Of the network's view while the run goes on. */
function flowFigures(run: RunState): readonly Figure[] {
  const load: Figure = ["load", "Load", `${count(run.loadTps)} packets/s`];
  if (run.figures !== undefined) {
    const [throughput, ...latencies] = resultFigures(run.figures);
    return [
      load,
      ["throughput", throughput?.[1] ?? "", boundOr(run.figures.throughputTps, " packets/s")],
      ...latencies,
    ];
  }
  const paths = viewAt(run)?.paths ?? [];
  return [
    load,
    ...paths.map(({ flow, nodes }): Figure => [`path-${flow}`, `Path of ${flow}`, nodes.join(" → ")]),
  ];
}

/** From the begin of the warm-up to the end of the window, 0 to 1. */
function progressOf({ windowStartsAtMs, warmUpSecs, windowSecs }: RunState, nowMs: number): number {
  if (windowStartsAtMs === undefined || windowSecs === undefined) return 0;
  const warmUpMs = (warmUpSecs ?? 0) * 1000;
  return Math.min(1, Math.max(0, (nowMs - windowStartsAtMs + warmUpMs) / (warmUpMs + windowSecs * 1000)));
}

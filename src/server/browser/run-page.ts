/** One sweep: the run that is followed, live or as it was. */
import type { ListedBundle } from "../../results/bundle/list-bundles.ts";
import { formatBytes } from "../../results/report/text/figures.ts";
import type { SweepState } from "../feed/run-state.ts";
import { Beside } from "./beside.ts";
import { element, onFrame, setText, show } from "./dom.ts";
import { readKey } from "./map/changes.ts";
import { RunMap } from "./map/run-map.ts";
import { Scrubber } from "./map/scrubber.ts";
import { address, ask, followSweep } from "./requests.ts";
import { RunCharts } from "./run-charts.ts";
import { RunFigures } from "./run-figures.ts";
import { logList, machineTable, nodeTable, scrollToMoment } from "./run-tables.ts";
import { tagChips, titleOf } from "./runs-page.ts";
import { chip, loadText } from "./texts.ts";

interface BundleAnswer {
  readonly bundle: ListedBundle;
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[];
}

/**
 * @param takesChanges whether the server lets links be changed
 * @param onState called when the server is there, or not
 */
export function showRun(
  place: Element,
  query: URLSearchParams,
  { takesChanges, onState }: { readonly takesChanges: boolean; readonly onState: (isOpen: boolean) => void },
): void {
  const name = query.get("bundle") ?? "";
  const title = element("h1", {}, name);
  const chips = element("span", {});
  const tags = element("span", {});
  const runs = element("select", { "aria-label": "Run" });
  const links = element("span", { class: "grow" });
  const figures = new RunFigures();
  const scrubber = new Scrubber(() => draw());
  const charts = new RunCharts((second) => scrubber.pick(second));
  const beside = new Beside(name, query.get("beside") ?? "", () => draw());
  const map = new RunMap({
    bundle: name,
    key: takesChanges ? readKey() : undefined,
    onChange: () => draw(),
  });
  const [nodes, machines, log, files] = ["Nodes", "Machines", "Events", "Files"].map((heading) =>
    section(heading),
  );
  if (nodes === undefined || machines === undefined || log === undefined || files === undefined) return;
  show(
    place,
    element("div", { class: "bar" }, title, tags, chips, runs, beside.select, links),
    figures.card,
    map.card,
    scrubber.bar,
    charts.buttons,
    charts.place,
    element("div", { class: "pair" }, nodes.card, machines.card),
    log.card,
    files.card,
  );

  let state: SweepState | undefined;
  let run = query.get("run") ?? undefined;
  let stop: (() => void) | undefined;
  let isKnownEnded = false;
  const drawFigures = onFrame(() => state !== undefined && figures.show(state));
  const draw = onFrame(() => {
    if (state === undefined) return;
    drawRuns(runs, state, run);
    show(chips, ...chipsOf(state));
    figures.show(state);
    const { second } = scrubber;
    const startMs = state.run?.windowStartsAtMs;
    const isMoment = second !== undefined && startMs !== undefined;
    const list = logList(state, isMoment ? startMs + second * 1000 : undefined);
    show(log.body, list);
    if (isMoment) scrollToMoment(list);
    if (state.run === undefined) return;
    const isOver = state.ended !== undefined || state.run.phase === "ended";
    scrubber.show(state.run, !isOver);
    map.show(state.run, second, !isOver && state.run.phase === "window");
    charts.show(state, { second, beside: beside.shown });
    show(nodes.body, nodeTable(state.run));
    show(machines.body, machineTable(state.run));
  });
  const readFiles = async () => {
    const { bundle, files: list } = await ask<BundleAnswer>("/api/bundle", { bundle: name });
    setText(title, titleOf(bundle));
    document.title = `${titleOf(bundle)} · Baleen`;
    show(tags, ...tagChips(bundle));
    show(files.body, fileList(name, list));
    const hasReport = list.some(({ path }) => path === "report.html");
    show(
      links,
      hasReport ? element("a", { href: address("/report", { bundle: name }) }, "Report") : undefined,
    );
  };
  const explain = (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    show(files.body, element("p", { class: "bad" }, message));
  };
  const follow = () => {
    stop?.();
    stop = followSweep(name, run, {
      onState,
      onTold: (told) => {
        state = told;
        draw();
        // Files are written as runs end, and the manifest last.
        const hasEnded = told.ended !== undefined;
        if (hasEnded && !isKnownEnded) setTimeout(() => void readFiles().catch(explain), 500);
        isKnownEnded = hasEnded;
      },
    });
  };
  runs.addEventListener("change", () => {
    run = runs.value === "" ? undefined : runs.value;
    const others = beside.select.value === "" ? {} : { beside: beside.select.value };
    const own = run === undefined ? {} : { run };
    history.replaceState(null, "", address("/run", { bundle: name, ...own, ...others }));
    scrubber.pick(undefined);
    follow();
  });
  // Seconds pass between events too.
  setInterval(() => state?.ended === undefined && drawFigures(), 1000);
  follow();
  void readFiles().catch(explain);
}

function section(heading: string) {
  const body = element("div", {}, element("p", { class: "quiet" }, "Nothing yet."));
  return { body, card: element("section", { class: "card" }, element("h2", {}, heading), body) };
}

/** Rebuilt only where something changed: it may be open. */
function drawRuns(select: HTMLSelectElement, { runs }: SweepState, chosen: string | undefined): void {
  const texts = runs.map((run) => {
    const which = run.repetition === undefined ? "" : `, ${run.repetition} of ${run.repetitions}`;
    return `Run ${run.benchmarkNumber}: ${loadText(run)}${which}${run.status === undefined ? "" : ` · ${run.status}`}`;
  });
  if (select.dataset.shown === texts.join("\n")) return;
  select.dataset.shown = texts.join("\n");
  const options = runs.map((run, at) => element("option", { value: run.benchmarkNumber }, texts[at] ?? ""));
  show(select, element("option", { value: "" }, "Latest run"), ...options);
  select.value = chosen ?? "";
}

function chipsOf({ run, ended, malformed }: SweepState): HTMLElement[] {
  const status = run?.status === undefined ? [] : [chip(run.status)];
  const live = ended === undefined ? [chip("under way")] : [];
  const lines = malformed === 1 ? "line is no event" : "lines are no events";
  const bad = malformed === 0 ? [] : [chip(`${malformed} ${lines}`)];
  return [...live, ...status, ...bad];
}

function fileList(bundle: string, files: BundleAnswer["files"]): HTMLElement {
  const items = files.map(({ path, sizeBytes }) =>
    element(
      "li",
      {},
      element("a", { href: address("/file", { bundle, path }) }, path),
      element("span", { class: "quiet" }, formatBytes(sizeBytes)),
    ),
  );
  return element("ul", { class: "log", tabindex: 0 }, ...items);
}

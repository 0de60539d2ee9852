/** Nodes, machines and events of a run, as tables. */
import { formatBytes, nothingSeen } from "../../results/report/text/figures.ts";
import type { RunState, SweepState } from "../feed/run-state.ts";
import { element, table } from "./dom.ts";
import { figureOr, timeOf } from "./texts.ts";

/** Of a large committee, those that need a look come first. */
const mostNodes = 100;

const healthClasses: Readonly<Record<RunState["nodes"][number]["health"], string>> = {
  starting: "quiet",
  up: "good",
  paused: "warn",
  crashed: "warn",
  "coming back": "warn",
  "out of sight": "warn",
  ended: "bad",
};

export function nodeTable({ nodes }: RunState): HTMLElement {
  const shown = nodes
    .toSorted((a, b) => Number(a.health === "up") - Number(b.health === "up"))
    .slice(0, mostNodes);
  const inOrder = nodes.length > mostNodes ? shown : nodes;
  const rows = inOrder.map(({ node, health, restarts, cpuRatio, memoryBytes }) => {
    // What it used last is not what it uses.
    const isDown = health === "crashed" || health === "ended";
    return [
      node,
      element("span", { class: healthClasses[health] }, health),
      String(restarts),
      isDown ? nothingSeen : figureOr(cpuRatio),
      isDown || memoryBytes === undefined ? nothingSeen : formatBytes(memoryBytes),
    ];
  });
  const columns = [
    { title: "Node" },
    { title: "State" },
    { title: "Restarts", isNumber: true },
    { title: "CPU, cores", isNumber: true },
    { title: "Memory", isNumber: true },
  ];
  const left = nodes.length - inOrder.length;
  const more = left > 0 ? element("p", { class: "quiet" }, `and ${left} more, which are up`) : undefined;
  return element("div", {}, table(columns, rows), more);
}

export function machineTable({ machines }: RunState): HTMLElement {
  const percent = (ratio: number | undefined) =>
    ratio === undefined ? nothingSeen : `${(ratio * 100).toFixed(0)} %`;
  const rows = machines.map(({ name, seconds }) => {
    const last = seconds.at(-1);
    const memory = last?.memoryAvailableBytes;
    const traffic = last?.networkBytesPerSec;
    return [
      name,
      percent(last?.busyRatio),
      percent(last?.backgroundRatio),
      memory === undefined ? nothingSeen : formatBytes(memory),
      traffic === undefined ? nothingSeen : `${formatBytes(traffic)}/s`,
    ];
  });
  const columns = [
    { title: "Machine" },
    { title: "CPU", isNumber: true },
    { title: "Other programs", isNumber: true },
    { title: "Memory free", isNumber: true },
    { title: "Network", isNumber: true },
  ];
  return table(columns, rows);
}

/** The latest first. @param untilMs what came later is quiet; milliseconds since 1970 UTC, undefined: nothing */
export function logList({ log }: SweepState, untilMs = Number.POSITIVE_INFINITY): HTMLElement {
  const items = log
    .filter(({ level }) => level !== "debug")
    .toReversed()
    .map(({ t, level, text }) => {
      const isWarning = level === "warning" || level === "notice";
      const time = element("time", { datetime: t }, timeOf(t));
      const isLater = Date.parse(t) > untilMs;
      return element(
        "li",
        { class: isLater ? "later" : undefined },
        time,
        element("span", { class: isWarning ? "warn" : "" }, text),
      );
    });
  return element("ul", { class: "log", tabindex: 0 }, ...items);
}

/** The last event up to the moment is the first that is seen. */
export function scrollToMoment(list: HTMLElement): void {
  const now = list.querySelector<HTMLElement>("li.later ~ li:not(.later)");
  if (now !== null) list.scrollTop = now.offsetTop - list.offsetTop;
}

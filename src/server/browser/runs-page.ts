/** All runs of the folder, the newest first. */
import type { ListedBundle } from "../../results/bundle/list-bundles.ts";
import { element, setText, show, table } from "./dom.ts";
import { address, followBundles } from "./requests.ts";
import { chip, count, dateOf, figureOr } from "./texts.ts";

/** So many are shown; a search finds the others. */
const mostShown = 200;

const tagsOf = ({ sweep }: ListedBundle) =>
  Object.entries(sweep?.tags ?? {}).map(([key, value]) => `${key}=${value}`);

/** What somebody called a sweep, and which part of several it is; or else its folder. */
export function titleOf({ sweep, name }: ListedBundle): string {
  if (sweep?.label === undefined) return name;
  const [, part] = name.split("/");
  return part === undefined ? sweep.label : `${sweep.label} · ${part}`;
}

export const tagChips = (bundle: ListedBundle): HTMLElement[] =>
  tagsOf(bundle).map((tag) => element("span", { class: "chip" }, tag));

const loadsOf = ({ sweep }: ListedBundle): string =>
  sweep?.loads === undefined
    ? "search"
    : `${sweep.loads.map(count).join(", ")} ${sweep.isClosedLoop ? "in flight" : "tx/s"}`;

/** Everything by which a bundle can be found. */
const textOf = (bundle: ListedBundle) =>
  [
    bundle.name,
    titleOf(bundle),
    ...tagsOf(bundle),
    bundle.state.replace("-", " "),
    bundle.sweep?.protocol,
    bundle.sweep?.networkType,
    loadsOf(bundle),
    ...Object.keys(bundle.sweep?.verdicts ?? {}),
  ]
    .join(" ")
    .toLowerCase();

/** @param onState called when the server is there, or not */
export function showRuns(place: Element, onState: (isOpen: boolean) => void): void {
  let bundles: readonly ListedBundle[] = [];
  const chosen = new Set<string>();
  const search = element("input", {
    type: "search",
    placeholder: "Search runs",
    "aria-label": "Search runs",
  });
  const found = element("span", { class: "quiet", role: "status" });
  const compare = element("button", { type: "button", class: "grow" }, "Compare two");
  compare.addEventListener("click", () => {
    const [b = "", a = ""] = bundles.map(({ name }) => name).filter((name) => chosen.has(name));
    location.assign(address("/compare", { a, b }));
  });
  const list = element("section", { class: "card" }, element("p", { class: "quiet note" }, "Loading …"));
  show(place, element("h1", {}, "Runs"), element("div", { class: "bar" }, search, found, compare), list);

  const choose = (name: string, isChosen: boolean) => {
    if (isChosen) chosen.add(name);
    else chosen.delete(name);
    compare.disabled = chosen.size !== 2;
  };
  const draw = () => {
    const words = search.value.toLowerCase().split(/\s+/);
    const matching = bundles.filter((bundle) => words.every((word) => textOf(bundle).includes(word)));
    setText(found, `${matching.length} of ${bundles.length}`);
    compare.disabled = chosen.size !== 2;
    if (matching.length === 0) {
      const hint = bundles.length === 0 ? "No runs yet. Start one with: npx benchmark" : "Nothing matches.";
      show(list, element("p", { class: "quiet note" }, hint));
      return;
    }
    show(list, bundleTable(matching.slice(0, mostShown), chosen, choose));
  };
  search.addEventListener("input", draw);
  followBundles({
    onState,
    onTold: (told) => {
      bundles = told;
      draw();
    },
  });
}

const columns = [
  { title: "" },
  { title: "Run", class: "name" },
  { title: "Started", class: "wide" },
  { title: "System", class: "wide" },
  { title: "Load", class: "wide" },
  { title: "Verdict" },
  { title: "Throughput, tx/s", isNumber: true },
  { title: "p50, ms", isNumber: true, class: "wide" },
  { title: "p99, ms", isNumber: true },
];

function bundleTable(
  bundles: readonly ListedBundle[],
  chosen: ReadonlySet<string>,
  choose: (name: string, isChosen: boolean) => void,
): HTMLElement {
  const rows = bundles.map((bundle) => {
    const { name, startedAt, sweep } = bundle;
    const label = `Compare ${titleOf(bundle)}`;
    const box = element("input", { type: "checkbox", "aria-label": label, checked: chosen.has(name) });
    box.addEventListener("change", () => choose(name, box.checked));
    const link = element("a", { href: address("/run", { bundle: name }) }, titleOf(bundle));
    const system = sweep === undefined ? "" : `${sweep.protocol}, ${sweep.nodes} nodes, ${sweep.networkType}`;
    return [
      box,
      element("span", {}, link, " ", ...tagChips(bundle)),
      dateOf(startedAt),
      system,
      sweep === undefined ? "" : loadsOf(bundle),
      verdictsOf(bundle),
      figureOr(sweep?.bestThroughputTps),
      figureOr(sweep?.bestP50Ms),
      figureOr(sweep?.bestP99Ms),
    ];
  });
  return table(columns, rows);
}

function verdictsOf({ state, reason, sweep }: ListedBundle): HTMLElement {
  const verdicts = Object.entries(sweep?.verdicts ?? {});
  const many = (sweep?.finishedRuns ?? 0) > 1;
  const shown = verdicts.map(([status, runs]) =>
    chip(status, many ? `${runs} of ${sweep?.finishedRuns} runs` : undefined),
  );
  const states = state === "ended" ? [] : [chip(state.replace("-", " "), reason)];
  return element("span", {}, ...[...states, ...shown].flatMap((one) => [one, " "]));
}

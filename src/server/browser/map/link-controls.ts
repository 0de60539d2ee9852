/** Sliders that change links, and fields that move nodes, while a run goes on. */
import { bitRate, formatQuantity } from "../../../core/quantity.ts";
import type { MapScene } from "../../../results/charts/map/scene.ts";
import { element, setText, show } from "../dom.ts";
import type { Changes } from "./changes.ts";

/** Of a slider: what it sends, and the value that a link has then. */
interface Stop {
  readonly text: string;
  readonly value: number;
}

const stops = (values: readonly number[], textOf: (value: number) => string): readonly Stop[] =>
  values.map((value) => ({ value, text: textOf(value) }));

const unlimited: Stop = { text: "unlimited", value: Number.POSITIVE_INFINITY };
const sliders = {
  delay: {
    title: "Delay",
    stops: stops(
      [0, 1, 2, 5, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1000],
      (ms) => `${ms}ms`,
    ),
    of: ({ delayMs }: Link) => delayMs,
    shown: (value: number) => `${Number(value.toPrecision(3))} ms`,
  },
  loss: {
    title: "Loss",
    stops: stops(
      [0, 0.1, 0.5, 1, 2, 5, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90, 100],
      (percent) => `${percent}%`,
    ),
    of: ({ lossRatio }: Link) => lossRatio * 100,
    shown: (value: number) => `${Number(value.toPrecision(2))} %`,
  },
  rate: {
    title: "Rate",
    stops: [
      ...stops(
        [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 1_000_000],
        (kbit) => `${kbit}kbit`,
      ).map(({ text, value }) => ({ text, value: value * 1000 })),
      unlimited,
    ],
    of: ({ rateBps = Number.POSITIVE_INFINITY }: Link) => rateBps,
    shown: (value: number) =>
      value === Number.POSITIVE_INFINITY ? "unlimited" : formatQuantity(value, bitRate),
  },
} as const;
type SliderName = keyof typeof sliders;
type Link = MapScene["links"][number];

/** How long a node takes to where somebody puts it. */
export const moveFor = "100ms";

const nearest = (list: readonly Stop[], value: number) =>
  list.reduce((best, one, at) => {
    const isNearer = Math.abs(one.value - value) < Math.abs((list[best]?.value ?? 0) - value);
    return one.value === value || isNearer ? at : best;
  }, 0);

export class LinkControls {
  readonly panel: HTMLElement;
  readonly #changes: Changes;
  readonly #links = element("select", { "aria-label": "Link" });
  readonly #nodes = element("select", { "aria-label": "Node" });
  readonly #ranges: ReadonlyMap<
    SliderName,
    { readonly input: HTMLInputElement; readonly output: HTMLElement }
  >;
  readonly #down = element("input", { type: "checkbox" });
  readonly #place = ["x", "y"].map((axis) =>
    element("input", { type: "number", step: "any", "aria-label": `${axis}, of the node` }),
  );
  readonly #status = element("span", { role: "status" });
  #scene: MapScene | undefined;

  constructor(changes: Changes) {
    this.#changes = changes;
    const rows = (Object.keys(sliders) as SliderName[]).map((name) => {
      const { title, stops: list } = sliders[name];
      const input = element("input", {
        type: "range",
        min: 0,
        max: list.length - 1,
        step: 1,
        "data-slider": name,
      });
      const output = element("output", {});
      input.addEventListener("input", () => {
        const stop = list[Number(input.value)];
        if (stop !== undefined) this.#set(name, stop.text);
      });
      return { name, input, output, row: element("label", { class: "slider" }, title, input, output) };
    });
    this.#ranges = new Map(rows.map(({ name, input, output }) => [name, { input, output }]));
    this.#down.addEventListener("change", () => this.#set("down", this.#down.checked));
    this.#links.addEventListener("change", () => this.#fill());
    this.#nodes.addEventListener("change", () => this.#fill());
    const move = element("button", { type: "button" }, "Move");
    move.addEventListener("click", () => {
      const [x = Number.NaN, y = Number.NaN] = this.#place.map(({ valueAsNumber }) => valueAsNumber);
      this.move(this.#nodes.value, [x, y]);
    });
    const heal = element(
      "button",
      { type: "button", title: "Ends all that was done to links" },
      "Heal all links",
    );
    heal.addEventListener("click", () => this.#changes.send("heal", { heal: "all" }));
    this.panel = element(
      "div",
      { class: "controls" },
      element("div", { class: "bar" }, "Link", this.#links, heal),
      ...rows.map(({ row }) => row),
      element("label", { class: "slider" }, "Down", this.#down),
      element("div", { class: "bar" }, "Node", this.#nodes, ...this.#place, move),
      this.#status,
    );
  }

  /** Says what became of a change. */
  answer(error: string | undefined): void {
    setText(this.#status, error ?? "");
    this.#status.className = error === undefined ? "" : "bad";
  }

  /** Chooses the link between two nodes. */
  choose(from: string, to: string): void {
    this.#links.value = `${from}\n${to}`;
    this.#fill();
  }

  move(node: string, [x, y]: readonly [number, number]): void {
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      this.answer("Give x and y as numbers.");
      return;
    }
    const at = this.#scene?.nodes.find(({ name }) => name === node)?.position ?? [];
    this.#changes.send(`move ${node}`, { move: node, to: [x, y, ...at.slice(2)], for: moveFor });
  }

  /** @param scene with its links, as they are now */
  show(scene: MapScene): void {
    this.#scene = scene;
    fillSelect(
      this.#links,
      scene.links.map(({ between: [from, to] }) => [`${from}\n${to}`, `${from} – ${to}`]),
    );
    fillSelect(
      this.#nodes,
      scene.nodes.map(({ name }) => [name, name]),
    );
    for (const input of this.#place) input.disabled = scene.space === "none";
    this.#fill();
  }

  /** What somebody has a hand on stays. */
  #fill(): void {
    const link = this.#scene?.links.find(({ between }) => between.join("\n") === this.#links.value);
    if (link !== undefined) {
      for (const [name, { input, output }] of this.#ranges) {
        const { stops: list, of, shown } = sliders[name];
        if (!input.matches(":active")) input.value = String(nearest(list, of(link)));
        setText(output, shown(of(link)));
      }
      if (!this.#down.matches(":active")) this.#down.checked = link.isDown;
    }
    const node = this.#scene?.nodes.find(({ name }) => name === this.#nodes.value);
    for (const [axis, input] of this.#place.entries()) {
      if (document.activeElement !== input)
        input.value = String(Number((node?.position[axis] ?? 0).toFixed(2)));
    }
  }

  #set(key: string, value: string | boolean): void {
    const between = this.#links.value.split("\n");
    this.#changes.send(`${key} ${this.#links.value}`, { set: { [key]: value }, links: { between } });
  }
}

function fillSelect(
  select: HTMLSelectElement,
  options: readonly (readonly [value: string, text: string])[],
): void {
  const shown = options.map(([value]) => value).join("\r");
  if (select.dataset.shown === shown) return;
  const before = select.value;
  select.dataset.shown = shown;
  show(select, ...options.map(([value, text]) => element("option", { value }, text)));
  if (options.some(([value]) => value === before)) select.value = before;
}

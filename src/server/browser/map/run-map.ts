/** The map of a run: hosts where they are, links, and the ways of flows, with layers to switch. */
import { mapPicture } from "../../../results/charts/map/draw.ts";
import {
  type MapSize,
  type Projection,
  projectionOf,
  usualSize,
} from "../../../results/charts/map/project.ts";
import type { MapScene } from "../../../results/charts/map/scene.ts";
import { liveScene } from "../../feed/live-scene.ts";
import type { RunState } from "../../feed/run-state.ts";
import { element, show } from "../dom.ts";
import { Changes } from "./changes.ts";
import { LinkControls } from "./link-controls.ts";

/** Type stays readable on a telephone. */
const narrowSize: MapSize = { width: 420, height: 460 };
const narrowBelow = 560;

export interface RunMapOptions {
  /** Name of the bundle. */
  readonly bundle: string;
  /** With which links may be changed; undefined: they may not. */
  readonly key: string | undefined;
  readonly onChange: () => void;
}

export class RunMap {
  readonly card = element("section", { class: "card", "aria-label": "Map" });
  readonly #layers = element("div", { class: "bar", role: "group", "aria-label": "Layers of the map" });
  readonly #place = element("div", { class: "mapplace" });
  readonly #hand = element("input", { type: "checkbox", "data-hand": true });
  readonly #controls: LinkControls | undefined;
  readonly #onChange: () => void;
  readonly #shown = { links: true, view: false };
  readonly #hiddenFlows = new Set<string>();
  #flows = "";
  #drawn: { readonly scene: MapScene; readonly projection: Projection } | undefined;
  #dragged: { readonly node: string; readonly projection: Projection } | undefined;

  constructor({ bundle, key, onChange }: RunMapOptions) {
    this.#onChange = onChange;
    if (key !== undefined) {
      const changes = new Changes(bundle, key, (error) => this.#controls?.answer(error));
      this.#controls = new LinkControls(changes);
      this.#controls.panel.hidden = true;
    }
    this.#hand.addEventListener("change", () => {
      this.card.classList.toggle("byhand", this.#hand.checked);
      onChange();
    });
    this.#place.addEventListener("pointerdown", (event) => this.#press(event));
    this.#place.addEventListener("pointermove", (event) => this.#drag(event));
    for (const end of ["pointerup", "pointercancel"] as const) {
      this.#place.addEventListener(end, () => {
        this.#dragged = undefined;
        this.#onChange();
      });
    }
    show(this.card, element("h2", {}, "Map"), this.#layers, this.#place, this.#controls?.panel);
    this.card.hidden = true;
  }

  /** @param second undefined: the latest @param isOpen whether links can be changed now */
  show(run: RunState, second: number | undefined, isOpen: boolean): void {
    const scene = liveScene(run, second, { ...this.#shown, hiddenFlows: this.#hiddenFlows });
    this.card.hidden = scene === undefined;
    if (scene === undefined) return;
    this.#arrange(run);
    this.#hand.disabled = !isOpen;
    if (this.#controls !== undefined) this.#controls.panel.hidden = !isOpen || !this.#hand.checked;
    if (this.#dragged === undefined) this.#draw(scene);
    if (this.#controls === undefined || this.#controls.panel.hidden) return;
    // Changes start from what is now, whatever the map shows.
    const now = liveScene(run, undefined, { links: true, view: false, hiddenFlows: this.#hiddenFlows });
    if (now !== undefined) this.#controls.show(now);
  }

  #draw(scene: MapScene): void {
    const size = this.#place.clientWidth < narrowBelow ? narrowSize : usualSize;
    this.#drawn = { scene, projection: projectionOf(scene, size) };
    const { documentElement } = new DOMParser().parseFromString(
      mapPicture(scene, size).text,
      "image/svg+xml",
    );
    show(this.#place, document.adoptNode(documentElement));
  }

  /** Switches for what this run has. */
  #arrange({ views }: RunState): void {
    const flows = views.at(-1)?.paths.map(({ flow }) => flow) ?? [];
    const text = flows.join("\n");
    if (this.#layers.childElementCount > 0 && text === this.#flows) return;
    this.#flows = text;
    const layer = (title: string, isOn: boolean, set: (isOn: boolean) => void) => {
      const button = element("button", { type: "button", "aria-pressed": String(isOn) }, title);
      button.addEventListener("click", () => {
        const next = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(next));
        set(next);
        this.#onChange();
      });
      return button;
    };
    const hide = (flow: string) => (isOn: boolean) => {
      if (isOn) this.#hiddenFlows.delete(flow);
      else this.#hiddenFlows.add(flow);
    };
    const { links, view } = this.#shown;
    const ofView = layer("Links as the network sees them", view, (isOn) => {
      this.#shown.view = isOn;
    });
    show(
      this.#layers,
      layer("Emulated links", links, (isOn) => {
        this.#shown.links = isOn;
      }),
      flows.length === 0 ? undefined : ofView,
      ...flows.map((flow) => layer(`Path of ${flow}`, !this.#hiddenFlows.has(flow), hide(flow))),
      this.#controls === undefined
        ? undefined
        : element("label", { class: "grow" }, this.#hand, " Change links"),
    );
  }

  #press(event: PointerEvent): void {
    const { dataset } = event.target as SVGElement;
    if (!this.#hand.checked || this.#hand.disabled || this.#drawn === undefined) return;
    if (dataset.from !== undefined && dataset.to !== undefined)
      this.#controls?.choose(dataset.from, dataset.to);
    const { scene, projection } = this.#drawn;
    if (dataset.node === undefined || scene.space === "none") return;
    event.preventDefault();
    this.#place.setPointerCapture(event.pointerId);
    this.#dragged = { node: dataset.node, projection };
  }

  #drag(event: PointerEvent): void {
    const svg = this.#place.querySelector("svg");
    const matrix = svg?.getScreenCTM()?.inverse();
    if (this.#dragged === undefined || svg === null || matrix === undefined) return;
    const { node, projection } = this.#dragged;
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
    const circle = svg.querySelector(`[data-node="${CSS.escape(node)}"]`);
    circle?.setAttribute("cx", String(x));
    circle?.setAttribute("cy", String(y));
    const [east, north] = projection.at(x, y).map((value) => Number(value.toFixed(3)));
    this.#controls?.move(node, [east ?? 0, north ?? 0]);
  }
}

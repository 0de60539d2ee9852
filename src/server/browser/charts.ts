/** Charts of seconds, by uPlot. */
import type { ChartData } from "../feed/series.ts";
import { element } from "./dom.ts";

/** Something that happened at a second. */
export interface Mark {
  readonly second: number;
  readonly label: string;
}

export interface ChartOptions {
  readonly title: string;
  readonly unit: string;
  readonly format: (value: number) => string;
  /** Steps of its axis are powers of two. */
  readonly isBytes?: boolean | undefined;
  /** A value holds until the next one. */
  readonly isStepped?: boolean | undefined;
  /** Charts of one name show the same second. */
  readonly group: string;
  /** Called with a second that somebody has pointed at. */
  readonly onPick: (second: number) => void;
}

/** What is drawn behind the series. */
export interface ChartSetting {
  readonly marks: readonly Mark[];
  /** Length of the window. */
  readonly windowSecs: number | undefined;
  /** The moment that all of the page shows; undefined: the latest. */
  readonly second: number | undefined;
}

const height = 200;
const colours = 8;
/** 1 byte to 1 TiB. */
const powersOfTwo = Array.from({ length: 41 }, (_, power) => 2 ** power);

const variable = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Draws what happened, and shades what is before and behind the window. */
function marksPlugin(setting: () => ChartSetting): uPlot.Plugin {
  const drawMarks = (plot: uPlot) => {
    const { marks, windowSecs: end, second: moment } = setting();
    const { ctx } = plot;
    const { left, top, width: wide, height: high } = plot.bbox;
    const clamp = (x: number) => Math.min(left + wide, Math.max(left, x));
    const placeOf = (second: number) => clamp(plot.valToPos(second, "x", true));
    ctx.save();
    ctx.fillStyle = variable("--shade");
    ctx.fillRect(left, top, placeOf(0) - left, high);
    if (end !== undefined) ctx.fillRect(placeOf(end), top, left + wide - placeOf(end), high);
    ctx.strokeStyle = variable("--mark");
    ctx.setLineDash([4, 4]);
    const drawLine = (second: number) => {
      const x = plot.valToPos(second, "x", true);
      if (x < left || x > left + wide) return;
      ctx.beginPath();
      ctx.moveTo(x, top);
      ctx.lineTo(x, top + high);
      ctx.stroke();
    };
    for (const { second } of marks) drawLine(second);
    if (moment !== undefined) {
      ctx.strokeStyle = variable("--accent");
      ctx.lineWidth = 2;
      ctx.setLineDash([]);
      drawLine(moment);
    }
    ctx.restore();
  };
  return { hooks: { drawClear: drawMarks } };
}

/** A chart in a card. It keeps the part that somebody has zoomed to. */
export class Chart {
  readonly card: HTMLElement;
  readonly #options: ChartOptions;
  readonly #place = element("div", { class: "chart" });
  #plot: uPlot | undefined;
  #labels = "";
  #isZoomed = false;
  #data: ChartData = { seconds: [], series: [] };
  /** What is to be shown when somebody sees it. */
  #waiting: (() => ChartData) | undefined;
  #isSeen = false;
  #setting: ChartSetting = { marks: [], windowSecs: undefined, second: undefined };

  constructor(options: ChartOptions) {
    this.#options = options;
    const title = `${options.title}${options.unit === "" ? "" : `, ${options.unit}`}`;
    this.card = element(
      "section",
      { class: "card", "aria-label": title },
      element("h2", {}, title),
      this.#place,
    );
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(this.#place);
    const onSight: IntersectionObserverCallback = ([entry]) => {
      this.#isSeen = entry?.isIntersecting === true;
      this.#draw();
    };
    // A little ahead of whoever scrolls.
    new IntersectionObserver(onSight, { rootMargin: "300px" }).observe(this.card);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#build());
  }

  /** @param read is called only if the chart is seen */
  show(read: () => ChartData, setting: ChartSetting): void {
    this.#waiting = read;
    this.#setting = setting;
    this.#draw();
  }

  #draw(): void {
    if (!this.#isSeen || this.#waiting === undefined) return;
    this.#data = this.#waiting();
    this.#waiting = undefined;
    const data = this.#data;
    const labels = data.series.map(({ label }) => label).join("\n");
    if (this.#plot === undefined || labels !== this.#labels) this.#build();
    else this.#plot.setData(this.#aligned(), !this.#isZoomed);
    if (this.#isZoomed) this.#plot?.redraw();
    this.#labels = labels;
  }

  #aligned(): uPlot.AlignedData {
    const { seconds, series, isJoined } = this.#data;
    const lines = series.map(({ values }) => (isJoined ? values : values.map((value) => value ?? null)));
    return [seconds as number[], ...(lines as (number | null | undefined)[][])];
  }

  #size() {
    return { width: Math.max(200, this.#place.clientWidth), height };
  }

  #build(): void {
    this.#plot?.destroy();
    const { format, group, isBytes, isStepped } = this.#options;
    const stepped = isStepped === true ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
    const axis = {
      stroke: variable("--quiet"),
      grid: { stroke: variable("--line"), width: 1 },
      ticks: { show: false },
      font: "12px system-ui, sans-serif",
    };
    const shown = (value: number | null | undefined) => (value == null ? "–" : format(value));
    const series = this.#data.series.map(({ label }, at) => ({
      label,
      stroke: variable(`--series-${(at % colours) + 1}`),
      width: 1.5,
      points: { show: false },
      ...(stepped === undefined ? {} : { paths: stepped }),
      value: (_plot: uPlot, value: number | null) => shown(value),
    }));
    this.#plot = new uPlot(
      {
        ...this.#size(),
        plugins: [marksPlugin(() => this.#setting)],
        scales: {
          x: { time: false },
          y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.08 : 1] },
        },
        axes: [
          { ...axis, values: (_plot, values) => values.map((value) => `${value} s`) },
          {
            ...axis,
            ...(isBytes === true ? { incrs: powersOfTwo } : {}),
            size: 64,
            values: (_plot, values) => values.map((value) => format(value)),
          },
        ],
        series: [{ label: "second", value: (_plot, value) => this.#describe(value) }, ...series],
        cursor: { sync: { key: group, scales: ["x", null] }, points: { size: 6 } },
        hooks: {
          setSelect: [
            (plot) => {
              this.#isZoomed = plot.select.width > 0;
            },
          ],
        },
      },
      this.#aligned(),
      this.#place,
    );
    const { over } = this.#plot;
    over.addEventListener("click", ({ offsetX }) => {
      const second = this.#plot?.posToVal(offsetX, "x");
      // The end of a drag is a click, too.
      if (second !== undefined && !this.#isZoomed) this.#options.onPick(second);
    });
    over.addEventListener("dblclick", () => {
      this.#isZoomed = false;
    });
  }

  /** A second, and what happened at it. */
  #describe(second: number | null): string {
    if (second == null) return "–";
    const happened = this.#setting.marks.filter((mark) => Math.floor(mark.second) === Math.floor(second));
    return [`${second} s`, ...happened.slice(0, 2).map(({ label }) => label)].join(" · ");
  }
}

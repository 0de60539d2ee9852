/** The pictures of the README: what a terminal shows, and a chart of latencies, as SVG. */
import { expect, test } from "vitest";
import { latencyChartSvg, terminalSvg } from "../../scripts/svg.ts";
import { screenLines } from "../../scripts/terminal-screen.ts";

const screen = { columns: 10, rows: 4 };
const shown = (written: string) =>
  screenLines(written, screen).map((spans) => spans.map(({ text }) => text).join(""));

test.each([
  ["lines follow one another", "a\r\nb\n", ["a", "b"]],
  [
    "a status line is written over, and taken away",
    "done\r\n50 %\r\u001b[2K75 %\r\u001b[2Kend\r\n",
    ["done", "end"],
  ],
  ["a long line goes on in the next one", "0123456789ab", ["0123456789", "ab"]],
  ["or does not, where it shall not", "\u001b[?7l0123456789ab\u001b[?7h\r\nc", ["012345678b", "c"]],
  ["the last lines stay", "1\r\n2\r\n3\r\n4\r\n5", ["2", "3", "4", "5"]],
  ["lines are written anew above the cursor", "a\r\nb\r\nc\u001b[2A\rx\u001b[J", ["x"]],
  ["what does not change a character is passed over", "\u001b[?25lx\u001b[?25h", ["x"]],
])("%s", (_, written, lines) => {
  expect(shown(written)).toEqual(lines);
});

test("colours hold until they are ended", () => {
  expect(screenLines("a\u001b[33mb\u001b[39m\u001b[1mc\u001b[0m", screen)).toEqual([
    [{ text: "a" }, { text: "b", colour: "yellow" }, { text: "c", bold: true }],
  ]);
});

test("what it does not understand it does not guess", () => {
  expect(() => screenLines("\u001b[5n", screen)).toThrow(RangeError);
  expect(() => screenLines("\u001b[48m", screen)).toThrow(RangeError);
});

const caption = { title: "A < B", description: "says & tells" };

test("a terminal's text stands in the picture, with words for those who do not see it", () => {
  const svg = terminalSvg([[{ text: "p99 < 5 & more", colour: "red" }]], 80, caption);
  expect(svg).toContain('<tspan class="red">p99 &lt; 5 &amp; more</tspan>');
  expect(svg).toContain('<title id="title">A &lt; B</title>');
  expect(svg).toContain('<desc id="description">says &amp; tells</desc>');
  expect(svg).toContain("prefers-color-scheme: dark");
});

test("points lie where their numbers are: higher for a higher latency, hollow where the run is not valid", () => {
  const points = [
    { loadTps: 100, p50Ms: 100, p99Ms: 200, verdict: "valid" },
    { loadTps: 1000, p50Ms: 100, p99Ms: 1000, verdict: "generator-limited" },
  ];
  const svg = latencyChartSvg(points, caption);
  const circles = [...svg.matchAll(/<circle class="(\w+) \w+" cx="([\d.]+)" cy="([\d.]+)"/g)];
  const drawn = circles.map(([, kind, x, y]) => ({ kind, x: Number(x), y: Number(y) }));
  const [p99Low, p99High, p50Low, p50High] = drawn;
  expect(drawn.map(({ kind }) => kind)).toEqual(["full", "hollow", "full", "hollow"]);
  expect(p99Low?.x).toBe(p50Low?.x);
  expect(p50Low?.y).toBe(p50High?.y);
  // Logarithmic: from 100 to 1000 it is ln 10 / ln 2 times as far as from 100 to 200.
  const up = (from?: { y: number }, to?: { y: number }) => (from?.y ?? 0) - (to?.y ?? 0);
  expect(up(p50High, p99High) / up(p50Low, p99Low)).toBeCloseTo(Math.log2(10), 1);
});

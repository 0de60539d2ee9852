/** report.html of a real sweep, in a real browser: complete, alone, and with no number that is not in the bundle. */
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { readBundle } from "../../src/results/bundle/reader.ts";
import { makeSweepPage } from "../../src/results/page/make.ts";
import { validRun } from "../results/sample-results.ts";
import { storeBundle } from "../results/stored-bundle.ts";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";
import { type OpenedPage, openBrowser, openPage, whyNoChromium } from "../support/chromium.ts";
import { numbersIn, printableNumbers } from "./printed-numbers.ts";
import { openSetting } from "./setting.ts";

const widths = [400, 1_400];

/** That it fits, asks for nothing and says nothing to the console. */
async function expectAlone({ page, messages, requests }: OpenedPage, width: number): Promise<void> {
  expect(messages).toEqual([]);
  expect(requests).toEqual([page.url()]);
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
  expect(await page.evaluate("document.querySelectorAll('script').length")).toBe(0);
}

/** What it prints, but for the scales of charts and what only telephones show. */
const printedText = `(() => {
  for (const hidden of document.querySelectorAll("svg [aria-label*='axis'], .narrow, style, title")) hidden.remove();
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode.data);
  return texts.join(" ");
})()`;

/** Words of the page itself. */
const ownNumbers = ["95"];

describe.skipIf(whyNoChromium !== undefined)(`the page of a sweep ${whyNoChromium ?? ""}`, () => {
  test("stands alone, fits telephones and screens, and prints the bundle's numbers only", async () => {
    await using setting = await openSetting();
    const args = [
      "--runtime=process",
      "--loads=50,100",
      "--runs=2",
      "--duration=2",
      "--warm-up=0.5",
      "--drain=1",
    ];
    const { code, stdout } = await setting.start("benchmark", [...args, "--faults=1"], { longestMs: 150_000 })
      .ended;
    expect([0, 3]).toContain(code);
    const bundle = await setting.bundle();
    expect((await setting.start("baleen", ["verify", bundle]).ended).code).toBe(0);
    const path = join(bundle, "report.html");
    expect((await stat(path)).size).toBeLessThan(1_000_000);
    await using opened = await openBrowser();
    const { browser } = opened;
    for (const width of widths) {
      const shown = await openPage(browser, pathToFileURL(path).href, width);
      await expectAlone(shown, width);
      const charts = await shown.page.$$eval("figure h3", (titles) =>
        titles.map(({ textContent }) => textContent),
      );
      for (const title of [
        "Latency against load",
        "Latency by percentile",
        "Latency over time",
        "CPU of nodes",
      ]) {
        expect(charts).toContain(title);
      }
    }
    const { page } = await openPage(browser, pathToFileURL(path).href, 1_400);
    const text = String(await page.evaluate(printedText));
    const summary = JSON.parse(await readFile(join(bundle, "summary.json"), "utf8")) as {
      readonly runs: readonly {
        readonly verdict: { readonly status: string; readonly reasons: readonly string[] };
      }[];
    };
    const statuses = [...Map.groupBy(summary.runs, ({ verdict }) => verdict.status).values()];
    const reasons = summary.runs.flatMap(({ verdict }) => verdict.reasons).length;
    const printable = await printableNumbers(bundle, [...statuses.map((runs) => runs.length), reasons, 8]);
    const printed = [...new Set(numbersIn(text))];
    expect(printed.length).toBeGreaterThan(100);
    const unknown = printed.filter((number) => !printable.has(number) && !ownNumbers.includes(number));
    const around = (at: number) => text.slice(Math.max(0, at - 60), at + 20);
    expect(unknown.map((number) => [number, around(text.indexOf(number))])).toEqual([]);
    // Few enough numbers are allowed that a wrong one would be found.
    const tenths = Array.from({ length: 9_900 }, (_, at) => (10 + at / 10).toFixed(1));
    expect(tenths.filter((number) => printable.has(number)).length).toBeLessThan(5_000);
    // The console said the same.
    const [, p99 = "none"] = /\n {2}commit( +[\d.]+){4}/.exec(stdout) ?? [];
    expect(text).toContain(p99.trim());
  });

  test("shows what others wrote as text, and runs none of it", async () => {
    await using folder = await makeTemporaryFolder();
    const bad = `</td></style><script>document.title = "run"</script><img src="http://127.0.0.1:9/x" onerror="document.title = 'run'">`;
    const long = `${bad}\u001b[31m${"x".repeat(1024 ** 2)}`;
    const run = {
      ...validRun,
      nodes: [{ name: bad, exitedUnasked: true }],
      rejections: [{ reason: long, count: 3 }],
      verdict: { status: "invalid", reasons: [long, `${bad}\u0007`] },
      phases: [],
    } as const;
    const stored = await readBundle(await storeBundle(folder.path, { runs: [run], endedEarly: long }));
    if (stored.generator !== "clients" || stored.end === undefined)
      throw new Error("another bundle came back");
    const html = await makeSweepPage(stored.folder, { ...stored.end, runs: stored.runs });
    expect(html.length).toBeLessThan(1_000_000);
    const path = join(folder.path, "page.html");
    await writeFile(path, html);
    await using opened = await openBrowser();
    const { browser } = opened;
    for (const width of widths) {
      const shown = await openPage(browser, pathToFileURL(path).href, width);
      await expectAlone(shown, width);
      expect(await shown.page.title()).not.toBe("run");
      const text = String(await shown.page.evaluate("document.body.innerText"));
      expect(text).toContain(bad);
      expect(text).toContain("\\u0007");
      expect(await shown.page.evaluate("document.querySelectorAll('img').length")).toBe(0);
    }
  });
});

/** The dashboard in a real browser, beside real runs. */
import { existsSync } from "node:fs";
import { appendFile, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { formatFigure } from "../../src/results/report/text/figures.ts";
import { figureOn, openBrowser, openPage, whyNoChromium } from "../support/chromium.ts";
import { openSetting } from "./setting.ts";

const labels = ["--name=nightly", "--tag=branch=main"];
const load = ["--loads=50", "--duration=8", "--warm-up=1"];
const short = [...load, ...labels, "--allow-no-faults", "--committee=2"];
const patient = { timeoutMs: 60_000, everyMs: 20 };
const numberIn = (text: string) => Number(text.replaceAll(/[^\d.]/g, ""));

async function serve() {
  const setting = await openSetting();
  onTestFinished(() => setting[Symbol.asyncDispose]());
  const server = setting.start("baleen", ["serve", "--port=0"]);
  const url = await until(() => /http:\S+/.exec(server.seen.stdout)?.[0], {
    ...patient,
    describe: () => "no address",
  });
  return { setting, server, url };
}

interface Status {
  readonly cpuSecs: number;
  readonly upSecs: number;
}

const statusOf = async (url: string) => (await (await fetch(new URL("/api/status", url))).json()) as Status;

describe.skipIf(whyNoChromium !== undefined)(`pages in Chromium ${whyNoChromium ?? ""}`, () => {
  test("show a run within a second, as it goes on, and as the console has it at the end", async () => {
    const { setting, server, url } = await serve();
    await using opened = await openBrowser();
    const { browser } = opened;
    const runs = await openPage(browser, url);
    await runs.page.waitForSelector("p.note");
    const benchmark = setting.start("benchmark", short);

    const folder = join(setting.home, "benchmarks");
    const bundle = await until(
      async () => {
        const [name] = await readdir(folder).catch(() => []);
        return name !== undefined && existsSync(join(folder, name, "parameters.json")) ? name : undefined;
      },
      { ...patient, describe: () => "no bundle" },
    );
    const begunMs = performance.now();
    await runs.page.waitForSelector(`td a[href*="${bundle}"]`);
    expect(performance.now() - begunMs).toBeLessThan(1000);
    const row = await runs.page.$eval("tr:has(td a)", (found) => found.textContent);
    expect(row).toContain("nightly branch=main");
    const shownFor = async (text: string) => {
      await runs.page.$eval("input", (input) => {
        input.value = "";
      });
      await runs.page.type("input", text);
      return await runs.page.$eval(".bar span[role=status]", (found) => found.textContent);
    };
    expect([await shownFor("branch=main"), await shownFor("elsewhere")]).toEqual(["1 of 1", "0 of 1"]);

    const address = new URL(`/run?bundle=${bundle}`, url).href;
    const [first, other] = [await openPage(browser, address), await openPage(browser, address, 400)];
    const dueAtLeast = (page: typeof first.page, least: number) =>
      until(async () => (numberIn(await figureOn(page, "due")) >= least ? true : undefined), {
        ...patient,
        describe: () => `fewer than ${least} due`,
      });
    await Promise.all([dueAtLeast(first.page, 100), dueAtLeast(other.page, 100)]);
    const before = await statusOf(url);
    // A reload in the middle loses nothing.
    const due = numberIn(await figureOn(first.page, "due"));
    await first.page.reload();
    await dueAtLeast(first.page, due);
    await dueAtLeast(other.page, 300);
    const after = await statusOf(url);

    const { code, stdout } = await benchmark.ended;
    expect([0, 3]).toContain(code);
    const [file = ""] = (await readdir(join(folder, bundle))).filter((name) =>
      name.startsWith("local_benchmark"),
    );
    const { results } = JSON.parse(await readFile(join(folder, bundle, file), "utf8"));
    for (const { page, messages, requests } of [first, other]) {
      await page.waitForFunction("document.body.textContent.includes('Run 1: finished')");
      const throughput = `${formatFigure(results.throughput)} tx/s`;
      expect(await figureOn(page, "throughput")).toBe(throughput);
      expect(stdout).toContain(throughput);
      expect(await figureOn(page, "p99")).toBe(`${formatFigure(results.latency.commit.p99_ms)} ms`);
      expect(numberIn(await figureOn(page, "committed"))).toBeGreaterThanOrEqual(
        results.successful_transactions,
      );
      // Each is drawn when somebody comes to it; nobody sees a page behind another.
      await page.bringToFront();
      const charts = await page.$$("section:has(> .chart)");
      expect(charts.length).toBeGreaterThan(5);
      for (const chart of charts) {
        await chart.scrollIntoView();
        await chart.waitForSelector("canvas");
      }
      const width = await page.evaluate("document.documentElement.scrollWidth <= innerWidth");
      expect(width).toBe(true);
      expect(messages).toEqual([]);
      expect(requests.filter((asked) => new URL(asked).origin !== new URL(url).origin)).toEqual([]);
    }
    const share = (after.cpuSecs - before.cpuSecs) / (after.upSecs - before.upSecs);
    // Loading pages is part of it; benchmarks/suite/dashboard.ts measures what watching alone costs.
    expect(share).toBeLessThan(0.1);

    await appendFile(join(folder, bundle, "events.ndjson"), '{"type":"load-second","due":"<b>"}\n');
    await first.page.waitForFunction("document.body.textContent.includes('1 line is no event')");
    expect(runs.messages).toEqual([]);
    server.child.kill("SIGINT");
    expect((await server.ended).code).toBe(130);
  });
});

describe("benchmark --dashboard", () => {
  const start = async (args: readonly string[]) => {
    const setting = await openSetting();
    onTestFinished(() => setting[Symbol.asyncDispose]());
    const benchmark = setting.start("benchmark", [...short, "--dashboard", ...args]);
    await benchmark.says(/^Dashboard: http:\/\/127\.0\.0\.1:\d+\/run\?bundle=\S+$/m);
    const [, url = ""] = /Dashboard: (\S+)/.exec(benchmark.seen.stderr) ?? [];
    return { setting, benchmark, url };
  };
  const isGone = (url: string) =>
    until(
      () =>
        fetch(url).then(
          () => undefined,
          () => true,
        ),
      { ...patient, describe: () => "it still answers" },
    );

  test("serves the run, and ends with it", async () => {
    const { setting, benchmark, url } = await start(["--duration=2"]);
    expect((await fetch(url)).status).toBe(200);
    expect([0, 3]).toContain((await benchmark.ended).code);
    await isGone(url);
    await setting.expectNothingLeft();
  });

  test("ends with a command that is killed", async () => {
    const { benchmark, url } = await start([]);
    expect((await fetch(url)).status).toBe(200);
    benchmark.child.kill("SIGKILL");
    await isGone(url);
  });
});

test("a port that is taken, and a run without a bundle, are refused before anything starts", async () => {
  const { setting, url } = await serve();
  const again = await setting.start("baleen", ["serve", `--port=${new URL(url).port}`]).ended;
  expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/another program listens there/) });
  const none = await setting.start("benchmark", [...short, "--dashboard", "--no-file-output"]).ended;
  expect(none).toMatchObject({ code: 2, stderr: expect.stringMatching(/--dashboard shows the bundle/) });
});

/** What one sees of a whole test in browsers while it runs, and of its bundle afterwards. */
import { mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import type { Page } from "puppeteer-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { formatFigure } from "../../src/results/report/text/figures.ts";
import { figureOn, openBrowser, openPage, whyNoChromium } from "../support/chromium.ts";
import { openSetting, type Setting } from "./setting.ts";

const library = "peer-libraries";
const cacheDir = env.BALEEN_TEST_CACHE ?? join(tmpdir(), "baleen-test-cache");
const durationSecs = 10;

async function open(): Promise<Setting> {
  const setting = await openSetting();
  onTestFinished(() => setting[Symbol.asyncDispose]());
  // The peer library is installed once for all tests.
  await mkdir(join(cacheDir, library), { recursive: true });
  await mkdir(setting.stateDir, { recursive: true });
  await symlink(join(cacheDir, library), join(setting.stateDir, library));
  return setting;
}

const numberIn = (text: string) => Number(text.replaceAll(/[^\d.]/g, ""));

/** Names of the figures that stand there. */
const figuresOn = (page: Page) =>
  page.$$eval("[data-figure]", (found) => found.map((figure) => figure.getAttribute("data-figure")));

/** Draws each chart, as somebody who comes to it sees it. @returns their titles */
async function drawCharts(page: Page): Promise<readonly string[]> {
  const titles: string[] = [];
  for (const chart of await page.$$("section:has(> .chart)")) {
    await chart.scrollIntoView();
    await chart.waitForSelector("canvas");
    titles.push(await chart.$eval("h2", (title) => title.textContent ?? ""));
  }
  return titles;
}

const chartsOfRoutines = [
  "Packets of all peers, per second",
  "Messages delivered, per second",
  "Tick rate of peers, per second",
  "Peers",
  "Latest timer of peers, ms",
];

interface Bundle {
  readonly folder: string;
  readonly steps: readonly { readonly second: number; readonly sentPerSec: number }[];
  readonly results: {
    readonly throughput: number;
    readonly routines: { readonly steps: readonly { from_secs: number; sent_per_sec: number }[] };
  };
}

async function readBundle(setting: Setting): Promise<Bundle> {
  const folder = await setting.bundle();
  const lines = (await readFile(join(folder, "events.ndjson"), "utf8")).trimEnd().split("\n");
  const events = lines.map((line) => JSON.parse(line));
  const [file = ""] = (await readdir(folder)).filter((name) => name.startsWith("local_native"));
  const { results } = JSON.parse(await readFile(join(folder, file), "utf8"));
  return { folder, results, steps: events.filter(({ type }) => type === "routine-step") };
}

describe.skipIf(whyNoChromium !== undefined)(`two peers ${whyNoChromium ?? ""}`, () => {
  test("are shown while they run, and from their bundle afterwards", { timeout: 300_000 }, async () => {
    const setting = await open();
    const args = ["--local", "--peers=2", `--duration=${durationSecs}`, "--dashboard"];
    const command = setting.start("baleen", ["browsers", ...args], { longestMs: 240_000 });
    await command.says(/^Dashboard: /, 200_000);
    const [, url = ""] = /^Dashboard: (\S+)/m.exec(command.seen.stderr) ?? [];
    await using opened = await openBrowser();
    const live = await openPage(opened.browser, url);
    const isShown = async () => (await figureOn(live.page, "peers")) === "2 of 2" || undefined;
    await until(isShown, {
      ...{ timeoutMs: 120_000, everyMs: 50, describe: () => `no peers: ${command.seen.stderr}` },
    });
    // 11.1 messages a second of each peer, to one other.
    for (const name of ["packets-sent", "packets-received", "delivered"]) {
      const rate = numberIn(await figureOn(live.page, name));
      expect(rate, name).toBeGreaterThan(11);
      expect(rate, name).toBeLessThan(44);
    }
    expect(await figureOn(live.page, "connections")).toBe("1.00");
    expect(numberIn(await figureOn(live.page, "tick-rate"))).toBeGreaterThan(10);
    expect(await figuresOn(live.page)).not.toContain("committed");
    const metrics = await (await fetch(new URL("/metrics", url))).text();
    expect(metrics).toMatch(/^baleen_routine_peers\{.*\} 2$/m);
    expect(metrics).toMatch(/^baleen_routine_packets_per_second\{.*family="sent".*\} [\d.]+$/m);
    await live.page.bringToFront();
    expect(await drawCharts(live.page)).toEqual(expect.arrayContaining(chartsOfRoutines));
    expect(live.messages).toEqual([]);

    const { code, stderr } = await command.ended;
    expect([0, 3], stderr).toContain(code);
    expect(stderr).toMatch(/^6\/10 s: 2 peers, 1\.00 connections each; packets\/s: /m);
    const { folder, steps, results } = await readBundle(setting);
    expect(steps.length).toBeGreaterThan(1);
    const sent = new Map(results.routines.steps.map((step) => [step.from_secs, step.sent_per_sec]));
    const same = steps.filter(({ second, sentPerSec }) => sent.get(second) === sentPerSec);
    // One that was looked at too early stands for another time.
    expect(same.length).toBeGreaterThanOrEqual(steps.length / 2);
    const verified = await setting.start("baleen", ["verify", folder]).ended;
    expect(verified.code, verified.stdout).toBe(0);

    const server = setting.start("baleen", ["serve", "--port=0"]);
    const origin = await until(() => /http:\S+/.exec(server.seen.stdout)?.[0], {
      ...{ timeoutMs: 60_000, everyMs: 20, describe: () => "no address" },
    });
    const address = new URL(`/run?bundle=${folder.split("/").at(-1)}`, origin).href;
    const { page, messages } = await openPage(opened.browser, address);
    await page.waitForFunction("document.body.textContent.includes('Run 1: finished')");
    expect(await figureOn(page, "throughput")).toBe(`${formatFigure(results.throughput)} tx/s`);
    expect(await figuresOn(page)).toEqual(["load", "throughput", "p50", "p99"]);
    await page.bringToFront();
    const titles = await drawCharts(page);
    expect(titles).toEqual(expect.arrayContaining([...chartsOfRoutines, "CPU of nodes, cores"]));
    expect(titles.filter((title) => /Throughput|Failed/.test(title))).toEqual([]);
    expect(messages).toEqual([]);
    server.child.kill("SIGINT");
    await server.ended;
  });
});

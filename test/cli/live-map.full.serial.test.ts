/** The map of a run in a real browser: a person changes links by hand, and a second run does the same again. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { BaleenEvent } from "../../src/contracts/events.ts";
import { until } from "../../src/core/async.ts";
import { openBrowser, openPage, whyNoChromium } from "../support/chromium.ts";
import { openSetting, type Setting } from "./setting.ts";

const links = `positions: { node0: [0, 0], node1: [100, 0], node2: [50, 40] }
quality: [{ distance: 0m, delay: 2ms }, { distance: 120m, delay: 5ms, loss: 1% }, { distance: 205m, down: true }]
`;
const timeline = "- { at: 2s, for: 6s, move: node0, to: [-40, 0] }\n";
const patient = { timeoutMs: 90_000, everyMs: 20 };

const start = async (setting: Setting, more: readonly string[]) => {
  await writeFile(join(setting.home, "links.yaml"), links);
  await writeFile(join(setting.home, "moves.yaml"), timeline);
  const load = ["--protocol=flows", "--committee=3", "--loads=20", "--warm-up=1", "--cleanup-thorough"];
  return setting.start("benchmark", [...load, "--links=./links.yaml", ...more], { longestMs: 170_000 });
};

/** What was emulated, in order: when it was asked for, positions and links. */
async function groundsOf(bundle: string) {
  const lines = (await readFile(join(bundle, "events.ndjson"), "utf8")).trim().split("\n");
  const events = lines.map((line) => JSON.parse(line) as BaleenEvent);
  return {
    events,
    grounds: events.flatMap((event) => (event.type === "ground" ? [event] : [])),
  };
}

const open = async (setting: Setting, duration: number) => {
  const command = await start(setting, ["--timeline=./moves.yaml", `--duration=${duration}`, "--dashboard"]);
  await command.says(/^Dashboard: \S+#key=\w+$/m);
  const [, url = ""] = /Dashboard: (\S+)/.exec(command.seen.stderr) ?? [];
  return { command, url };
};

const isRoot = process.getuid?.() === 0;
const why = whyNoChromium ?? (isRoot ? undefined : "(SKIPPED: network namespaces need root)");

describe.skipIf(why !== undefined)(`the map of a run ${why ?? ""}`, () => {
  test("a slider changes a link, a hand moves a node, and a replay emulates the same series", async () => {
    const setting = await openSetting();
    onTestFinished(() => setting[Symbol.asyncDispose]());
    const { command, url } = await open(setting, 14);
    await using opened = await openBrowser();
    const { page, messages } = await openPage(opened.browser, url);
    await page.waitForSelector(".map [data-node=node2]");
    await page.waitForFunction("/measuring [1-9]/.test(document.body.textContent)", { timeout: 90_000 });
    await page.click("[data-hand]");
    await page.waitForSelector("[data-slider=delay]", { visible: true });
    const pushedAtMs: number[] = [];
    for (const [stop, delayMs] of [
      [12, 200],
      [5, 15],
      [13, 300],
      [6, 20],
      [14, 400],
    ] as const) {
      const atMs = await page.$eval(
        "input[data-slider=delay]",
        (input, value) => {
          input.value = String(value);
          const now = Date.now();
          input.dispatchEvent(new Event("input", { bubbles: true }));
          return now;
        },
        stop,
      );
      pushedAtMs.push(atMs);
      const text = `/^${delayMs} ms/`;
      await page.waitForFunction(
        `[...document.querySelectorAll(".map text")].some(({ textContent }) => ${text}.test(textContent))`,
      );
    }
    // The map shows a link where it is pointed at.
    await page.evaluate(
      `document.querySelector('[data-from="node1"][data-to="node2"]')
        .dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }))`,
    );
    expect(await page.$eval(".controls select", ({ value }) => value)).toBe("node1\nnode2");
    const node = await page.waitForSelector("[data-node=node2]");
    const box = await node?.boundingBox();
    const [x, y] = [(box?.x ?? 0) + 8, (box?.y ?? 0) + 8];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 30, y + 40, { steps: 5 });
    await page.mouse.up();
    await page.waitForFunction("/finished/.test(document.body.textContent)", { timeout: 90_000 });
    // One moment for map, charts and events.
    await page.$eval("input[aria-label=Moment]", (input) => {
      input.value = "1";
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await page.waitForFunction(
      "/^1 s into/.test([...document.querySelectorAll('.map text')][1].textContent)",
    );
    expect(await page.$$eval(".log .later", (items) => items.length)).toBeGreaterThan(3);
    await page.setViewport({ width: 400, height: 900 });
    await page.waitForFunction("document.documentElement.scrollWidth <= innerWidth");
    expect(messages).toEqual([]);
    expect([0, 3]).toContain((await command.ended).code);

    const first = await setting.bundle();
    const { events, grounds } = await groundsOf(first);
    const [startsAtMs = 0] = events.flatMap((event) =>
      event.type === "load-phase" && event.windowStartsAtMs !== undefined ? [event.windowStartsAtMs] : [],
    );
    const slid = events.flatMap((event) =>
      event.type === "link-change" && event.isManual && event.action === "set" && event.state === "effective"
        ? [event]
        : [],
    );
    expect(slid.map(({ what }) => what)).toEqual(
      [200, 15, 300, 20, 400].map((ms) => `delay ${ms}ms (between node0 and node1)`),
    );
    const tookMs = slid.map(
      ({ effectiveSecs = Number.NaN }, at) => startsAtMs + effectiveSecs * 1000 - (pushedAtMs[at] ?? 0),
    );
    const [, , medianMs = Number.NaN] = tookMs.toSorted((a, b) => a - b);
    expect(
      medianMs,
      `links changed ${tookMs.map((ms) => ms.toFixed(0)).join(", ")} ms after the slider`,
    ).toBeLessThan(100);
    const verified = await setting.start("baleen", ["verify", first]).ended;
    expect(verified).toMatchObject({ code: 0 });

    const other = await openSetting();
    onTestFinished(() => other[Symbol.asyncDispose]());
    const again = await start(other, [`--timeline=${join(first, "timeline-1.yaml")}`, "--duration=14"]);
    expect([0, 3]).toContain((await again.ended).code);
    const replayed = (await groundsOf(await other.bundle())).grounds;
    const series = (some: typeof grounds) =>
      some.map(({ second, positions, links: changed }) => ({ second, positions, links: changed }));
    expect(series(replayed)).toEqual(series(grounds));
    // Within a tick, the typical one: a busy machine is late at times.
    const late = [...grounds, ...replayed].map(({ second, inForceSecs = second }) => inForceSecs - second);
    const lateSecs = late.sort((a, b) => a - b)[Math.floor(late.length / 2)];
    expect(lateSecs).toBeLessThan(0.1);
  });

  test("nothing is left after Ctrl-C while a person changes links", async () => {
    const setting = await openSetting();
    onTestFinished(() => setting[Symbol.asyncDispose]());
    const { command, url } = await open(setting, 60);
    const { searchParams, hash, origin } = new URL(url);
    const key = new URLSearchParams(hash.slice(1)).get("key");
    let [changed, refused] = [0, ""];
    const change = async () => {
      const reply = await fetch(
        `${origin}/api/links?${new URLSearchParams({ bundle: searchParams.get("bundle") ?? "" })}`,
        {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
          body: JSON.stringify({
            set: { delay: `${20 + changed}ms` },
            links: { between: ["node0", "node1"] },
          }),
        },
      );
      if (reply.ok) changed++;
      else refused = await reply.text();
    };
    await until(async () => change().then(() => (changed >= 5 ? true : undefined)), {
      ...patient,
      describe: () => `no change was taken: ${refused}`,
    });
    command.child.kill("SIGINT");
    await Promise.allSettled([change(), change()]);
    expect((await command.ended).code).toBe(130);
    await setting.expectNothingLeft();
  });
});

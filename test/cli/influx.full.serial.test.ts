/** Runs relayed to a real InfluxDB 1, and to VictoriaMetrics by the interface of InfluxDB 2. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { readEventLines } from "../../src/results/bundle/events.ts";
import { formatPoint, type InfluxPoint } from "../../src/server/export/influx/line-protocol.ts";
import { PointMaker } from "../../src/server/export/influx/points.ts";
import { readEvent } from "../../src/server/feed/check-event.ts";
import { askInflux, type Database, openInflux, openVictoria, whyNoDatabases } from "../support/databases.ts";
import { type Ending, openSetting, type Setting } from "./setting.ts";

const dashboard = new URL("../../compose/monitoring/grafana/dashboards/influxdb.json", import.meta.url);
const brief = ["--loads=50", "--warm-up=1", "--faults=1"];
const all = "SELECT * FROM /^baleen_/";

async function open() {
  const setting = await openSetting();
  onTestFinished(() => setting[Symbol.asyncDispose]());
  return setting;
}

/** What the events of the one bundle make. */
async function pointsOf(setting: Setting): Promise<readonly InfluxPoint[]> {
  const maker = new PointMaker();
  const points: InfluxPoint[] = [];
  for await (const line of readEventLines(await setting.bundle())) {
    const event = readEvent(line);
    if (event !== undefined) points.push(...maker.pointsOf(event));
  }
  return points.filter((point) => formatPoint(point) !== undefined);
}

async function relayIn(setting: Setting) {
  const { relay } = JSON.parse(await readFile(join(await setting.bundle(), "summary.json"), "utf8"));
  return relay as { url: string; points_written: number; points_dropped: number; trouble?: string };
}

const urlOf = ({ origin }: Database) => `${origin}/?db=baleen`;
const countOf = async ({ origin }: Database) =>
  (await askInflux(origin, all)).reduce((sum, { values }) => sum + values.length, 0);

/** Series of all numbers, once that many are there: they can be read a few seconds after they were taken. */
async function numbersIn({ origin }: Database, wanted: number) {
  const match = new URLSearchParams({ "match[]": '{__name__=~"baleen_.*",__name__!~".*_(status|what)"}' });
  let found = 0;
  const look = async () => {
    await fetch(`${origin}/internal/force_flush`);
    const text = await (await fetch(`${origin}/api/v1/export?${match}`)).text();
    const lines = text.split("\n").filter((line) => line !== "");
    const series = lines.map(
      (line) => JSON.parse(line) as { metric: Record<string, string>; values: number[] },
    );
    found = series.reduce((sum, { values }) => sum + values.length, 0);
    return found >= wanted ? series : undefined;
  };
  const describe = () => `${found} of ${wanted} numbers`;
  const series = await until(look, { timeoutMs: 20_000, everyMs: 200, describe });
  expect(found).toBe(wanted);
  return series;
}

function expectRun({ code, stderr, stdout }: Ending): void {
  expect([0, 3], stderr).toContain(code);
  expect(`${stdout}${stderr}`).toMatch(/InfluxDB: \d+ points written/);
}

/** Resolves once points of the run's seconds have arrived. */
const firstSeconds = (influx: Database) =>
  until(
    async () => {
      const found = await askInflux(influx.origin, 'SELECT * FROM "baleen_second"');
      return (found[0]?.values.length ?? 0) >= 2 || undefined;
    },
    { timeoutMs: 60_000, everyMs: 200, describe: () => "no seconds arrived" },
  );

describe.skipIf(whyNoDatabases !== undefined)(`relays ${whyNoDatabases ?? ""}`, () => {
  test("InfluxDB has each point of a run, told apart by tags; writing them again changes nothing", async () => {
    const setting = await open();
    await using influx = await openInflux(setting.home);
    const ended = await setting.start("benchmark", [...brief, "--duration=6", `--influx=${urlOf(influx)}`])
      .ended;
    expectRun(ended);
    const points = await pointsOf(setting);
    expect(await relayIn(setting)).toEqual({
      ...{ url: urlOf(influx), points_written: points.length, points_dropped: 0 },
    });
    expect(await countOf(influx)).toBe(points.length);
    const tags = await askInflux(influx.origin, "SHOW TAG KEYS");
    for (const { values } of tags) {
      expect(values.flat()).toEqual(expect.arrayContaining(["benchmark", "load", "network", "run"]));
    }
    const again = await setting.start("baleen", ["export", "last", `--influx=${urlOf(influx)}`]).ended;
    expect(again.stdout).toContain(`${points.length} points written`);
    expect(await countOf(influx)).toBe(points.length);
    expect((await setting.start("baleen", ["verify", "last"]).ended).code).toBe(0);

    const run = (await setting.bundle()).split("-").at(-1) ?? "";
    const { panels } = JSON.parse(await readFile(dashboard, "utf8")) as {
      panels: { title: string; targets: { query: string }[] }[];
    };
    for (const { title, targets } of panels) {
      for (const { query } of targets) {
        const asked = query
          .replaceAll("$run", run)
          .replaceAll("$timeFilter", "time > now() - 1h")
          .replaceAll("$__interval", "1s");
        expect(await askInflux(influx.origin, asked), title).not.toEqual([]);
      }
    }
  });

  test("VictoriaMetrics has each number of a run, by the interface of InfluxDB 2", async () => {
    const setting = await open();
    await using victoria = await openVictoria(setting.home);
    const url = `${victoria.origin}/?org=o&bucket=baleen`;
    const env = { BALEEN_INFLUX_TOKEN: "a-secret-token" };
    const ended = await setting.start(
      "benchmark",
      [...brief, "--duration=6", `--influx=${url}`, "--verbose"],
      {
        env,
      },
    ).ended;
    expectRun(ended);
    expect(`${ended.stdout}${ended.stderr}`).not.toContain(env.BALEEN_INFLUX_TOKEN);
    const points = await pointsOf(setting);
    expect(await relayIn(setting)).toMatchObject({ points_written: points.length, points_dropped: 0 });
    const numbers = points.flatMap(({ fields }) =>
      Object.values(fields).filter((value) => value !== undefined && typeof value !== "string"),
    );
    const series = await numbersIn(victoria, numbers.length);
    const nodes = series.filter(({ metric }) => metric.__name__ === "baleen_node_cpu_cores");
    expect(nodes.map(({ metric }) => metric.node).sort()).toEqual(["node0", "node1", "node2", "node3"]);
  });

  test("a database that is killed and comes back in a run has all of it in the end", async () => {
    const setting = await open();
    await using influx = await openInflux(setting.home);
    const args = [...brief, "--duration=15", `--influx=${urlOf(influx)}`];
    const benchmark = setting.start("benchmark", args);
    await firstSeconds(influx);
    await influx.kill();
    await until(() => (/\bdrain|finished/i.test(benchmark.seen.stderr) ? true : undefined), {
      ...{ timeoutMs: 60_000, everyMs: 100, describe: () => benchmark.seen.stderr },
    });
    await influx.start();
    expectRun(await benchmark.ended);
    const points = await pointsOf(setting);
    const relay = await relayIn(setting);
    expect(relay).toMatchObject({ points_written: points.length, points_dropped: 0 });
    expect(relay.trouble).toMatch(/ECONNREFUSED|closed|reset/i);
    expect(await countOf(influx)).toBe(points.length);
  });

  test("a database that stays away ends nothing; what was not written is counted, and said", async () => {
    const setting = await open();
    await using influx = await openInflux(setting.home);
    const args = [...brief, "--duration=8", `--influx=${urlOf(influx)}`];
    const benchmark = setting.start("benchmark", args);
    await firstSeconds(influx);
    await influx.kill();
    const ended = await benchmark.ended;
    expectRun(ended);
    expect(`${ended.stdout}${ended.stderr}`).toMatch(/, \d+ dropped \(/);
    const points = await pointsOf(setting);
    const relay = await relayIn(setting);
    expect(relay.points_written + relay.points_dropped).toBe(points.length);
    expect(relay.points_dropped).toBeGreaterThan(0);
    await influx.start();
    expect(await countOf(influx)).toBeGreaterThanOrEqual(relay.points_written);
  });

  test.each([
    ["no database of that name", (origin: string) => `${origin}/?db=other`, /database not found.*Create/],
    ["nobody there", () => "http://127.0.0.1:9/?db=baleen", /127\.0\.0\.1:9.*Start the database/],
    ["a password in the URL", () => "http://me:hunter2@127.0.0.1/?db=x", /credentials.*BALEEN_INFLUX_TOKEN/],
  ])("%s: refused before anything starts", async (_, url, reason) => {
    const setting = await open();
    await using influx = await openInflux(setting.home);
    const { code, stderr } = await setting.start("benchmark", [...brief, `--influx=${url(influx.origin)}`])
      .ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(reason);
    expect(stderr).not.toContain("hunter2");
    await expect(setting.bundle()).rejects.toThrow();
  });
});

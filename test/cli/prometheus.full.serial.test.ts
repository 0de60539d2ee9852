/** A real Prometheus beside real runs, and every query of Grafana's dashboards. */
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { freePort, openPrometheus, whyNoDatabases } from "../support/databases.ts";
import { openSetting, type Setting } from "./setting.ts";

const run = promisify(execFile);
const dashboards = new URL("../../compose/monitoring/grafana/dashboards/", import.meta.url);

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

/** @param more of the interface: `time`, or `start`, `end` and `step` */
async function ask(
  origin: string,
  kind: "query" | "query_range",
  more: Readonly<Record<string, string>>,
): Promise<readonly Series[]> {
  const answer = await fetch(`${origin}/api/v1/${kind}?${new URLSearchParams(more)}`);
  const { status, error, data } = (await answer.json()) as {
    status: string;
    error?: string;
    data?: { result: Series[] };
  };
  if (status !== "success" || data === undefined) throw new Error(`${more.query}: ${error}`);
  return data.result;
}

interface Target {
  readonly panel: string;
  readonly expr: string;
}

async function queriesOf(name: string): Promise<readonly Target[]> {
  const text = await readFile(new URL(name, dashboards), "utf8");
  const { panels } = JSON.parse(text) as { panels: { title: string; targets: { expr: string }[] }[] };
  return panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ panel: title, expr })));
}

async function start(setting: Setting, args: readonly string[]) {
  const list = () => readdir(join(setting.home, "benchmarks")).catch((): string[] => []);
  const before = await list();
  const command = setting.start("benchmark", args, { longestMs: 180_000 });
  const bundle = await until(
    async () => {
      const names = await list();
      return names.find((name) => !before.includes(name));
    },
    { timeoutMs: 60_000, everyMs: 100, describe: () => `no bundle: ${command.seen.stderr}` },
  );
  return { command, folder: join(setting.home, "benchmarks", bundle), id: bundle.split("-").at(-1) ?? "" };
}

const windowSecs = 60;
const rangeSecs = 50;

test.skipIf(whyNoDatabases !== undefined)(
  `Prometheus counts what the result says, and every panel has data ${whyNoDatabases ?? ""}`,
  { timeout: 400_000 },
  async () => {
    const setting = await openSetting();
    onTestFinished(() => setting[Symbol.asyncDispose]());
    const [port, metricsPort] = [await freePort(), await freePort()];
    const server = setting.start("baleen", ["serve", `--port=${port}`], { longestMs: 400_000 });
    await until(() => (server.seen.stdout.includes("http://") ? true : undefined), {
      ...{ timeoutMs: 60_000, everyMs: 50, describe: () => `no server: ${server.seen.stderr}` },
    });
    const nodes = [0, 1, 2, 3].map((node) => `127.0.0.1:${metricsPort + node}`);
    const jobs = { baleen: [`127.0.0.1:${port}`], nodes };
    await using prometheus = await openPrometheus(setting.home, jobs, "200ms");
    const { origin } = prometheus;
    const beganSecs = Date.now() / 1000;
    const common = [`--metrics-base-port=${metricsPort}`, "--warm-up=2"];
    const main = await start(setting, ["--loads=100", `--duration=${windowSecs}`, ...common]);
    const ended = await main.command.ended;
    expect([0, 3], ended.stderr).toContain(ended.code);

    // Behind the step of a second in the middle of the window, so that whole seconds lie in the range.
    const committed = `baleen_transactions_committed_total{run="${main.id}"}`;
    const [raw] = await ask(origin, "query", { query: `${committed}[${2 * windowSecs}s]` });
    const samples = (raw?.values ?? []).map(([secs, value]) => ({ secs, value: Number(value) }));
    const rises = samples.filter(({ value }, at) => at > 0 && value > (samples[at - 1]?.value ?? 0));
    const last = rises.at(-4)?.secs ?? Number.NaN;
    const [rate] = await ask(origin, "query", {
      query: `rate(${committed}[${rangeSecs}s])`,
      time: String(last + 0.4),
    });
    const [file = ""] = (await readdir(main.folder)).filter((name) => name.startsWith("local_benchmark"));
    const { results } = JSON.parse(await readFile(join(main.folder, file), "utf8"));
    const ratio = Number(rate?.value?.[1]) / results.throughput;
    expect(Math.abs(ratio - 1), `rate ${rate?.value?.[1]}, result ${results.throughput}`).toBeLessThan(0.01);

    const crashed = await start(setting, ["--loads=20", "--duration=4", "--faults=1", ...common]);
    await crashed.command.ended;
    const page = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(page.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    await expectCheckedMetrics(await page.text());
    const hasVerdict = async () => {
      const found = await ask(origin, "query", { query: `baleen_run_verdict{run="${crashed.id}"}` });
      return found.length > 0 || undefined;
    };
    await until(hasVerdict, { timeoutMs: 10_000, everyMs: 200, describe: () => "no verdict was scraped" });

    const span = { start: String(beganSecs), end: String(Date.now() / 1000), step: "1" };
    const without: string[] = [];
    for (const name of ["runs.json", "nodes.json"]) {
      for (const { panel, expr } of await queriesOf(name)) {
        const found = await Promise.all(
          [main.id, crashed.id].map((id) => {
            const query = expr.replaceAll("$run", id).replaceAll("$__rate_interval", "4s");
            return ask(origin, "query_range", { query, ...span });
          }),
        );
        const points = found.flat().flatMap(({ values = [] }) => values);
        if (!points.some(([, value]) => value !== "NaN")) without.push(`${panel}: ${expr}`);
      }
    }
    expect(without).toEqual([]);

    // The bundle as a file has the same series, and Prometheus takes it.
    const exported = join(setting.home, "run.openmetrics");
    const exporting = await setting.start("baleen", ["export", main.id, "--openmetrics", exported]).ended;
    expect(exporting.code, exporting.stderr).toBe(0);
    const blocks = join(setting.home, "blocks");
    const { stdout } = await run("promtool", ["tsdb", "create-blocks-from", "openmetrics", exported, blocks]);
    expect(stdout).toMatch(/BLOCK ULID.*\n\w{26} /);
    await mkdir(join(blocks, "wal"));
    const { stdout: dumped } = await run("promtool", ["tsdb", "dump", blocks], { maxBuffer: 1 << 28 });
    const values = [...dumped.matchAll(/"baleen_transactions_committed_total".* (\d+) \d+$/gm)];
    expect(Math.max(...values.map(([, value]) => Number(value)))).toBe(samples.at(-1)?.value);
    server.child.kill("SIGTERM");
    expect((await server.ended).code).toBe(130);
  },
);

async function expectCheckedMetrics(text: string): Promise<void> {
  const checking = run("promtool", ["check", "metrics"]);
  checking.child.stdin?.end(text);
  const { stdout, stderr } = await checking;
  expect(`${stdout}${stderr}`).toBe("");
  expect(text).toContain("baleen_ledger_transactions");
}

/** Prometheus, InfluxDB and VictoriaMetrics as Debian has them, each on a port and in a folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../../src/core/async.ts";
import { findFreePorts } from "../../src/deploy/nodes/ports.ts";

const programs = { prometheus: "prometheus", influxd: "influxdb", "victoria-metrics": "victoria-metrics" };

/** Why tests with them are skipped here; undefined: they are not. */
export const whyNoDatabases: string | undefined = (() => {
  const missing = Object.entries(programs).filter(([name]) => !existsSync(`/usr/bin/${name}`));
  const packages = missing.map(([, name]) => name).join(" ");
  return missing.length === 0
    ? undefined
    : `(SKIPPED: npm run test:full installs ${packages} as root on Debian or Ubuntu, or: apt-get install ${packages})`;
})();

export interface Database extends AsyncDisposable {
  readonly origin: string;
  readonly host: string;
  /** Ends it at once, as a power cut would. */
  readonly kill: () => Promise<void>;
  /** Begins again where it was killed. */
  readonly start: () => Promise<void>;
}

export async function freePort(): Promise<number> {
  const [port = 0] = await findFreePorts(1, "127.0.0.1");
  return port;
}

async function openDatabase(
  argvOn: (port: number) => readonly string[],
  readyPath: string,
): Promise<Database> {
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const origin = `http://${host}`;
  let child: ChildProcess | undefined;
  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  const start = async () => {
    const [file = "", ...args] = argvOn(port);
    child = spawn(file, args, { stdio: "ignore" });
    const isReady = () =>
      fetch(`${origin}${readyPath}`).then(
        ({ ok }) => ok || undefined,
        () => undefined,
      );
    await until(isReady, { timeoutMs: 60_000, everyMs: 100, describe: () => `${file} does not answer` });
  };
  await start();
  return { origin, host, kill, start, [Symbol.asyncDispose]: kill };
}

/** @param jobs what is scraped, `host:port` each, by job */
export async function openPrometheus(
  folder: string,
  jobs: Readonly<Record<string, readonly string[]>>,
  scrapeInterval: string,
): Promise<Database> {
  const config = join(folder, "prometheus.yml");
  const scraped = Object.entries(jobs).map(([name, targets]) => ({
    job_name: name,
    static_configs: [{ targets }],
  }));
  const global = { scrape_interval: scrapeInterval, scrape_timeout: scrapeInterval };
  // JSON is YAML.
  await writeFile(config, JSON.stringify({ global, scrape_configs: scraped }));
  return await openDatabase(
    (port) => [
      ...["prometheus", `--config.file=${config}`, `--storage.tsdb.path=${join(folder, "prometheus")}`],
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    "/-/ready",
  );
}

/** With an empty database "baleen". */
export async function openInflux(folder: string): Promise<Database> {
  const ports = await findFreePorts(1, "127.0.0.1");
  const config = join(folder, "influxdb.conf");
  const place = (name: string) => JSON.stringify(join(folder, "influxdb", name));
  const influx = await openDatabase((port) => {
    const lines = [
      "reporting-disabled = true",
      `bind-address = "127.0.0.1:${ports[0]}"`,
      `[meta]\n  dir = ${place("meta")}`,
      `[data]\n  dir = ${place("data")}\n  wal-dir = ${place("wal")}`,
      `[http]\n  bind-address = "127.0.0.1:${port}"`,
      `[monitor]\n  store-enabled = false`,
    ];
    writeFileSync(config, lines.join("\n"));
    return ["influxd", "run", "-config", config];
  }, "/ping");
  await askInflux(influx.origin, "CREATE DATABASE baleen", "POST");
  return influx;
}

interface InfluxSeries {
  readonly name: string;
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}

/** Series of an InfluxQL query. */
export async function askInflux(
  origin: string,
  query: string,
  method: "GET" | "POST" = "GET",
  db = "baleen",
): Promise<readonly InfluxSeries[]> {
  const asked = new URLSearchParams({ db, q: query });
  const answer = await fetch(`${origin}/query?${asked}`, { method });
  const { results } = (await answer.json()) as { results: { series?: InfluxSeries[]; error?: string }[] };
  const [first] = results;
  if (first?.error !== undefined) throw new Error(first.error);
  return first?.series ?? [];
}

export async function openVictoria(folder: string): Promise<Database> {
  return await openDatabase(
    (port) => [
      ...["victoria-metrics", `-storageDataPath=${join(folder, "victoria")}`],
      `-httpListenAddr=127.0.0.1:${port}`,
    ],
    "/health",
  );
}

import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import {
  checkMonitoring,
  type MonitoringOptions,
  type MonitoringService,
  startMonitoring,
} from "../../deploy/docker/monitoring.ts";
import { stateDirOf } from "../../run/prepare/backend.ts";
import { type MonitoringTargets, monitoringFiles } from "../../server/export/monitoring-files.ts";
import type { Monitoring } from "./beside.ts";
import type { CommandContext } from "./context.ts";

const services: readonly MonitoringService[] = [
  { name: "prometheus", port: 9090, readyPath: "/-/ready" },
  { name: "grafana", port: 3000, readyPath: "/api/health" },
];
/** Of node0 in the packaged compose file. */
const usualMetricsPort = 26_670;
const idBytes = 4;

export function openMonitoring({
  terminal,
  env,
  signal,
}: Pick<CommandContext, "terminal" | "env" | "signal">): Monitoring {
  const folder = join(stateDirOf(env), "monitoring");
  const run = randomBytes(idBytes).toString("hex");
  const options: MonitoringOptions = { folder, services, run, env, home: homedir() };
  const scope = new AsyncDisposableStack();
  let started: Promise<void> | undefined;
  const start = async (targets: MonitoringTargets) => {
    await writeFiles(folder, targets);
    scope.use(await startMonitoring(options, signal));
    terminal.note("Grafana: http://127.0.0.1:3000 (Prometheus: http://127.0.0.1:9090)");
  };
  return {
    check: async (abort) => {
      await writeFiles(folder);
      return await checkMonitoring(options, abort);
    },
    open: (dashboard, { committee, metricsBasePort = usualMetricsPort }) => {
      const nodes = Array.from({ length: committee }, (_, node) => `127.0.0.1:${metricsBasePort + node}`);
      started ??= start({ baleen: [new URL(dashboard).host], nodes });
      return started;
    },
    [Symbol.asyncDispose]: () => scope.disposeAsync(),
  };
}

async function writeFiles(folder: string, targets?: MonitoringTargets): Promise<void> {
  for (const { path, text } of await monitoringFiles(targets)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** Prometheus and Grafana beside a run: the compose folder of the package, started and stopped by compose. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mapBounded, until } from "../../core/async.ts";
import { readBounded } from "../../core/documents/read-bounded.ts";
import { formatYaml, parseYaml } from "../../core/documents/yaml.ts";
import { type Diagnostic, diagnosticsOf } from "../../core/errors.ts";
import { sendHttp } from "../../core/http.ts";
import type { Environment } from "../../core/process/environment.ts";
import { describeOwnHolder, holderLabel, runLabel } from "../engine/ownership.ts";
import { pull } from "../images/image.ts";
import { findPortHolder, isPortFree } from "../nodes/ports.ts";
import { findDocker } from "./deployer.ts";

/** A service of the folder, and where it answers once it is ready. */
export interface MonitoringService {
  readonly name: string;
  readonly port: number;
  readonly readyPath: string;
}

export interface MonitoringOptions {
  /** Has docker-compose.yml; what is added to it is written there. */
  readonly folder: string;
  readonly services: readonly MonitoringService[];
  /** Label of all that is started, so that `clean` finds it. */
  readonly run: string;
  readonly env: Environment;
  readonly home: string;
}

const file = "docker-compose.yml";
const ownerFile = "owner.yml";
const host = "127.0.0.1";
const readyTimeoutMs = 60_000;
const stopTimeoutMs = 60_000;
const remedy =
  "Remove --monitoring, or write the files for a Prometheus and a Grafana of your own: baleen dashboards DIR.";

/** What keeps the services from being started. Images that are missing are pulled; nothing else is changed. */
export async function checkMonitoring(
  { folder, services, env, home }: MonitoringOptions,
  signal: AbortSignal,
): Promise<readonly Diagnostic[]> {
  const found = await findDocker({ env, home, signal });
  if (!found.available) {
    const { code, message } = found.diagnostic;
    return [{ code, message: `--monitoring: ${message} ${remedy}` }];
  }
  const { engine } = found.docker;
  const taken = await Promise.all(services.map(checkPort));
  const images = imagesOf(String(await readBounded(join(folder, file))));
  const missing = await mapBounded(images, images.length, async (image) => {
    try {
      if ((await engine.inspectImage(image)) === undefined) await pull(engine, image, { signal, remedy });
      return [];
    } catch (error) {
      signal.throwIfAborted();
      return diagnosticsOf(error).map(({ code, message }) => ({
        code,
        message: `--monitoring: the image ${image} is missing and cannot be pulled: ${message}`,
      }));
    }
  });
  return [...taken, ...missing].flat();
}

async function checkPort({ name, port }: MonitoringService): Promise<readonly Diagnostic[]> {
  if (await isPortFree(host, port)) return [];
  const holder = (await findPortHolder(port, host))?.description ?? "another program";
  const message = `--monitoring: ${name} needs port ${port}, which ${holder} uses. Stop that, or remove --monitoring. If a killed benchmark left it: npx baleen clean`;
  return [{ code: "monitoring", message }];
}

function imagesOf(text: string): string[] {
  const { services = {} } = parseYaml(text) as { services?: Record<string, { image?: unknown }> };
  return Object.values(services).flatMap(({ image }) => (typeof image === "string" ? [image] : []));
}

/**
 * Starts the services, and waits until they answer. Disposing removes their containers; their data stay in volumes.
 *
 * @throws ComposeError, TimeoutError; nothing of them runs then
 */
export async function startMonitoring(
  { folder, services, run, env, home }: MonitoringOptions,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  const found = await findDocker({ env, home, signal });
  if (!found.available) throw new TypeError("the check has found an engine");
  const { compose } = found.docker;
  const labels = { [runLabel]: run, [holderLabel]: await describeOwnHolder() };
  const owned = Object.fromEntries(services.map(({ name }) => [name, { labels }]));
  await writeFile(join(folder, ownerFile), formatYaml({ services: owned }));
  const files = [join(folder, file), join(folder, ownerFile)];
  const project = { name: "baleen-monitoring", files, variables: {} };
  const stop = () => compose.down(project, AbortSignal.timeout(stopTimeoutMs));
  try {
    await compose.create(project, signal);
    await compose.start(project, signal);
    await Promise.all(services.map((service) => waitFor(service, signal)));
  } catch (error) {
    await stop().catch(() => {}); // the first failure is the one to tell
    throw error;
  }
  return { [Symbol.asyncDispose]: stop };
}

async function waitFor({ name, port, readyPath }: MonitoringService, signal: AbortSignal): Promise<void> {
  const request = { method: "GET", path: readyPath, timeoutMs: 2_000, signal } as const;
  const isReady = async () => {
    const reply = await sendHttp(`http://${host}:${port}`, request).catch(() => undefined);
    return reply?.status === 200 ? true : undefined;
  };
  await until(isReady, {
    timeoutMs: readyTimeoutMs,
    everyMs: 200,
    signal,
    describe: () =>
      `${name} did not answer at http://${host}:${port}${readyPath} within ${readyTimeoutMs / 1000} s. ${remedy}`,
  });
}

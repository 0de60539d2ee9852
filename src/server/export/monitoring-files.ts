import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A file of the folder that `docker compose` starts Prometheus and Grafana from. */
export interface MonitoringFile {
  /** In the folder, with "/". */
  readonly path: string;
  readonly text: string;
}

/** Where Prometheus finds what it reads, `host:port` each. */
export interface MonitoringTargets {
  readonly baleen: readonly string[];
  readonly nodes: readonly string[];
}

/** Of the package, three above this module, built or not. */
const packaged = fileURLToPath(new URL("../../../compose/monitoring", import.meta.url));

/** All files, with the targets in place of the packaged ones where they are given. */
export async function monitoringFiles(targets?: MonitoringTargets): Promise<readonly MonitoringFile[]> {
  const entries = await readdir(packaged, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(packaged.length + 1)
        .replaceAll("\\", "/"),
    );
  const own = new Map(
    Object.entries(targets ?? {}).map(([job, addresses]) => [
      `prometheus/targets/${job}.yml`,
      // JSON is YAML.
      `${JSON.stringify([{ targets: addresses }])}\n`,
    ]),
  );
  const text = async (path: string) => own.get(path) ?? (await readFile(join(packaged, path), "utf8"));
  return await Promise.all(paths.sort().map(async (path) => ({ path, text: await text(path) })));
}

import { basename, dirname, join, resolve } from "node:path";
import { isTable } from "../../core/keys.ts";
import { historyEntries, type KeyedEntry } from "../analysis/history/entries.ts";
import { readJson } from "../bundle/document.ts";
import { parseBundleName } from "../bundle/find-bundle.ts";
import { bundlesIn, listNames } from "../bundle/parts.ts";
import { endOf, readBundle } from "../bundle/reader.ts";

/**
 * What a history keeps of a bundle, or of each of those in a folder.
 *
 * @throws BundleReadError where its sweep has not come to an end, or a file is not as the manifest has it
 */
export async function readHistoryEntries(path: string): Promise<KeyedEntry[]> {
  const entries: KeyedEntry[] = [];
  for (const part of await bundlesIn(path)) {
    const stored = await readBundle(part);
    const { run } = endOf(stored, part);
    const machines = await readMachines(stored.folder);
    entries.push(...historyEntries({ run, bundle: nameBundle(stored.folder), runs: stored.runs, machines }));
  }
  return entries;
}

/** Of one of several in a folder, with the folder's name. */
function nameBundle(folder: string): string {
  const own = basename(folder);
  const around = basename(dirname(resolve(folder)));
  return parseBundleName(own) === undefined && parseBundleName(around) !== undefined
    ? `${around}/${own}`
    : own;
}

/** Kinds of machines that the nodes ran on: hosts, or else the coordinator. */
async function readMachines(folder: string): Promise<string[]> {
  if (!(await listNames(folder)).includes("environment.json")) return [];
  const environment = tableOf(await readJson(join(folder, "environment.json")));
  const hosts = Object.values(tableOf(tableOf(environment.network).hosts)).map(tableOf);
  const coordinator = tableOf(environment.coordinator);
  const kinds =
    hosts.length > 0
      ? hosts.map(({ cpus, cpuModel }) => nameMachine(cpus, cpuModel))
      : [nameMachine(coordinator.cpu_count, coordinator.cpu_model)];
  return [...new Set(kinds)];
}

const nameMachine = (count: unknown, model: unknown) =>
  `${typeof count === "number" ? count : "?"} × ${typeof model === "string" ? model : "unknown processor"}`;

/** A foreign file: what is no table is an empty one. */
function tableOf(value: unknown): Readonly<Record<string, unknown>> {
  return isTable(value) ? value : {};
}

import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { hostLoadTable, secondsTable } from "../schema/csv.ts";
import { claimBundle } from "./claim.ts";
import { eventsFile } from "./events.ts";
import { LineFile } from "./files/line-file.ts";
import type { BundleKind } from "./find-bundle.ts";
import { makeFolders } from "./folders.ts";
import { writing } from "./write-error.ts";
import { BundleWriter, checkedFileName } from "./writer.ts";

export interface BundleOptions {
  /** Folder in which the bundle's own folder is made. */
  readonly outputDir: string;
  readonly networkType: BundleKind;
  /** Id of the sweep; its first eight characters end the folder's name. */
  readonly run: string;
  readonly clock: Clock;
  /** What makes the load: where nodes do, there are no seconds and histograms of transactions. Default: clients. */
  readonly generator?: "clients" | "native";
  /** Name of its folder instead of one made of time, network and id. */
  readonly name?: string;
  /** Command line that writes it, for those who find it in use. */
  readonly command?: string;
}

/** 20240115T103000Z: sorts by time and is a legal name everywhere. */
function folderTime(wallMs: number): string {
  return new Date(wallMs)
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replace(/[-:]/g, "");
}

/** `<UTC time>-<network>-<short id>`. */
export function bundleName({
  run,
  networkType,
  clock,
}: Pick<BundleOptions, "run" | "networkType" | "clock">): string {
  return `${folderTime(clock.wallMs())}-${networkType}-${checkedFileName(run.slice(0, 8))}`;
}

const makeFolder = (path: string) => writing(path, () => mkdir(path));

async function openFiles(folder: string, options: BundleOptions): Promise<BundleWriter> {
  const { run, command = "baleen", generator } = options;
  await makeFolder(join(folder, "logs"));
  const followed = generator !== "native";
  if (followed) await makeFolder(join(folder, "histograms"));
  const claim = await claimBundle(folder, { run, command });
  try {
    const events = await LineFile.open(join(folder, eventsFile));
    const seconds = followed ? await LineFile.open(join(folder, secondsTable.name)) : undefined;
    seconds?.append(secondsTable.header);
    const hostLoad = await LineFile.open(join(folder, hostLoadTable.name));
    hostLoad.append(hostLoadTable.header);
    return new BundleWriter(folder, { events, seconds, hostLoad, claim });
  } catch (error) {
    await claim[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Makes a sweep's folder, `<outputDir>/<UTC time>-<network>-<short id>/`, and opens it for writing.
 *
 * @throws BundleWriteError where that is not possible, with nothing left half-made
 */
export async function openBundle(options: BundleOptions): Promise<BundleWriter> {
  const outputDir = resolve(options.outputDir);
  await writing(outputDir, () => makeFolders(outputDir));
  const folder = join(outputDir, options.name ?? bundleName(options));
  await makeFolder(folder);
  try {
    return await openFiles(folder, options);
  } catch (error) {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined); // made by us a moment ago
    throw error;
  }
}

import { join } from "node:path";
import { readBundleHolder } from "./claim.ts";
import { eventsFile, readTold } from "./events.ts";
import { readBundleText } from "./files/bundle-file.ts";
import { type BundleEnd, endOf, networkTypeOf, type StoredBundle } from "./reader.ts";

/**
 * The end of a sweep that has none: what its events tell, up to where they stop.
 *
 * @param path as somebody named it
 * @throws BundleReadError where they do not even tell that it began
 */
export async function readCutOffEnd(
  stored: StoredBundle,
  { path, plannedRuns }: { readonly path: string; readonly plannedRuns: number | undefined },
): Promise<{ readonly end: BundleEnd; readonly isUnderWay: boolean }> {
  const { folder } = stored;
  const holder = await readBundleHolder(folder);
  const { first, last } = readTold(await readBundleText(join(folder, eventsFile)));
  if (first?.type !== "sweep-started" || last === undefined) {
    return { end: endOf(stored, path), isUnderWay: false };
  }
  const { run, t: startedAt } = first;
  const runtime: BundleEnd["runtime"] = first.runtime === "docker" ? "docker" : "process";
  const networkType = networkTypeOf(stored);
  const endedEarly =
    holder === undefined
      ? `The end was never written: the command was killed, or its machine stopped. Continue with: npx benchmark --resume ${path}`
      : `Process ${holder.pid} still writes this bundle (${holder.command}).`;
  const end: BundleEnd = {
    run,
    networkType,
    runtime,
    startedAt,
    finishedAt: last.t,
    plannedRuns,
    endedEarly,
  };
  return { end, isUnderWay: holder !== undefined };
}

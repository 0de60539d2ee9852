import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { SideRuns } from "../../contracts/results/comparison.ts";
import { notEnded } from "../schema/read-error.ts";
import type { BundleEnd, StoredBundle } from "./reader.ts";
import { inForm, readBundle, readRun } from "./reader.ts";

/**
 * A bundle whose sweep came to an end, or a run's file, as one side.
 *
 * @throws BundleReadError naming what is missing or wrong
 */
export async function readSide(path: string): Promise<SideRuns> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (isFile) {
    const run = await readRun(resolve(path));
    return { path, networkType: run.parameters.networkType, runs: [run] };
  }
  const bundle = await readBundle(path);
  const { folder, parameters, runs } = bundle;
  const end = endOf(bundle, path);
  const networkType = inForm(join(folder, "parameters.json"), () =>
    parameters.choice("network_type", "local", "remote"),
  );
  return { path, networkType, runs, endedEarly: end.endedEarly };
}

/** @throws BundleReadError where its sweep has not come to an end, however early */
export function endOf({ folder, end }: StoredBundle, path: string): BundleEnd {
  if (end === undefined) throw notEnded(folder, path);
  return end;
}

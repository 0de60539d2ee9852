import { join, resolve } from "node:path";
import type { BundleKind } from "../../results/bundle/find-bundle.ts";
import { bundleName } from "../../results/bundle/open-bundle.ts";
import type { MeasuredSummary } from "../../results/schema/summary.ts";
import { newRunId } from "../prepare/backend.ts";
import {
  type CheckedNetwork,
  openSweep,
  type PreparedSweep,
  type PrepareSetting,
  prepareSweeps,
  type SweepRequest,
} from "../prepare/prepare.ts";

/** One of several sweeps of one command. */
export interface SweepPart<Name extends string> {
  /** Also of its folder. */
  readonly name: Name;
  readonly request: SweepRequest;
  /** What becomes of it by what those before it found; undefined: it is left out. Default: it stays as it was checked. */
  readonly settle?: (
    checked: CheckedNetwork,
    ended: ReadonlyMap<Name, MeasuredSummary>,
  ) => CheckedNetwork | undefined;
}

export interface PartsOutcome<Name extends string> {
  /** Holds a bundle of each that was begun; absent where nothing is written. */
  readonly folder?: string | undefined;
  /** Of those that came to their end. */
  readonly summaries: ReadonlyMap<Name, MeasuredSummary>;
  /** What ended one of them early; those after it were not begun. */
  readonly error?: unknown;
}

export interface PartsSetting<Name extends string> extends PrepareSetting {
  readonly kind: BundleKind;
  readonly conduct: (name: Name, sweep: PreparedSweep) => Promise<MeasuredSummary>;
  /** Before the first, after each that came to its end, and after one that did not. */
  readonly onProgress?: (outcome: PartsOutcome<Name>, begun: Name | undefined) => Promise<void>;
}

/**
 * Several sweeps one after the other, each whole, with a bundle of its own in one folder.
 *
 * @param parts at least one
 * @throws ConfigurationError with all diagnostics of all: nothing was started
 */
export async function runParts<Name extends string>(
  parts: readonly [SweepPart<Name>, ...SweepPart<Name>[]],
  { kind, conduct, onProgress, ...setting }: PartsSetting<Name>,
): Promise<PartsOutcome<Name>> {
  const run = newRunId();
  const requests = parts.map(({ request }) => request);
  await using prepared = await prepareSweeps(run, requests, setting);
  const { outputDir, fileOutput } = parts[0].request.parameters;
  const place = bundleName({ run, networkType: kind, clock: setting.context.clock });
  const folder = fileOutput ? join(resolve(outputDir), place) : undefined;
  const summaries = new Map<Name, MeasuredSummary>();
  let begun: Name | undefined;
  try {
    await onProgress?.({ folder, summaries }, begun);
    for (const [index, { name, settle }] of parts.entries()) {
      const planned = prepared.sweeps[index] as CheckedNetwork;
      const checked = settle === undefined ? planned : settle(planned, summaries);
      if (checked === undefined) continue;
      begun = name;
      summaries.set(name, await conductPart(checked, folder, { ...setting, name, conduct }));
      await onProgress?.({ folder, summaries }, begun);
    }
    return { folder, summaries };
  } catch (error) {
    await onProgress?.({ folder, summaries }, begun);
    return { folder, summaries, error };
  }
}

interface PartSetting<Name extends string>
  extends Pick<PartsSetting<Name>, "backend" | "context" | "conduct"> {
  readonly name: Name;
}

async function conductPart<Name extends string>(
  checked: CheckedNetwork,
  folder: string | undefined,
  { name, conduct, ...setting }: PartSetting<Name>,
): Promise<MeasuredSummary> {
  const where = folder === undefined ? undefined : { outputDir: folder, name };
  await using sweep = await openSweep(checked, where, setting);
  try {
    return await conduct(name, sweep);
  } finally {
    // The next one may need the same hosts.
    await checked.deployer.close?.();
  }
}

import { join, resolve } from "node:path";
import { holdBundle } from "../../results/bundle/continue.ts";
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

/** What is done of a part before another has its turn. */
export interface Turn {
  /** Place of the part. */
  readonly part: number;
  /** It pauses when it has so many runs; absent: it goes on to its end. */
  readonly untilRuns?: number | undefined;
}

export interface PartsSetting<Name extends string> extends PrepareSetting {
  readonly kind: BundleKind;
  /** Default: one part after the other. */
  readonly turns?: readonly Turn[] | undefined;
  readonly conduct: (name: Name, sweep: PreparedSweep) => Promise<MeasuredSummary>;
  /** Before the first, after each that came to its end, and after one that did not. */
  readonly onProgress?: (outcome: PartsOutcome<Name>, begun: ReadonlySet<Name>) => Promise<void>;
}

/**
 * Several sweeps one after the other, or in turns, each with a bundle of its own in one folder.
 *
 * @param parts at least one
 * @throws ConfigurationError with all diagnostics of all: nothing was started
 */
export async function runParts<Name extends string>(
  parts: readonly [SweepPart<Name>, ...SweepPart<Name>[]],
  { kind, conduct, onProgress, turns = parts.map((_, part) => ({ part })), ...setting }: PartsSetting<Name>,
): Promise<PartsOutcome<Name>> {
  const run = newRunId();
  const requests = parts.map(({ request }) => request);
  await using prepared = await prepareSweeps(run, requests, setting);
  const { outputDir, fileOutput } = parts[0].request.parameters;
  const place = bundleName({ run, networkType: kind, clock: setting.context.clock });
  const folder = fileOutput ? join(resolve(outputDir), place) : undefined;
  const summaries = new Map<Name, MeasuredSummary>();
  const begun = new Set<Name>();
  try {
    await onProgress?.({ folder, summaries }, begun);
    for (const [at, { part: index, untilRuns }] of turns.entries()) {
      const part = parts[index];
      if (part === undefined) continue;
      const { name, settle } = part;
      const planned = prepared.sweeps[index] as CheckedNetwork;
      const checked = settle === undefined ? planned : settle(planned, summaries);
      if (checked === undefined) continue;
      const goesOn = turns.slice(at + 1).some((later) => later.part === index);
      const isBetween = untilRuns !== undefined && at < turns.length - 1;
      const turn = { ...checked, untilRuns, parameters: turnParameters(checked, isBetween) };
      const isHeld = begun.has(name) && folder !== undefined;
      begun.add(name);
      const own = { ...setting, name, conduct };
      const summary = isHeld ? await goOn(turn, folder, own) : await conductPart(turn, folder, own);
      if (!goesOn) summaries.set(name, summary);
      await onProgress?.({ folder, summaries }, begun);
    }
    return { folder, summaries };
  } catch (error) {
    await onProgress?.({ folder, summaries }, begun);
    return { folder, summaries, error };
  }
}

/** What goes on running would take part in the next measurement. */
const turnParameters = ({ parameters }: CheckedNetwork, isBetween: boolean) =>
  isBetween ? { ...parameters, cleanup: "thorough" as const } : parameters;

/** Takes a part up that has paused. */
async function goOn<Name extends string>(
  turn: CheckedNetwork,
  folder: string,
  setting: PartSetting<Name>,
): Promise<MeasuredSummary> {
  await using held = await holdBundle(join(folder, setting.name), setting.context.commandLine);
  return await conductPart({ ...turn, held }, folder, setting);
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

import { join, resolve } from "node:path";
import { compareSweeps } from "../benchmark/compare.ts";
import { writeComparison } from "../bundle/comparison-files.ts";
import { buildComparisonJson } from "../bundle/comparison-json.ts";
import { formatJson, present } from "../bundle/numbers.ts";
import { bundleName, openBundle } from "../bundle/open-bundle.ts";
import type { SweepSummary } from "../bundle/summary-json.ts";
import type { CheckedParameters } from "../config/check.ts";
import type { SweepParameters } from "../config/parameters.ts";
import type { Comparison } from "../contracts/comparison.ts";
import type { Protocol } from "../contracts/protocol.ts";
import type { Fault } from "../core/errors.ts";
import { formatComparison } from "../report/comparison.ts";
import type { ResultsJson } from "../report/results-json.ts";
import { openBaseline } from "./baseline.ts";
import { commandLine } from "./command-line.ts";
import { type ExitCode, exitCodeOf } from "./context.ts";
import { preflight } from "./preflight.ts";
import type { ReportFiles } from "./report-files.ts";
import type { Rooms } from "./rooms.ts";
import { newRunId } from "./run-id.ts";
import { checkOutput, chooseDeployer, lockMachine } from "./sweep-command.ts";
import { type PreparedSweep, runPrepared, type SweepSurroundings } from "./sweep-run.ts";

const sideNames = ["local", "remote"] as const;
type SideName = (typeof sideNames)[number];

export interface RequestedPair extends Readonly<Record<SideName, CheckedParameters>> {
  /** Of both; absent where faults leave none. */
  readonly protocol?: Protocol | undefined;
  /** Found besides those of the sides. */
  readonly faults: readonly Fault[];
  /** Files for pipelines, of both in one. */
  readonly reports: ReportFiles;
}

type Surroundings = SweepSurroundings & { readonly rooms: Rooms };

/** Two sweeps under way: what they are kept in, and what they found so far. */
interface Pair {
  readonly run: string;
  /** Holds local/ and remote/; absent where nothing is written. */
  readonly folder: string | undefined;
  readonly summaries: Partial<Record<SideName, SweepSummary>>;
  readonly documents: Partial<Record<SideName, ResultsJson>>;
}

/**
 * `benchmark --network-type both`: the same loads on the local network and then on the remote one, each a whole sweep
 * with a bundle of its own in one folder, and their comparison. Where one ends early there is no comparison: halves
 * would be compared.
 *
 * @throws ConfigurationError with all faults of both: nothing was started
 */
export async function runBoth(requested: RequestedPair, surroundings: Surroundings): Promise<ExitCode> {
  const { context, rooms } = surroundings;
  const run = newRunId();
  const { outputDir, fileOutput, strict } = requested.local.parameters;
  const parametersOf = {
    // As between two loads: what goes on running on this machine would take part in the remote measurement.
    local: { ...withOwnBaseline(requested, "local"), cleanup: "thorough" },
    remote: withOwnBaseline(requested, "remote"),
  } as const satisfies Record<SideName, SweepParameters>;
  await using lock = lockMachine(run, "local", rooms);
  const occasion = { run, warn: (message: string) => context.terminal.note(`warning: ${message}`) };
  const { protocol } = requested;
  await using local = chooseDeployer({ parameters: parametersOf.local, protocol }, occasion, rooms);
  await using remote = chooseDeployer({ parameters: parametersOf.remote, protocol }, occasion, rooms);
  const chosen = { local, remote };
  const baselines = {
    local: openBaseline(parametersOf.local),
    remote: openBaseline(parametersOf.remote),
  };
  const { reports } = requested;
  await preflight(
    [...requested.faults, ...reports.faults, ...requested.local.faults, ...requested.remote.faults],
    [
      lock.check,
      chosen.local.check,
      chosen.remote.check,
      checkOutput(parametersOf.local),
      baselines.local.check,
      baselines.remote.check,
      reports.check,
    ],
    context.signal,
  );
  const name = bundleName({ run, networkType: "both", clock: context.clock });
  const folder = fileOutput ? join(resolve(outputDir), name) : undefined;
  const pair: Pair = { run, folder, summaries: {}, documents: {} };
  try {
    for (const side of sideNames) {
      const sweep = {
        parameters: parametersOf[side],
        ...chosen[side].choice(),
        baseline: baselines[side].side(),
      };
      pair.summaries[side] = await runSide({ ...sweep, side, pair }, { ...surroundings, reports });
    }
  } catch (error) {
    conclude(pair, undefined, surroundings);
    throw error;
  }
  const summaries = sideNames.flatMap((side) => pair.summaries[side] ?? []);
  const [localRuns = [], remoteRuns = []] = summaries.map(({ runs }) => runs);
  const comparison = compareSweeps(
    { path: sidePath(pair, "local"), networkType: parametersOf.local.networkType, runs: localRuns },
    { path: sidePath(pair, "remote"), networkType: parametersOf.remote.networkType, runs: remoteRuns },
  );
  if (folder !== undefined) await writeComparison(folder, comparison, `${formatComparison(comparison)}\n`);
  conclude(pair, comparison, surroundings);
  return summaries.some((summary) => exitCodeOf(summary, strict) !== 0) ? 3 : 0;
}

/** A baseline of two networks holds one of each. A side's bundle keeps its own, so that it can be used by itself. */
function withOwnBaseline(requested: RequestedPair, side: SideName): SweepParameters {
  const { parameters } = requested[side];
  const { baseline } = parameters;
  return baseline === undefined ? parameters : { ...parameters, baseline: join(baseline, side) };
}

const sidePath = ({ folder }: Pair, side: SideName) => (folder === undefined ? side : join(folder, side));

async function runSide(
  sweep: Pick<PreparedSweep, "parameters" | "protocol" | "plan" | "deployer" | "facts" | "baseline"> & {
    side: SideName;
    pair: Pair;
  },
  surroundings: Surroundings,
): Promise<SweepSummary> {
  const { parameters, side, pair } = sweep;
  const { context, style } = surroundings;
  const { terminal, settings, clock } = context;
  const { run, folder } = pair;
  await using bundle =
    folder === undefined
      ? undefined
      : await openBundle({
          outputDir: folder,
          name: side,
          networkType: parameters.networkType,
          run,
          clock,
          command: commandLine(),
        });
  await bundle?.writeParameters(parameters);
  if (side === "remote" && settings.consoleOutput && !settings.json) terminal.print("");
  const keepDocument = (document: ResultsJson) => {
    pair.documents[side] = document;
  };
  const own = { ...style, ...(settings.json ? { onDocument: keepDocument } : {}) };
  return await runPrepared({ ...sweep, run, bundle }, { ...surroundings, style: own });
}

/** Shows the comparison, or says why there is none; with --json the one document of all. */
function conclude(pair: Pair, comparison: Comparison | undefined, { context }: Surroundings): void {
  const { terminal, settings } = context;
  const { folder, documents, summaries } = pair;
  if (settings.json) {
    const document = present({
      schema: "baleen.both/1",
      bundle: folder,
      local: documents.local,
      remote: documents.remote,
      comparison: comparison && buildComparisonJson(comparison),
    });
    terminal.print(formatJson(document).trimEnd());
    return;
  }
  if (comparison === undefined) {
    const ended = summaries.local === undefined ? "local" : "remote";
    terminal.print(`\nNo comparison: the ${ended} sweep ended early, and halves are not compared.`);
    return;
  }
  terminal.print(`\n${formatComparison(comparison)}`);
  if (folder !== undefined) terminal.print(`\nComparison: ${join(folder, "comparison.txt")}`);
}

import type { SideRuns } from "../../../src/contracts/results/comparison.ts";
import type { RunResult } from "../../../src/contracts/results/result.ts";
import type { SearchSettings } from "../../../src/contracts/results/search.ts";
import { defaultSearch } from "../../../src/options/defaults.ts";
import { parseAssertion } from "../../../src/options/rules/assertion.ts";
import { concludeSweep } from "../../../src/results/analysis/conclude.ts";
import type { ReportedSweep } from "../../../src/results/report/documents/reported-sweep.ts";
import type { SweepSummary } from "../../../src/results/schema/summary.ts";
import { censoredRun, generatorLimitedRun, invalidRun, validRun } from "../sample-results.ts";

/** Text that a node, a path or an error might hold, and that must be nothing but text in every format. */
export const hostileText =
  "]]></failure><script>alert(1)</script> | @everyone #1 `x` **b** ![i](http://evil.example) \u0000\u0007\u001b[31m \ud800 </code></pre>\n\n# head";

interface SweepShape {
  readonly runs: readonly RunResult[];
  readonly assertions?: readonly string[];
  readonly baseline?: readonly RunResult[];
  readonly endedEarly?: string;
  readonly loadsTps?: readonly number[];
  readonly strict?: boolean;
  /** Looked for with these terms. */
  readonly search?: SearchSettings;
}

/** A sweep that clients drove. */
export interface DrivenSweep extends ReportedSweep {
  readonly summary: SweepSummary;
}

/** A sweep as it comes to the formats. */
export function reportedSweep(shape: SweepShape): DrivenSweep {
  const { runs, baseline, endedEarly, search, strict = false } = shape;
  const assertions = (shape.assertions ?? []).map((text) => {
    const found = parseAssertion(text);
    if ("problem" in found) throw new Error(found.problem);
    return found.assertion;
  });
  const loadsTps = shape.loadsTps ?? [...new Set(runs.map(({ parameters }) => parameters.loadTps))];
  const side: SideRuns | undefined = baseline && {
    path: "benchmarks/before",
    networkType: "local",
    runs: baseline,
  };
  return {
    summary: {
      run: "3f9a2c1e7b",
      networkType: "local",
      runtime: "process",
      startedAt: "2024-01-15T10:29:30.000Z",
      finishedAt: "2024-01-15T10:40:00.500Z",
      plannedRuns: search === undefined ? Math.max(runs.length, loadsTps.length) : undefined,
      runs,
      endedEarly,
      ...concludeSweep(runs, { assertions, loadsTps, search }, side),
    },
    strict,
    bundle: "benchmarks/20240115T102930Z-local-3f9a2c1e",
    baseline: side,
  };
}

const numbered = (run: RunResult, benchmarkNumber: number, throughputTps = run.throughputTps): RunResult => ({
  ...run,
  benchmarkNumber,
  throughputTps,
});

const repeats = [95.2, 95.9, 94.1, 96.3].map((tps, index) => numbered(validRun, index + 1, tps));

/** By what they show; each is a document of one or two sweeps. */
export const reportedSweeps: Readonly<Record<string, readonly DrivenSweep[]>> = {
  passed: [
    reportedSweep({ runs: [validRun], assertions: ["commit.p99<500ms", "efficiency@100>=95%", "failed<=0"] }),
  ],
  failed: [
    reportedSweep({
      runs: [validRun, censoredRun, numbered(generatorLimitedRun, 3), numbered(invalidRun, 4)],
      assertions: ["commit.p99<500ms", "throughput>100tx/s", "latency.mean<1s"],
    }),
  ],
  strict: [reportedSweep({ runs: [numbered(generatorLimitedRun, 1)], strict: true })],
  baseline: [
    reportedSweep({
      runs: repeats,
      baseline: repeats.map((run) => ({ ...run, throughputTps: run.throughputTps * 1.2 })),
      assertions: ["throughput>-5%", "commit.p99<+10%", "failed<=0"],
    }),
  ],
  "ended-early": [
    reportedSweep({
      runs: [validRun],
      loadsTps: [100, 200],
      assertions: ["failed<=0"],
      endedEarly: "interrupted by SIGINT",
    }),
  ],
  nothing: [reportedSweep({ runs: [], loadsTps: [100], assertions: ["failed<=0"], endedEarly: "no disk" })],
  hostile: [
    reportedSweep({
      runs: [{ ...invalidRun, benchmarkNumber: 1, verdict: { status: "invalid", reasons: [hostileText] } }],
      assertions: ["failed<=0"],
      endedEarly: hostileText,
    }),
  ],
  search: [
    reportedSweep({
      runs: [{ ...validRun, efficiencyRatio: 0.995, throughputTps: 99.5 }, numbered(censoredRun, 2)],
      search: { ...defaultSearch, fromTps: 100, toTps: 1000 },
      assertions: ["throughput>=90tx/s"],
    }),
  ],
  "search-none": [
    reportedSweep({
      runs: [numbered(censoredRun, 1)],
      search: { ...defaultSearch, fromTps: 200, toTps: 1000 },
      assertions: ["throughput>=90tx/s"],
    }),
  ],
  varied: [
    {
      ...reportedSweep({ runs: [validRun] }),
      varied: { options: ["committee", "seed"], values: [4, hostileText] },
    },
    {
      ...reportedSweep({ runs: [invalidRun] }),
      varied: { options: ["committee", "seed"], values: [7, hostileText] },
    },
  ],
  both: [reportedSweep({ runs: [validRun] }), withNetwork(reportedSweep({ runs: [censoredRun] }))],
};

function withNetwork(sweep: DrivenSweep): DrivenSweep {
  return { ...sweep, summary: { ...sweep.summary, networkType: "remote" } };
}

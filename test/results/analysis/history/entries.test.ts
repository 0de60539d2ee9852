import { expect, test } from "vitest";
import { historyEntries } from "../../../../src/results/analysis/history/entries.ts";
import { runOf } from "../../sample-comparisons.ts";
import { invalidRun } from "../../sample-results.ts";

const bundleOf = (...runs: Parameters<typeof historyEntries>[0]["runs"]) => ({
  run: "3f9a2c1e",
  bundle: "20240115T103000Z-local-3f9a2c1e",
  runs,
  machines: ["8 × A processor"],
});

const seriesOf = (...runs: Parameters<typeof historyEntries>[0]["runs"]) =>
  historyEntries(bundleOf(...runs)).map(({ series }) => series.id);

test("each load has an entry with the values of its runs", () => {
  const runs = [
    runOf({ throughputTps: 49 }),
    runOf({ throughputTps: 51 }),
    runOf({ loadTps: 200, throughputTps: 190 }),
  ];
  const [first, second, ...others] = historyEntries(bundleOf(...runs));
  expect(others).toEqual([]);
  expect(first?.series.loadTps).toBeLessThan(second?.series.loadTps ?? 0);
  expect(first?.entry.values.throughput).toEqual([49, 51]);
  expect(first?.entry).toMatchObject({ counted: 2, invalid: 0, at: runs[0]?.timestamp });
});

test("what a comparison would refuse makes another series, options of the system do not", () => {
  const [own] = seriesOf(runOf());
  expect(seriesOf(runOf({ throughputTps: 3 }))).toEqual([own]);
  expect(seriesOf(runOf({ parameters: { protocolOptions: { minRoundDelayMs: 70 } } }))).toEqual([own]);
  expect(seriesOf(runOf({ parameters: { seed: "other" } }))).toEqual([own]);
  expect(seriesOf(runOf({ parameters: { name: "nightly" } }))).toEqual([own]);
  expect(seriesOf(runOf({ parameters: { durationSecs: 7 } }))).not.toEqual([own]);
  expect(seriesOf(runOf({ parameters: { runtime: "process" } }))).not.toEqual(
    seriesOf(runOf({ parameters: { runtime: "docker" } })),
  );
  expect(historyEntries({ ...bundleOf(runOf()), machines: ["1 × Other"] })[0]?.series.id).not.toBe(own);
});

test("options of the system are kept beside the values", () => {
  const run = runOf({ parameters: { protocolOptions: { minRoundDelayMs: 70 } } });
  expect(historyEntries(bundleOf(run))[0]?.entry.system).toMatchObject({ min_round_delay_ms: "70" });
});

test("invalid runs are counted and left out; a load without others has no entry", () => {
  const invalid = {
    ...invalidRun,
    parameters: { ...invalidRun.parameters, loadTps: runOf().parameters.loadTps },
  };
  expect(historyEntries(bundleOf(runOf(), invalid))[0]?.entry).toMatchObject({ counted: 1, invalid: 1 });
  expect(historyEntries(bundleOf(invalid))).toEqual([]);
});

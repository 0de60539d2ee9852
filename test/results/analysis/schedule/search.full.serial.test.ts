/** A whole search against a node whose capacity is known: what is found must have it in between. */
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  createProcessDeployer,
  defaultParameters,
  type EventBody,
  runSweep,
  systemClock,
} from "../../../../src/index.ts";
import { reportSearch } from "../../../../src/results/analysis/schedule/schedule.ts";
import { buildStandInProtocol } from "../../../stand-in/protocol.ts";
import { makeTemporaryFolder } from "../../temporary-folder.ts";

const capacityTps = 800;
/** Wide, so that a hiccup of a quarter of a second on a busy machine is no overload. */
const search = {
  fromTps: 400,
  toTps: 10_000,
  precisionRatio: 0.2,
  efficiencyRatio: 0.95,
  backlogGrowthRatio: 0.1,
};

test("a search finds the capacity of a node within its precision", { timeout: 180_000 }, async () => {
  await using folder = await makeTemporaryFolder();
  const events: EventBody[] = [];
  const { results } = await runSweep(
    {
      ...defaultParameters,
      loadsTps: [],
      search,
      committee: 1,
      durationSecs: 5,
      warmUpSecs: 0.5,
      drainSecs: 1,
      // What the machine makes of the generator is not what is tested.
      limits: { ...defaultParameters.limits, latenessFloorMs: 1000 },
    },
    {
      protocol: buildStandInProtocol({
        replyDelayMs: 0,
        commit: { kind: "after", ms: 20 },
        capacityTps,
        burst: 40,
      }),
      deployer: createProcessDeployer({
        nodeBinary: process.execPath,
        stateDir: join(folder.path, "state"),
        env: process.env,
      }),
      clientRuntime: { nodeBinary: process.execPath, env: process.env },
      emit: (body) => events.push(body),
      clock: systemClock,
      signal: new AbortController().signal,
      run: "0badcafe",
    },
  );
  const { outcome, sustainedTps = 0, beyondTps = 0, probes } = reportSearch(results, search);
  const seen = JSON.stringify(probes);
  expect(outcome, seen).toBe("found");
  expect(sustainedTps, seen).toBeLessThanOrEqual(capacityTps / search.efficiencyRatio);
  expect(beyondTps, seen).toBeGreaterThanOrEqual(capacityTps);
  expect(beyondTps / sustainedTps, seen).toBeLessThanOrEqual(1.2);
  expect(events.filter(({ type }) => type === "search-probe")).toEqual(
    probes.map((probe) => ({ type: "search-probe", ...probe })),
  );
});

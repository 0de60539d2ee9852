/** A real CometBFT in containers, in an image that is made of its program. */
import { describe, expect, test } from "vitest";
import {
  cometbft,
  defaultParameters,
  ledgerImbalance,
  runSweep,
  type SweepParameters,
  systemClock,
} from "../../src/index.ts";
import { countLeftovers, deployerOf, startTestRun, whyNoDocker } from "../deploy/real-engine.ts";
import { findGoProgram } from "../support/go-programs.ts";

const { path, whyNot: whyNoProgram } = findGoProgram("cometbft");
const whyNot = whyNoDocker ?? whyNoProgram;
const { localLoadsTps, remoteLoadsTps, consoleOutput, ...defaults } = defaultParameters;
const parameters: SweepParameters = {
  ...defaults,
  loadsTps: [100],
  durationSecs: 6,
  warmUpSecs: 1,
  drainSecs: 15,
  runtime: "docker",
  cleanup: "thorough",
  program: { path },
  protocolOptions: { tuning: "load" },
};

describe.skipIf(whyNot !== undefined)(`a real CometBFT in containers ${whyNot ?? ""}`, () => {
  test("takes 100 tx/s, every one is seen in a block, and nothing is left", async () => {
    await using run = await startTestRun();
    const { results } = await runSweep(parameters, {
      protocol: cometbft,
      deployer: deployerOf(),
      clientRuntime: { nodeBinary: process.execPath, env: process.env },
      emit: run.emit,
      clock: systemClock,
      signal: run.signal,
      run: run.id,
    });
    const [result] = results;
    if (result === undefined) throw new Error("no result");
    expect(ledgerImbalance(result.ledger)).toBeUndefined();
    expect(result.verdict.status, result.verdict.reasons.join()).not.toBe("invalid");
    expect(result.ledger.sent.acknowledged).toEqual({ committed: 600, notSeen: 0 });
    expect(result.efficiencyRatio).toBeGreaterThan(0.95);
    expect(result.safety).toMatchObject({ forks: [], prefix: { chained: true } });
    expect(await countLeftovers(run.id)).toEqual({ containers: 0, networks: 0, volumes: 0 });
  });
});

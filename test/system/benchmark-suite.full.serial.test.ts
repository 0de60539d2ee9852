import { expect, test } from "vitest";
import { checkAgreement } from "../../benchmarks/suite/agreement.ts";
import { listContenders } from "../../benchmarks/suite/contenders.ts";
import { measureLatency } from "../../benchmarks/suite/latency.ts";
import { measureSaturation } from "../../benchmarks/suite/saturation.ts";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";
import { findGoProgram } from "../support/go-programs.ts";

const { path, whyNot } = findGoProgram("cometbft");
const contenders = listContenders(path).filter(({ name }) => ["embedded", "CometBFT, quick"].includes(name));

test.for(contenders)(
  "the suite's loads on $name are committed to the last transaction, by a closed and by a paced load with a sample",
  async ({ name, start }, context) => {
    context.skip(name !== "embedded" && whyNot !== undefined, whyNot);
    await using folder = await makeTemporaryFolder();
    const { signal } = new AbortController();
    await using network = await start({ stateDir: folder.path, run: "suite", env: process.env, signal });
    const load = { connectionsPerNode: 2, batch: 10, transactionSizeBytes: 512, warmUpMs: 500, signal };
    const closed = await measureSaturation(network, {
      ...load,
      pressure: { kind: "uncommitted", mostTransactions: 200 },
      run: 1,
      windowMs: 1_500,
    });
    expect(closed.throughputTps).toBeGreaterThan(0);
    expect(closed.acknowledged).toBeGreaterThanOrEqual(closed.committedInWindow);
    expect(closed).toMatchObject({ refused: 0, lost: 0 });

    let sample: ReturnType<typeof measureLatency> | undefined;
    let sampled = 0;
    const paced = await measureSaturation(network, {
      ...load,
      pressure: { kind: "rate", rateTps: 400 },
      run: 2,
      windowMs: 2_000,
      onWindow: async (edge) => {
        if (edge === "begin") {
          const [rateTps, transactionSizeBytes] = [20, 512];
          sample = measureLatency(network, {
            rateTps,
            transactionSizeBytes,
            windowSecs: 1,
            nodes: 1,
            run: 3,
            signal,
          });
          sample.catch(() => {});
        } else sampled = (await sample)?.committed ?? 0;
      },
      committedBeside: () => sampled,
    });
    expect(sampled).toBeGreaterThanOrEqual(20);
    expect((await sample)?.successRatio).toBe(1);
    expect((await sample)?.commit.p50?.ms).toBeGreaterThan(0);
    expect(paced.throughputTps).toBeGreaterThan(0);
    expect(paced).toMatchObject({ refused: 0, lost: 0 });
    await checkAgreement(network, signal);
  },
);

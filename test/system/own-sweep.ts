/** A sweep as a process of its own, for tests that limit it: tells its parent its phases and, at the end, its run. */
import { join } from "node:path";
import { createProcessDeployer, defaultParameters, runSweep, systemClock } from "../../src/index.ts";
import { formatRunBlock } from "../../src/results/report/blocks/run-block.ts";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";
import { buildStandInProtocol } from "../stand-in/protocol.ts";

/** What it tells. */
export type SweepWord =
  | { readonly phase: string }
  | { readonly status: string; readonly reasons: readonly string[]; readonly block: string };

const notify = (word: SweepWord) => process.send?.(word);

await using folder = await makeTemporaryFolder();
// Without a module that lists it, its client runs in this process, which is the one that is limited.
const { module, ...protocol } = buildStandInProtocol({
  replyDelayMs: 20,
  commit: { kind: "after", ms: 1000 },
});
const { localLoadsTps, remoteLoadsTps, consoleOutput, ...defaults } = defaultParameters;
const { results } = await runSweep(
  {
    ...defaults,
    loadsTps: [200],
    durationSecs: 4,
    warmUpSecs: 1,
    drainSecs: 20,
    requestTimeoutSecs: 20,
    committee: 1,
  },
  {
    // A tenth of the median latency, 100 ms, is what sends may be late: far more than a busy machine makes them, and
    // far less than a process that gets a tenth of each period of 400 ms.
    protocol,
    deployer: createProcessDeployer({
      nodeBinary: process.execPath,
      stateDir: join(folder.path, "state"),
      env: process.env,
    }),
    clientRuntime: { nodeBinary: process.execPath, env: process.env },
    emit: (body) => {
      if (body.type === "load-phase") notify({ phase: body.phase });
    },
    clock: systemClock,
    signal: new AbortController().signal,
    run: "0badcafe",
  },
);
for (const result of results) notify({ ...result.verdict, block: formatRunBlock(result) });
process.disconnect();

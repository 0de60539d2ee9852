// A load of 200 tx/s for five seconds on four validators, which run as plain processes.
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProcessDeployer, defaultParameters, mysticeti, runSweep, systemClock } from "baleen";

const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort());

const { results } = await runSweep(
  { ...defaultParameters, loadsTps: [200], durationSecs: 5 },
  {
    run: randomBytes(4).toString("hex"),
    protocol: mysticeti,
    deployer: createProcessDeployer({
      nodeBinary: process.execPath,
      stateDir: join(tmpdir(), "baleen-example"),
      env: process.env,
    }),
    clientRuntime: { nodeBinary: process.execPath, env: process.env },
    clock: systemClock,
    signal: interrupt.signal,
    emit: (event) => {
      if (event.type === "load-second") console.log(`second ${event.second}: ${event.committed} committed`);
    },
  },
);

for (const { throughputTps, successful, failed, latency, verdict } of results) {
  console.log(
    `${throughputTps.toFixed(1)} tx/s, ${successful} committed, ${failed} failed: ${verdict.status}`,
  );
  console.log(`commit latency: p50 ${latency.commit?.p50?.ms} ms, p99 ${latency.commit?.p99?.ms} ms`);
}

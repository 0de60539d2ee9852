import { expect, test } from "vitest";
import type { Network } from "../../../../src/contracts/deployment.ts";
import { systemClock } from "../../../../src/core/clock.ts";
import { defaultParameters } from "../../../../src/options/defaults.ts";
import { mysticeti } from "../../../../src/protocol/mysticeti.ts";
import { runOnce } from "../../../../src/run/workloads/transactions/run.ts";

test("a run that is ended during the look before its load listens to its network no more", async () => {
  const interrupted = new AbortController();
  let listeners = 0;
  const processes = async () => {
    interrupted.abort(new Error("Ctrl-C"));
    return [];
  };
  const network: Network = {
    runtime: "process",
    nodes: [],
    endpoint: () => ({ host: "127.0.0.1", port: 1 }),
    onExit: () => {
      listeners++;
      return () => {
        listeners--;
      };
    },
    machines: () => [{ name: "coordinator", processes, otherContainers: async () => undefined }],
    stop: async () => undefined,
    describe: async () => ({}),
    [Symbol.asyncDispose]: async () => {},
  };
  const run = runOnce({
    network,
    protocol: mysticeti,
    parameters: { ...defaultParameters, loadsTps: [100] },
    loadTps: 100,
    benchmarkNumber: 1,
    repetition: 1,
    clientRuntime: { nodeBinary: process.execPath, env: process.env },
    emit: () => {},
    clock: systemClock,
    signal: interrupted.signal,
  });
  await expect(run).rejects.toThrow("Ctrl-C");
  expect(listeners).toBe(0);
});

import { setImmediate as turn } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import type { HostSecond, Machine } from "../../../src/contracts/hosts/host-load.ts";
import { defaultParameters } from "../../../src/options/defaults.ts";
import { EnvironmentWatch } from "../../../src/run/watch/environment-watch.ts";
import { openCountingHost } from "../../support/counting-host.ts";

afterEach(() => vi.useRealTimers());

/** A machine that answers until it is told to hang. */
function openMachine() {
  let isHanging = false;
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let hung = 0;
  const processes = async () => {
    if (isHanging) {
      hung++;
      await answered;
    }
    return [];
  };
  const { host } = openCountingHost();
  const machine: Machine = { name: host.name, host, processes, otherContainers: async () => undefined };
  const hang = () => {
    isHanging = true;
  };
  return { machine, hang, answer: () => answer(), hung: () => hung };
}

test("a look that ends after the run's last one adds no row to those that were counted", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { machine, hang, answer, hung } = openMachine();
  let nowMs = 0;
  const rows: HostSecond[] = [];
  await using watch = new EnvironmentWatch({
    machines: [machine],
    parameters: defaultParameters,
    lengths: { warmUpSecs: 0, windowSecs: 1000 },
    clock: { monotonicMs: () => nowMs, wallMs: () => 0 },
    ownProcesses: () => [],
    onSecond: (row) => rows.push(row),
  });
  const pass = async (ms: number) => {
    nowMs += ms;
    await vi.advanceTimersByTimeAsync(ms);
    await turn();
  };
  watch.observe({ type: "load-phase", phase: "window" });
  while (rows.length === 0) await pass(1000);
  hang();
  while (hung() === 0) await pass(1000);
  // The run does not wait for it.
  const finishing = watch.finish();
  await pass(10_000);
  const report = await finishing;
  const counted = rows.length;
  answer();
  // What is under way then ends with it.
  await watch.finish();
  expect(report.hosts[0]?.window?.secs).toBe(counted);
  expect(rows).toHaveLength(counted);
});

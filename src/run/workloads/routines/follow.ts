/** The test that the peers of a run take part in: started and finished with the window, and its results kept. */
import type { NetworkNode } from "../../../contracts/deployment.ts";
import type { NodeName } from "../../../contracts/nodes/node.ts";
import { isOver } from "../../../contracts/peer-tests/node-files.ts";
import { testResultsForm } from "../../../contracts/peer-tests/results.ts";
import type { RoutineReports } from "../../../contracts/protocol.ts";
import type { NativeFigures } from "../../../contracts/results/native/native.ts";
import { formatOrigin } from "../../../core/address.ts";
import { delay, mapBounded } from "../../../core/async.ts";
import { readForm } from "../../../core/documents/check-form.ts";
import { BaleenError } from "../../../core/errors.ts";
import { sendHttp } from "../../../core/http.ts";
import { figuresOfRoutines, routineFigures } from "../../../results/analysis/routines/figures.ts";
import { routineUse } from "../../../results/analysis/routines/use.ts";
import type { FollowedLevel, LoadFollower } from "../native/run.ts";
import { StepWatch } from "./step-watch.ts";

const replyTimeoutMs = 10_000;
/** To write the results of a large test. */
const finishTimeoutMs = 120_000;
/** Between two looks whether all peers have reported. */
const lookEveryMs = 500;
const peersAtOnce = 16;

class TestError extends BaleenError {
  constructor(what: string, reply: string, options?: { cause?: unknown }) {
    super("test-server", `The results server did not ${what} the test: ${reply}.`, options);
  }
}

/** @throws Error where a browser does not answer that was ready a moment ago */
export async function followTest(level: FollowedLevel, reports: RoutineReports): Promise<LoadFollower> {
  const { network, bundle, benchmarkNumber, parameters, clock, signal, window } = level;
  const server = network.helpers?.find(({ role }) => role === reports.resultsServerRole);
  const origin = formatOrigin("http", network.endpoint(server?.name ?? "", "coordinator", "rpc"));
  const { windowSecs } = level.level.lengths;
  const peers = network.nodes.map(({ name }) => name);
  const use = routineUse({ ...parameters, peers, windowSecs });
  let watch: StepWatch | undefined;

  const statusOf = ({ name }: NetworkNode) =>
    reports.readStatus(network.endpoint(name, "coordinator", "rpc"), { timeoutMs: replyTimeoutMs, signal });
  const [first] = network.nodes;
  const testId = first === undefined ? "" : (await statusOf(first)).testId;
  const change = async (to: "start" | "finish", timeoutMs: number): Promise<string> => {
    const path = `/test/${encodeURIComponent(testId)}/${to}`;
    const { status, body } = await sendHttp(origin, { method: "PUT", path, timeoutMs, signal });
    if (status !== 200) throw new TestError(to, `status ${status}, ${body.slice(0, 500)}`);
    return body;
  };
  const untilOver = async () => {
    const latestMs = clock.monotonicMs() + parameters.drainSecs * 1000;
    const open = new Set<NodeName>(network.nodes.map(({ name }) => name));
    for (;;) {
      await mapBounded([...open], peersAtOnce, async (name) => {
        const node = network.nodes.find((one) => one.name === name);
        const isDown =
          node === undefined || window.down().has(name) || (await node.status()).state !== "running";
        // One that does not answer now is asked again.
        const state = isDown ? "ended" : (await statusOf(node).catch(() => undefined))?.state;
        if (isOver(state)) open.delete(name);
      });
      if (open.size === 0 || clock.monotonicMs() >= latestMs) return;
      await delay(lookEveryMs, signal);
    }
  };
  return {
    countedOf: "node",
    watchesHelpers: true,
    begin: async () => {
      await change("start", replyTimeoutMs);
      watch = new StepWatch({ ...level, origin, testId, windowSecs, stepMs: use.stepMs });
    },
    figures: async (): Promise<NativeFigures> => {
      await watch?.[Symbol.asyncDispose]();
      await untilOver();
      const text = await change("finish", finishTimeoutMs);
      await bundle?.writeTestResults(benchmarkNumber, text);
      const test = readForm(testResultsForm, JSON.parse(text));
      return figuresOfRoutines(routineFigures(test, use), windowSecs);
    },
    [Symbol.asyncDispose]: async () => await watch?.[Symbol.asyncDispose](),
  };
}

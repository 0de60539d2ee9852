import type { NativeCounters } from "../../../contracts/load/node-load.ts";
import type { NativeFigures, NativeResult } from "../../../contracts/results/native/native.ts";
import { readOpenMetrics } from "../../../metrics/nodes/openmetrics.ts";
import { peerDeliveriesOf } from "../../../metrics/stats/run-metrics.ts";
import { lookEverySecs, nativeFigures } from "../../analysis/verdict/native-figures.ts";
import { nodeMetricsFile } from "../../bundle/writer.ts";
import { buildNativeRunJson, runFileName } from "../../schema/published-run.ts";
import type { Contents } from "../contents/contents.ts";
import type { Findings } from "../contents/findings.ts";
import { figuresFromHosts } from "./flows.ts";
import { figuresFromEvents } from "./messages.ts";
import { figuresFromTest } from "./routines.ts";

/** All that is said of a run's load, computed again from what its nodes showed. */
export function checkNativeFigures({ files, nativeRuns, counters }: Contents, findings: Findings): void {
  const areCounted = nativeRuns.some(({ figures }) => peerDeliveriesOf(figures) === undefined);
  if (counters === undefined && areCounted) {
    const follows = "a system of which this version knows by what its nodes count";
    findings.in("parameters.json").add("protocol_description", "another one", follows);
  }
  for (const run of nativeRuns) {
    const { messages, flows } = run.figures;
    const isCounted = peerDeliveriesOf(run.figures) === undefined;
    if (isCounted && counters === undefined) continue;
    const says = buildNativeRunJson(run);
    const text = files.get(nodeMetricsFile(run.benchmarkNumber));
    const figures = isCounted
      ? figuresFrom(text, run, counters as NativeCounters)
      : flows !== undefined
        ? figuresFromHosts(run, flows, { files, findings })
        : messages === undefined
          ? figuresFromTest(run, { files, findings })
          : figuresFromEvents(run, messages, { files, findings });
    const made = buildNativeRunJson({ ...run, figures });
    const found = findings.in(runFileName(run));
    found.sameJson("results", says.results, made.results);
    found.sameJson("nodes", says.nodes, made.nodes);
  }
}

function figuresFrom(text: string | undefined, run: NativeResult, counters: NativeCounters): NativeFigures {
  const { nodes, durationSecs, warmUpSecs } = run.parameters;
  return nativeFigures(text === undefined ? [] : readOpenMetrics(text), counters, {
    startMs: Date.parse(run.timestamp),
    lengthSecs: durationSecs,
    everySecs: lookEverySecs(nodes, warmUpSecs + durationSecs),
    nodes,
    // How long an answer took was told once.
    tookMs: (name) => (run.figures.nodes.find((node) => node.name === name)?.answerSecs ?? 0) * 1000,
  });
}

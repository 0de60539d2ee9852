import type { FlowFigures } from "../../../contracts/results/native/flows.ts";
import type { NativeFigures, NativeResult } from "../../../contracts/results/native/native.ts";
import { describeError } from "../../../core/errors.ts";
import { figuresOfFlows, flowsFigures } from "../../analysis/flows/figures.ts";
import { FlowRecord } from "../../analysis/flows/record.ts";
import type { HostClock } from "../../analysis/flows/timed-flow.ts";
import { peerEventsFile } from "../../bundle/writer.ts";
import type { Contents } from "../contents/contents.ts";
import type { Findings } from "../contents/findings.ts";

/** The figures of a run's flows, computed again from what its hosts told and what was emulated. */
export function figuresFromHosts(
  run: NativeResult,
  flows: FlowFigures,
  { files, findings }: { readonly files: Contents["files"]; readonly findings: Findings },
): NativeFigures {
  const { durationSecs } = run.parameters;
  const { hosts, network, hasView, observedSecs, captures } = flows;
  const record = new FlowRecord(
    run.nodes.map(({ name }) => name),
    flows.flows,
  );
  const file = peerEventsFile(run.benchmarkNumber);
  const text = files.get(file);
  if (text === undefined) findings.in(file).add("the file", "none", "what the hosts told");
  try {
    for (const line of text?.split("\n") ?? []) if (line !== "") record.addRecorded(line);
  } catch (error) {
    findings.in(file).add("a line", describeError(error), "an event of a host");
  }
  const hostOf = new Map(hosts.map((host) => [host.name, host]));
  // What could not be read is not in the file.
  for (const host of record.hosts) {
    host.malformed = Math.max(host.malformed, hostOf.get(host.name)?.malformed ?? 0);
  }
  const found = flowsFigures(record, {
    startMs: Date.parse(run.timestamp),
    lengthSecs: durationSecs,
    observedSecs,
    clocks: new Map(
      hosts.flatMap(({ name, clockOffsetMs: offsetMs, clockErrorMs: errorMs }): [string, HostClock][] =>
        offsetMs === undefined || errorMs === undefined ? [] : [[name, { offsetMs, errorMs }]],
      ),
    ),
    network,
    hasView,
    gapOf: (host) => hostOf.get(host)?.gap,
    captures,
  });
  return figuresOfFlows(found, durationSecs);
}

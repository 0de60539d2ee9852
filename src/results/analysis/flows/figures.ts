/** All that is published of a run's flows, from what its hosts told. Pure. */
import type { Capture, DaemonChange, FlowHost } from "../../../contracts/results/native/flow-hosts.ts";
import type { FlowFigures, FlowPath, FlowResult } from "../../../contracts/results/native/flows.ts";
import type { NativeFigures } from "../../../contracts/results/native/native.ts";
import { LatencyRecord, summarizeLatency } from "../../../metrics/stats/latency-record.ts";
import { flowFigures } from "./flow-figures.ts";
import { handoversOf } from "./handovers.ts";
import { keptGoodput } from "./kept.ts";
import { networkPaths } from "./paths.ts";
import { PerceivedLinks, perceivedLinks } from "./perceived.ts";
import type { FlowRecord } from "./record.ts";
import { type FlowWindow, TimedFlow, timeOf } from "./timed-flow.ts";
import { interfaceTraffic } from "./traffic.ts";

/** What is known from others than the hosts' events. */
export interface FlowUse extends FlowWindow, Pick<FlowFigures, "network" | "hasView"> {
  /** Why not all of a host's events are there. */
  readonly gapOf: (host: string) => string | undefined;
  readonly captures: readonly Capture[];
}

const most = { paths: 200, handovers: 500, daemons: 500 };

export function flowsFigures(record: FlowRecord, use: FlowUse): FlowFigures {
  const { emulated } = record;
  const found = record.flows.map((told) => flowFigures(new TimedFlow(told, use), emulated));
  const network = networkPaths(
    record,
    use,
    record.flows.map(({ plan }) => plan),
  );
  const perceived = new PerceivedLinks(record, use);
  const pathsOf = (name: string): readonly FlowPath[] => network.paths.get(name) ?? [];
  const handovers = found
    .flatMap((flow) => handoversOf(flow, pathsOf(flow.result.name), { emulated, perceived }))
    .sort((a, b) => a.handover.leftSecs - b.handover.leftSecs);
  const reflecting = found.filter(({ result }) => result.roundTrip !== undefined);
  const way = reflecting.length > 0 ? "round-trip" : "one-way";
  const ofHeadline = (reflecting.length > 0 ? reflecting : found).map(({ latencies }) => latencies[way]);
  return {
    network: use.network,
    hasView: use.hasView,
    observedSecs: use.observedSecs,
    latencyOf: way,
    latency: summarizeLatency(LatencyRecord.merged(ofHeadline)),
    flows: found.map(({ result }): FlowResult => {
      return { ...result, paths: pathsOf(result.name).slice(0, most.paths) };
    }),
    kept: keptGoodput(found.map(({ result }) => result)),
    handovers: handovers.slice(0, most.handovers).map(({ handover }) => handover),
    routeChanges: network.routeChanges,
    routes: network.routes,
    links: perceivedLinks({
      ...{ perceived, emulated, handovers, window: use },
      paths: [...network.paths.values()].flat(),
    }),
    hosts: record.hosts.map((host): FlowHost => {
      const clock = use.clocks.get(host.name);
      return {
        name: host.name,
        clockOffsetMs: clock?.offsetMs,
        clockErrorMs: clock?.errorMs,
        starts: host.startsMs.length,
        views: host.views.length,
        malformed: host.malformed,
        gap: use.gapOf(host.name),
      };
    }),
    daemons: record.hosts
      .flatMap(({ name: host, daemons }) =>
        daemons.map(({ at, type: _, ...change }): DaemonChange => {
          return { host, ...change, atSecs: timeOf(use, host, at) / 1000 };
        }),
      )
      .sort((a, b) => a.atSecs - b.atSecs)
      .slice(0, most.daemons),
    interfaces: interfaceTraffic(record.hosts, use),
    captures: use.captures,
    isCut: record.isCut,
  };
}

/** What flows come to in the figures that all loads of nodes have: a packet that arrived is committed. */
export function figuresOfFlows(flows: FlowFigures, windowSecs: number): NativeFigures {
  const sum = (of: (packets: NonNullable<FlowResult["packets"]>) => number) =>
    flows.flows.reduce((total, { packets }) => total + (packets === undefined ? 0 : of(packets)), 0);
  const [submitted, committed] = [sum(({ sent }) => sent), sum(({ received }) => received)];
  const inSecond = (second: number, of: "sent" | "received") =>
    flows.flows.reduce((total, { seconds }) => total + (seconds[second]?.[of] ?? 0), 0);
  return {
    committed,
    throughputTps: committed / windowSecs,
    submitted,
    submittedTps: submitted / windowSecs,
    notShown: [],
    nodes: [],
    seconds: Array.from(
      { length: Math.max(0, ...flows.flows.map(({ seconds }) => seconds.length)) },
      (_, second) => ({
        second,
        submitted: inSecond(second, "sent"),
        committed: inSecond(second, "received"),
      }),
    ),
    flows,
  };
}

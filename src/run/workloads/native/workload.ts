import type { NodeExit } from "../../../contracts/deployment.ts";
import type { NativeCounters, NodeLoad } from "../../../contracts/load/node-load.ts";
import type { SweepParameters } from "../../../contracts/parameters.ts";
import type { Protocol } from "../../../contracts/protocol.ts";
import { type Diagnostic, InvalidArgumentError } from "../../../core/errors.ts";
import { toItem } from "../../../links/timeline/parse.ts";
import { phaseLengths } from "../../../load/level/phases.ts";
import { formatOpenMetrics, readOpenMetrics, writtenMs } from "../../../metrics/nodes/openmetrics.ts";
import { lookEverySecs, nativeFigures } from "../../../results/analysis/verdict/native-figures.ts";
import { measuringSecs } from "../../links/rounds.ts";
import type { ShownMetrics } from "../../watch/metrics-watch.ts";
import type { WorkloadPlan } from "../workload.ts";
import { type EndedWindow, type FollowedLevel, type LoadFollower, nodesWorkload } from "./run.ts";

/** A system whose nodes make the load, and count it. */
export type NativeProtocol = Protocol & { readonly native: NativeCounters };

/** Nodes send from their start on, so that their warm-up has the time in which their links are measured. */
export function loadOfNodes(
  parameters: SweepParameters,
  loadTps: number,
  { links }: Pick<WorkloadPlan, "links">,
): NodeLoad {
  const { warmUpSecs, windowSecs } = phaseLengths(parameters, loadTps);
  return {
    rateTps: loadTps,
    transactionSizeBytes: parameters.transactionSizeBytes,
    warmUpSecs: warmUpSecs + (links === undefined ? 0 : measuringSecs(links)),
    durationSecs: windowSecs,
  };
}

/** What a timeline does to nodes that ends them: what they have counted is lost, and no figure is left. */
export function refuseCrashes({ name }: Protocol, timeline: SweepParameters["timeline"]): Diagnostic[] {
  return (timeline?.entries ?? []).flatMap((entry, index) => {
    const { kind } = toItem(entry).action;
    if (kind !== "crash" && kind !== "restart") return [];
    const place = timeline?.places[index] ?? timeline?.name;
    const message = `${place}: the nodes of ${name} generate the load themselves, and a crash loses what a node has counted. Remove ${kind}, or use pause.`;
    return [{ code: "native-load", message }];
  });
}

function native(protocol: Protocol): NativeProtocol {
  if (protocol.native !== undefined) return protocol as NativeProtocol;
  throw new InvalidArgumentError(`The nodes of ${protocol.name} do not generate load. Omit the workload.`);
}

/** Load that the nodes make themselves and count. */
export const nativeWorkload = nodesWorkload({
  check: (protocol, { timeline }) => refuseCrashes(native(protocol), timeline),
  nodeLoad: loadOfNodes,
  follow: async (level) => followCounters(level, native(level.protocol).native),
});

/** Counters are read by whoever looks at the nodes' metrics. */
function followCounters(
  { network, bundle, benchmarkNumber, level: { lengths } }: FollowedLevel,
  counters: NativeCounters,
): LoadFollower {
  return {
    countedOf: counters.committed.of,
    figures: async ({ nodeMetrics, records, windowStartsAtMs }: EndedWindow) => {
      const text = nodeMetrics && writeShown(nodeMetrics, records.exits);
      if (text !== undefined) await bundle?.writeNodeMetrics(benchmarkNumber, text);
      // What is kept is what the figures are of, so that whoever reads it comes to the same.
      return nativeFigures(text === undefined ? [] : readOpenMetrics(text), counters, {
        startMs: windowStartsAtMs,
        lengthSecs: lengths.windowSecs,
        everySecs: lookEverySecs(network.nodes.length, lengths.warmUpSecs + lengths.windowSecs),
        nodes: network.nodes.length,
        tookMs: nodeMetrics === undefined ? () => 0 : tookAsWritten(nodeMetrics),
      });
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Counters of a node that ended by itself may begin anew. */
export function writeShown({ families, wallMsAt }: ShownMetrics, exits: readonly NodeExit[]): string {
  return formatOpenMetrics(families, { wallMsAt, restarted: new Set(exits.map(({ node }) => node)) });
}

/** How long answers took, by times as they are written. */
function tookAsWritten({ families, wallMsAt, tookMs }: ShownMetrics): ShownMetrics["tookMs"] {
  const written = new Map<string, number>();
  for (const { node, atMs } of families.flatMap(({ groups }) => groups)) {
    for (const ms of atMs) written.set(`${node} ${writtenMs(wallMsAt(ms))}`, tookMs(node, ms));
  }
  return (node, atMs) => written.get(`${node} ${atMs}`) ?? 0;
}

/** Follows the messages of a run: reads what peers tell, keeps it, and makes the figures of it. */
import type { LinkShape } from "../../../contracts/links/shape.ts";
import type { PlannedLinks } from "../../../contracts/links/shaping.ts";
import type { LinkStep } from "../../../contracts/links/timeline.ts";
import type { PeerEvent, PeerReports } from "../../../contracts/load/peer-events.ts";
import type { NodeName } from "../../../contracts/nodes/node.ts";
import type { NativeFigures } from "../../../contracts/results/native/native.ts";
import { delay } from "../../../core/async.ts";
import { rounded } from "../../../core/documents/numbers.ts";
import { isSettled } from "../../../results/analysis/messages/deliveries.ts";
import { type MessageUse, messageFigures } from "../../../results/analysis/messages/figures.ts";
import { figuresOfMessages } from "../../../results/analysis/messages/native.ts";
import { disturbancesOf, downAtEnd } from "../../../results/analysis/messages/outages.ts";
import type { MessageRecord } from "../../../results/analysis/messages/record.ts";
import { type PeerClock, TimedRecord } from "../../../results/analysis/messages/timed-record.ts";
import type { Capacities } from "../../../results/analysis/messages/traffic.ts";
import type { EndedWindow, FollowedLevel, LoadFollower } from "../native/run.ts";
import { writeShown } from "../native/workload.ts";
import { EventKeeper, messageReading } from "./event-keeper.ts";
import { PeerReader, type PeerView } from "./peer-reader.ts";

/** Between two looks whether all messages have arrived. */
const settleEveryMs = 250;
/** Until messages that are under way have arrived: of logs, which are read once, nobody knows whether they have. */
const lagMs = 1000;

/** @throws BundleWriteError */
export async function followMessages(level: FollowedLevel, reports: PeerReports): Promise<LoadFollower> {
  const { network, bundle, benchmarkNumber, clock, window } = level;
  const isLog = reports.events.from === "log";
  const peers = network.nodes.map(({ name }) => name);
  const reading = messageReading(peers, isLog);
  const keeper = await EventKeeper.open({ reading, bundle, benchmarkNumber });
  const reader = new PeerReader({
    network,
    reports,
    clock,
    down: () => window.down(),
    onLines: (peer, lines) => keeper.take(peer, lines),
  });
  reader.start();
  return {
    countedOf: "node",
    watchesHelpers: true,
    figures: (ended) => conclude({ level, keeper, reader, isLog }, ended),
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}

interface Followed {
  readonly level: FollowedLevel;
  readonly keeper: EventKeeper<PeerEvent, MessageRecord>;
  readonly reader: PeerReader;
  readonly isLog: boolean;
}

/** Waits until all messages of the window have arrived, or for as long as the run may drain. */
async function conclude(
  { level, keeper, reader, isLog }: Followed,
  { windowStartsAtMs, nodeMetrics, records, run }: EndedWindow,
): Promise<NativeFigures> {
  const { bundle, benchmarkNumber, parameters, clock, signal, load } = level;
  const down = downAtEnd(run.faults, run.nodes);
  const { windowSecs } = level.level.lengths;
  const latestMs = clock.monotonicMs() + parameters.drainSecs * 1000;
  if (isLog) await delay(lagMs, signal);
  await reader.look(signal);
  const record = await keeper.record();
  const timed = () =>
    new TimedRecord(record, {
      startMs: windowStartsAtMs,
      lengthSecs: windowSecs,
      observedSecs: 0,
      clocks: clocksOf(reader.views, parameters.networkType === "local"),
    });
  reader.wantAll();
  while (clock.monotonicMs() < latestMs && !(reader.hasAll && isSettled(timed(), down))) {
    await delay(settleEveryMs, signal);
    await reader.look(signal);
  }
  const views = await reader.finish(signal);
  const text = nodeMetrics && writeShown(nodeMetrics, records.exits);
  if (text !== undefined) await bundle?.writeNodeMetrics(benchmarkNumber, text);
  const expected = expectedConnections(load.edges);
  const helpers = [...(await reader.askHelpers(signal))].flatMap(([name, { connections }]) => {
    const wanted = expected(name);
    return wanted ? [{ name, connections, expectedConnections: wanted }] : [];
  });
  const use: MessageUse = {
    startMs: windowStartsAtMs,
    lengthSecs: windowSecs,
    observedSecs: rounded((clock.wallMs() - windowStartsAtMs) / 1000),
    clocks: clocksOf(views, parameters.networkType === "local"),
    down,
    disturbances: disturbancesOf(run, windowSecs),
    capacities: capacitiesOf(level.links, records.linkSteps),
    helpers,
    facts: (node) => {
      const { plan, connections, gap } = views.get(node) ?? { gap: "it was never asked" };
      const isKnown = connections !== undefined;
      return {
        plan,
        connections,
        expectedConnections: isKnown ? expected(node) : undefined,
        gap: down.has(node) ? undefined : gap,
      };
    },
  };
  return figuresOfMessages(messageFigures(record, use), windowSecs);
}

/** On one machine a clock that may be the same is the same. */
export function clocksOf(
  views: ReadonlyMap<NodeName, PeerView>,
  isOneMachine: boolean,
): ReadonlyMap<NodeName, PeerClock> {
  return new Map(
    [...views].flatMap(([node, { offsetMs, errorMs }]) => {
      if (offsetMs === undefined || errorMs === undefined) return [];
      const isSame = isOneMachine && Math.abs(offsetMs) <= errorMs;
      const clock = isSame ? same : { offsetMs: rounded(offsetMs), errorMs: rounded(errorMs) };
      return [[node, clock] as const];
    }),
  );
}
const same: PeerClock = { offsetMs: 0, errorMs: 0 };

function expectedConnections(edges: FollowedLevel["load"]["edges"]) {
  return (node: NodeName): number | undefined => edges?.filter(([a, b]) => a === node || b === node).length;
}

/** Rates of emulated links over the window; empty where none is limited. */
function capacitiesOf(links: PlannedLinks | undefined, steps: readonly LinkStep[]) {
  const places = new Map(links?.matrix.nodes.map(({ name }, place) => [name, place]));
  return (from: NodeName, to: NodeName): Capacities => {
    const base = links?.matrix.shapes[places.get(from) ?? -1]?.[places.get(to) ?? -1];
    const found = [{ fromSecs: 0, mbps: mbpsOf(base) }];
    for (const { atMs, changes: pairs } of steps) {
      const change = pairs.find((pair) => pair.from === from && pair.to === to);
      if (change === undefined) continue;
      const mbps = mbpsOf(change.shape);
      if (mbps !== found.at(-1)?.mbps) found.push({ fromSecs: rounded(atMs / 1000), mbps });
    }
    return found.some(({ mbps }) => mbps !== undefined) ? found : [];
  };
}

function mbpsOf(shape: LinkShape | undefined): number | undefined {
  const { rateBps } = shape ?? {};
  return rateBps === undefined ? undefined : rounded(rateBps / 1e6);
}

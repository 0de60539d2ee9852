/** Follows the flows of a run: begins them, reads what hosts tell, keeps it, and makes the figures of it. */
import type { NetworkNode } from "../../../contracts/deployment.ts";
import type { FlowEvent } from "../../../contracts/load/flow-events.ts";
import type { FlowReports } from "../../../contracts/load/flows.ts";
import type { NativeFigures } from "../../../contracts/results/native/native.ts";
import { formatOrigin } from "../../../core/address.ts";
import { delay, mapBounded } from "../../../core/async.ts";
import { rounded } from "../../../core/documents/numbers.ts";
import { BaleenError, describeError } from "../../../core/errors.ts";
import { sendHttp } from "../../../core/http.ts";
import { emulatedLines } from "../../../results/analysis/flows/emulated.ts";
import { figuresOfFlows, flowsFigures } from "../../../results/analysis/flows/figures.ts";
import { formatFlowEvent, parseFlowEvent } from "../../../results/analysis/flows/parse-event.ts";
import { FlowRecord } from "../../../results/analysis/flows/record.ts";
import { EventKeeper, type EventReading } from "../messages/event-keeper.ts";
import { clocksOf } from "../messages/follow.ts";
import { PeerReader } from "../messages/peer-reader.ts";
import type { EndedWindow, FollowedLevel, LoadFollower } from "../native/run.ts";
import { writeShown } from "../native/workload.ts";
import { fetchCaptures } from "./captures.ts";
import { LiveNetworkView } from "./live-view.ts";

const startTimeoutMs = 5_000;
const hostsAtOnce = 64;
/** Between two looks whether packets still arrive. */
const settleEveryMs = 250;
/** Packets that are under way take no longer; those that are lost never come. */
const quietMs = 2_000;

/** @throws BundleWriteError */
export async function followFlows(level: FollowedLevel, reports: FlowReports): Promise<LoadFollower> {
  const { network, bundle, benchmarkNumber, clock, window, emit } = level;
  const live = new LiveNetworkView(reports.flows, emit);
  let startMs: number | undefined;
  const hosts = network.nodes.map(({ name }) => name);
  const reading = flowReading(new FlowRecord(hosts, reports.flows));
  const keeper = await EventKeeper.open({ reading, bundle, benchmarkNumber });
  const reader = new PeerReader({
    network,
    reports: reports.events,
    clock,
    down: () => window.down(),
    onLines: async (host, lines) => {
      for (const line of lines) live.observe(host, line);
      live.tell(startMs === undefined ? 0 : (clock.monotonicMs() - startMs) / 1000);
      await keeper.take(host, lines);
    },
  });
  reader.start();
  return {
    countedOf: "node",
    watchesHelpers: true,
    begin: async () => {
      startMs = clock.monotonicMs();
      await mapBounded(network.nodes, hostsAtOnce, (node) => startAt(level, reports, node));
    },
    figures: (ended) => conclude({ level, reports, keeper, reader }, ended),
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}

const flowReading = (record: FlowRecord): EventReading<FlowEvent, FlowRecord> => ({
  record,
  parse: parseFlowEvent,
  format: formatFlowEvent,
  restore: (line) => record.addRecorded(line),
});

/** The window begins at a host. @throws BaleenError where it does not answer, and is not down on purpose */
async function startAt(
  { network, window, signal, level: { lengths } }: FollowedLevel,
  { events, startPath: path }: FlowReports,
  { name }: NetworkNode,
): Promise<void> {
  const plane = events.events.from === "http" ? events.events.plane : "rpc";
  const origin = formatOrigin("http", network.endpoint(name, "coordinator", plane));
  const body = JSON.stringify({ windowSecs: lengths.windowSecs });
  const headers = { "content-type": "application/json" };
  const request = { method: "POST", path, headers, body, timeoutMs: startTimeoutMs, signal } as const;
  const why = await sendHttp(origin, request).then(
    ({ status, body: reply }) =>
      status < 300 ? undefined : `POST ${path}: status ${status}, ${reply.slice(0, 500)}`,
    describeError,
  );
  signal.throwIfAborted();
  if (why === undefined || window.down().has(name)) return;
  throw new BaleenError("not-ready", `${name} did not begin its flows: ${why}. Its log says more.`);
}

interface Followed {
  readonly level: FollowedLevel;
  readonly reports: FlowReports;
  readonly keeper: EventKeeper<FlowEvent, FlowRecord>;
  readonly reader: PeerReader;
}

/** Waits until nothing arrives any more, or for as long as the run may drain. */
async function conclude(
  { level, reports, keeper, reader }: Followed,
  { windowStartsAtMs, nodeMetrics, records }: EndedWindow,
): Promise<NativeFigures> {
  const { bundle, benchmarkNumber, parameters, clock, signal, window } = level;
  const { windowSecs } = level.level.lengths;
  const latestMs = clock.monotonicMs() + parameters.drainSecs * 1000;
  await reader.look(signal);
  // As they were followed: a person may have changed them.
  const emulated = emulatedLines(level.links, records.linkSteps);
  await keeper.keep(emulated.map((line) => JSON.stringify(line)));
  const record = await keeper.record();
  reader.wantAll();
  const followed = () => record.flows.reduce((sum, { size }) => sum + size, 0);
  let [before, changedMs] = [followed(), clock.monotonicMs()];
  while (clock.monotonicMs() < latestMs) {
    await delay(settleEveryMs, signal);
    await reader.look(signal);
    const now = followed();
    if (now !== before) [before, changedMs] = [now, clock.monotonicMs()];
    if (reader.hasAll && clock.monotonicMs() - changedMs >= quietMs) break;
  }
  const observedSecs = rounded((clock.wallMs() - windowStartsAtMs) / 1000);
  const views = await reader.finish(signal);
  const text = nodeMetrics && writeShown(nodeMetrics, records.exits);
  if (text !== undefined) await bundle?.writeNodeMetrics(benchmarkNumber, text);
  const down = window.down();
  const flows = flowsFigures(record, {
    startMs: windowStartsAtMs,
    lengthSecs: windowSecs,
    observedSecs,
    clocks: clocksOf(views, parameters.networkType === "local"),
    network: reports.network,
    hasView: reports.hasView,
    gapOf: (host) => (down.has(host) ? undefined : (views.get(host) ?? { gap: "it was never asked" }).gap),
    captures: await fetchCaptures(level, reports.events.status),
  });
  return figuresOfFlows(flows, windowSecs);
}

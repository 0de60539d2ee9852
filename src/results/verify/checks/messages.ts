import type { MessageFigures } from "../../../contracts/results/native/messages.ts";
import type { NativeFigures, NativeResult } from "../../../contracts/results/native/native.ts";
import { describeError } from "../../../core/errors.ts";
import { messageFigures } from "../../analysis/messages/figures.ts";
import { figuresOfMessages } from "../../analysis/messages/native.ts";
import { disturbancesOf, downAtEnd } from "../../analysis/messages/outages.ts";
import { parseRecordedEvent } from "../../analysis/messages/parse-event.ts";
import { MessageRecord } from "../../analysis/messages/record.ts";
import type { PeerClock } from "../../analysis/messages/timed-record.ts";
import { peerEventsFile } from "../../bundle/writer.ts";
import type { Contents } from "../contents/contents.ts";
import type { Findings } from "../contents/findings.ts";

/** The figures of a run's messages, computed again from what its peers told. */
export function figuresFromEvents(
  run: NativeResult,
  messages: MessageFigures,
  { files, findings }: { readonly files: Contents["files"]; readonly findings: Findings },
): NativeFigures {
  const { peers, pairs, observedSecs } = messages;
  const { durationSecs } = run.parameters;
  const record = new MessageRecord(run.nodes.map(({ name }) => name));
  const file = peerEventsFile(run.benchmarkNumber);
  const text = files.get(file);
  if (text === undefined) findings.in(file).add("the file", "none", "what the peers told");
  else readEvents(text, record, (problem) => findings.in(file).add("a line", problem, "an event of a peer"));
  // What could not be read is not in the file.
  for (const peer of record.peers) {
    peer.malformed += peers.find(({ name }) => name === peer.name)?.malformed ?? 0;
  }
  const pairOf = new Map(pairs.map((pair) => [`${pair.from} ${pair.to}`, pair]));
  const peerOf = new Map(peers.map((peer) => [peer.name, peer]));
  const found = messageFigures(record, {
    startMs: Date.parse(run.timestamp),
    lengthSecs: durationSecs,
    observedSecs,
    clocks: new Map(
      peers.flatMap(({ name, clockOffsetMs: offsetMs, clockErrorMs: errorMs }): [string, PeerClock][] =>
        offsetMs === undefined || errorMs === undefined ? [] : [[name, { offsetMs, errorMs }]],
      ),
    ),
    down: downAtEnd(run.faults, run.nodes),
    disturbances: disturbancesOf(run, durationSecs),
    capacities: (from, to) => pairOf.get(`${from} ${to}`)?.capacities ?? [],
    helpers: messages.helpers,
    facts: (node) => {
      const { plan, connections, expectedConnections, gap } = peerOf.get(node) ?? {};
      return { plan, connections, expectedConnections, gap };
    },
  });
  return figuresOfMessages(found, durationSecs);
}

/** @param complain of the first line that is none */
function readEvents(text: string, record: MessageRecord, complain: (problem: string) => void): void {
  for (const line of text.split("\n")) {
    if (line === "") continue;
    try {
      const { node, event } = parseRecordedEvent(line);
      record.add(node, event);
    } catch (error) {
      complain(describeError(error));
      return;
    }
  }
}

import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { PeerEvent } from "../../../contracts/load/peer-events.ts";
import type { NodeName } from "../../../contracts/nodes/node.ts";
import {
  formatEvent,
  parseEvent,
  parseRecordedEvent,
} from "../../../results/analysis/messages/parse-event.ts";
import { MessageRecord } from "../../../results/analysis/messages/record.ts";
import { type BundleWriter, peerEventsFile } from "../../../results/bundle/writer.ts";

/** How lines of nodes become a record of what they told. */
export interface EventReading<Event extends object, Record> {
  readonly record: Record & {
    readonly add: (node: NodeName, event: Event) => void;
    readonly addMalformed: (node: NodeName) => void;
  };
  /** undefined: the line is none of ours. */
  readonly parse: (line: string) => Event | "malformed" | undefined;
  readonly format: (node: NodeName, event: Event) => string;
  /** Adds a line that was kept. */
  readonly restore: (line: string) => void;
}

/** @param isLog other lines than events are none of ours */
export function messageReading(
  peers: readonly NodeName[],
  isLog: boolean,
): EventReading<PeerEvent, MessageRecord> {
  const record = new MessageRecord(peers);
  return {
    record,
    parse: (line) => parseEvent(line) ?? (isLog ? undefined : "malformed"),
    format: formatEvent,
    restore: (line) => {
      const { node, event } = parseRecordedEvent(line);
      record.add(node, event);
    },
  };
}

export interface EventKeeperOptions<Event extends object, Record> {
  readonly reading: EventReading<Event, Record>;
  /** Absent: nothing is written, and the record grows from the beginning on. */
  readonly bundle: Pick<BundleWriter, "folder" | "beginPeerEvents" | "appendPeerEvents"> | undefined;
  readonly benchmarkNumber: number;
}

/** What peers tell: in the bundle's file while a run goes on, so that memory stays flat, and as a record at its end. */
export class EventKeeper<Event extends object, Record> {
  readonly #options: EventKeeperOptions<Event, Record>;
  /** All that was taken is in the record, and what comes is added to it. */
  #isRecording: boolean;

  private constructor(options: EventKeeperOptions<Event, Record>) {
    this.#options = options;
    this.#isRecording = options.bundle === undefined;
  }

  /** @throws BundleWriteError */
  static async open<Event extends object, Record>(
    options: EventKeeperOptions<Event, Record>,
  ): Promise<EventKeeper<Event, Record>> {
    await options.bundle?.beginPeerEvents(options.benchmarkNumber);
    return new EventKeeper(options);
  }

  /** Resolves when the disk has them. */
  async take(peer: NodeName, lines: readonly string[]): Promise<void> {
    const { record, parse, format } = this.#options.reading;
    const kept: string[] = [];
    for (const line of lines) {
      const event = parse(line);
      if (event === "malformed") record.addMalformed(peer);
      else if (event !== undefined) {
        if (this.#isRecording) record.add(peer, event);
        kept.push(format(peer, event));
      }
    }
    await this.#options.bundle?.appendPeerEvents(kept);
  }

  /** Keeps lines that no node told. Resolves when the disk has them. */
  async keep(lines: readonly string[]): Promise<void> {
    if (this.#isRecording) for (const line of lines) this.#options.reading.restore(line);
    await this.#options.bundle?.appendPeerEvents(lines);
  }

  /** All of it; what is taken later is added. Not to be called while something is being taken. */
  async record(): Promise<Record> {
    const { bundle, benchmarkNumber, reading } = this.#options;
    if (this.#isRecording || bundle === undefined) return reading.record;
    this.#isRecording = true;
    const input = createReadStream(join(bundle.folder, peerEventsFile(benchmarkNumber)));
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line !== "") reading.restore(line);
    }
    return reading.record;
  }
}

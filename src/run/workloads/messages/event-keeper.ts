import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { NodeName } from "../../../contracts/nodes/node.ts";
import {
  formatEvent,
  parseEvent,
  parseRecordedEvent,
} from "../../../results/analysis/messages/parse-event.ts";
import { MessageRecord } from "../../../results/analysis/messages/record.ts";
import { type BundleWriter, peerEventsFile } from "../../../results/bundle/writer.ts";

export interface EventKeeperOptions {
  readonly peers: readonly NodeName[];
  /** Absent: nothing is written, and the record grows from the beginning on. */
  readonly bundle: Pick<BundleWriter, "folder" | "beginPeerEvents" | "appendPeerEvents"> | undefined;
  readonly benchmarkNumber: number;
  /** Other lines than events are none of ours. */
  readonly isLog: boolean;
}

/** What peers tell: in the bundle's file while a run goes on, so that memory stays flat, and as a record at its end. */
export class EventKeeper {
  readonly #options: EventKeeperOptions;
  readonly #record: MessageRecord;
  /** All that was taken is in the record, and what comes is added to it. */
  #isRecording: boolean;

  private constructor(options: EventKeeperOptions) {
    this.#options = options;
    this.#record = new MessageRecord(options.peers);
    this.#isRecording = options.bundle === undefined;
  }

  /** @throws BundleWriteError */
  static async open(options: EventKeeperOptions): Promise<EventKeeper> {
    await options.bundle?.beginPeerEvents(options.benchmarkNumber);
    return new EventKeeper(options);
  }

  /** Resolves when the disk has them. */
  async take(peer: NodeName, lines: readonly string[]): Promise<void> {
    const { bundle, isLog } = this.#options;
    const kept: string[] = [];
    for (const line of lines) {
      const event = parseEvent(line);
      if (event === "malformed" || (event === undefined && !isLog)) this.#record.addMalformed(peer);
      else if (event !== undefined) {
        if (this.#isRecording) this.#record.add(peer, event);
        kept.push(formatEvent(peer, event));
      }
    }
    await bundle?.appendPeerEvents(kept);
  }

  /** All of it; what is taken later is added. Not to be called while something is being taken. */
  async record(): Promise<MessageRecord> {
    const { bundle, benchmarkNumber } = this.#options;
    if (this.#isRecording || bundle === undefined) return this.#record;
    this.#isRecording = true;
    const input = createReadStream(join(bundle.folder, peerEventsFile(benchmarkNumber)));
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line === "") continue;
      const { node, event } = parseRecordedEvent(line);
      this.#record.add(node, event);
    }
    return this.#record;
  }
}

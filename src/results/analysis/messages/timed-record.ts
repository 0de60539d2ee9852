import type { MessageRecord, PeerRecord } from "./record.ts";

/** How far a peer's clock is ahead of the coordinator's, and how wrong that may be. */
export interface PeerClock {
  readonly offsetMs: number;
  readonly errorMs: number;
}

/** The window that figures are of, by the coordinator's clock, milliseconds since 1970. */
export interface MessageWindow {
  readonly startMs: number;
  readonly lengthSecs: number;
  /** From the window's start to the last look at the peers. */
  readonly observedSecs: number;
  /** Of peers that told the time; the others' clocks are taken for the coordinator's. */
  readonly clocks: ReadonlyMap<string, PeerClock>;
}

/** A record with all times on one clock: milliseconds since the start of the window. */
export class TimedRecord {
  readonly record: MessageRecord;
  readonly window: MessageWindow;
  readonly lengthMs: number;
  readonly endMs: number;
  readonly #zeros: readonly number[];
  readonly #errors: readonly number[];

  constructor(record: MessageRecord, window: MessageWindow) {
    this.record = record;
    this.window = window;
    this.lengthMs = window.lengthSecs * 1000;
    this.endMs = window.observedSecs * 1000;
    const clocks = record.peers.map(({ name }) => window.clocks.get(name));
    this.#zeros = clocks.map((clock) => window.startMs + (clock?.offsetMs ?? 0));
    this.#errors = clocks.map((clock) => clock?.errorMs ?? 0);
  }

  get peers(): readonly PeerRecord[] {
    return this.record.peers;
  }

  /** @param place of the peer whose clock it is by */
  time(place: number, at: number): number {
    return at - (this.#zeros[place] as number);
  }

  /** Sum of the errors of two peers' clocks. */
  errorMs(one: number, other: number): number {
    return (this.#errors[one] as number) + (this.#errors[other] as number);
  }

  /** NaN where the reader never could read it. */
  readMs(row: number, reader: number): number {
    return this.time(reader, this.record.readMs(row, reader));
  }

  /** When a peer began, seconds since the start of the window; undefined where it was there before. */
  joinedSecs(place: number): number | undefined {
    const { startedMs } = this.peers[place] as PeerRecord;
    const secs = startedMs === undefined ? 0 : this.time(place, startedMs) / 1000;
    return secs > 0 ? secs : undefined;
  }

  isInWindow(ms: number): boolean {
    return ms >= 0 && ms < this.lengthMs;
  }
}

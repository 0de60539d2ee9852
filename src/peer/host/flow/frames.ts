/** Pictures of a video flow, put together as a player would. */
import type { FrameEvent } from "../../../contracts/load/flow-events.ts";
import { preciseNow } from "../../journal.ts";
import type { Head } from "./packet.ts";

/** A picture is shown if it is whole so long after the fastest packet of all would have arrived. */
const playoutMs = 200;
/** And is given up after this. */
const patienceMs = 1000;
const sweepMs = 100;

interface Frame {
  readonly sentAtMs: number;
  readonly parts: number;
  /** Sequence numbers: a copy of a packet counts once. */
  readonly seen: Set<number>;
  isDone: boolean;
}

export class Frames implements Disposable {
  readonly #flow: string;
  readonly #tell: (event: FrameEvent) => void;
  readonly #frames = new Map<number, Frame>();
  readonly #timer = setInterval(() => this.#sweep(), sweepMs);
  /** Least difference of the two clocks with the way between: no clock need be right. */
  #fastestMs = Number.POSITIVE_INFINITY;
  #next: number | undefined;

  constructor(flow: string, tell: (event: FrameEvent) => void) {
    this.#flow = flow;
    this.#tell = tell;
  }

  take({ frame, parts, sequence, sentAtMs }: Head): void {
    const transitMs = preciseNow() - sentAtMs;
    this.#fastestMs = Math.min(this.#fastestMs, transitMs);
    this.#next ??= frame;
    if (frame < this.#next) return; // it was given up
    const known = this.#frames.get(frame) ?? { sentAtMs, parts, seen: new Set<number>(), isDone: false };
    this.#frames.set(frame, known);
    known.seen.add(sequence);
    if (known.isDone || known.seen.size < parts) return;
    known.isDone = true;
    this.#say(frame, transitMs - this.#fastestMs <= playoutMs ? "shown" : "late");
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** In order: what is over, and what will not be whole any more, also where no packet of it came. */
  #sweep(): void {
    const overMs = preciseNow() - this.#fastestMs - patienceMs;
    const latest = Math.max(...this.#frames.keys());
    for (let frame = this.#next ?? 0; frame <= latest; frame++) {
      const known = this.#frames.get(frame);
      const later = known ?? this.#firstAfter(frame, latest);
      if (later === undefined || later.sentAtMs > overMs) return;
      if (known?.isDone !== true) this.#say(frame, "incomplete");
      this.#frames.delete(frame);
      this.#next = frame + 1;
    }
  }

  #firstAfter(frame: number, latest: number): Frame | undefined {
    for (let at = frame + 1; at <= latest; at++) {
      const found = this.#frames.get(at);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #say(frame: number, outcome: FrameEvent["outcome"]): void {
    this.#tell({ type: "frame", at: preciseNow(), flow: this.#flow, frame, outcome });
  }
}

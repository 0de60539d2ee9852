import type { Emit } from "../../contracts/events.ts";
import { type MoveRecord, writtenPositions } from "../../contracts/links/ground.ts";
import type { LinkStep } from "../../contracts/links/timeline.ts";
import type { LinkChangeRecord } from "../../contracts/results/links/link-changes.ts";
import { describeError } from "../../core/errors.ts";
import type { LinkControl } from "../links/control.ts";
import type { GroundEvents } from "../links/ground-events.ts";

interface LinkChangerOptions {
  readonly emit: Emit;
  readonly links: LinkControl | undefined;
  readonly ground: GroundEvents | undefined;
  readonly signal: AbortSignal;
  /** Seconds into the window: now, and of a time on the monotonic clock. */
  readonly nowSecs: () => number;
  readonly atSecs: (ms: number) => number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Changes links as steps say, and records it; of the values between begin and end only those that failed. */
export class LinkChanger {
  readonly #options: LinkChangerOptions;
  readonly #records: Mutable<LinkChangeRecord>[] = [];
  readonly #moves: MoveRecord[] = [];

  constructor(options: LinkChangerOptions) {
    this.#options = options;
  }

  get records(): readonly LinkChangeRecord[] {
    return this.#records;
  }

  /** Where nodes that move were at which tick, in order. */
  get moves(): readonly MoveRecord[] {
    return this.#moves;
  }

  /** Rejects on abort alone: a change that fails is recorded, and the run goes on. */
  async change(step: Omit<LinkStep, "kind">): Promise<void> {
    const { action, what, stage, isManual, atMs, changes, positions } = step;
    const { links, ground, signal, nowSecs, atSecs } = this.#options;
    const record: Mutable<LinkChangeRecord> = {
      action,
      what,
      stage,
      isManual,
      askedSecs: atMs / 1000,
      links: changes.length,
    };
    if (stage !== "step") this.#records.push(record);
    const move: Mutable<MoveRecord> | undefined = positions && {
      askedSecs: record.askedSecs,
      positions: writtenPositions(positions),
    };
    if (move !== undefined) this.#moves.push(move);
    if (links === undefined) return this.#fail(record, "the network has no links that can be changed");
    try {
      // An action whose links others have taken over changes none.
      const effectiveMs = await links.set(changes, signal, () => {
        record.issuedSecs = nowSecs();
        this.#notify(record, "issued");
      });
      record.effectiveSecs = atSecs(effectiveMs);
      if (move !== undefined) move.inForceSecs = record.effectiveSecs;
      ground?.observe(step, record.effectiveSecs);
    } catch (error) {
      signal.throwIfAborted();
      return this.#fail(record, describeError(error));
    }
    this.#notify(record, "effective");
  }

  /** Sets back what is not as asked for, once all changes have had their turn. */
  async heal(atMs: number): Promise<void> {
    const { links } = this.#options;
    await links?.settled();
    const changes = links?.healing() ?? [];
    if (changes.length === 0) return;
    await this.change({ action: "heal", what: "end of the window", stage: "end", atMs, changes });
  }

  #fail(record: Mutable<LinkChangeRecord>, failure: string): void {
    record.failure = failure;
    if (record.stage === "step") this.#records.push(record);
    this.#options.emit({ type: "link-change", state: "failed", ...record });
  }

  #notify(record: LinkChangeRecord, state: "issued" | "effective"): void {
    if (record.stage !== "step") this.#options.emit({ type: "link-change", state, ...record });
  }
}

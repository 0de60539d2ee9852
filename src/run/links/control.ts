/** The links of a network while a run changes them: what is in force, what may have been, and the way back. */
import type { LinkMatrix } from "../../contracts/links/matrix.ts";
import type { LinkShape } from "../../contracts/links/shape.ts";
import { type LinkChange, type LinkPair, type LinkShaping, linksOf } from "../../contracts/links/shaping.ts";
import type { Clock } from "../../core/clock.ts";

/** A shape that a link has had. Times are milliseconds on the coordinator's monotonic clock. */
interface HeldShape {
  readonly shape: LinkShape;
  /** When it was asked for: from then on it may be in force. */
  readonly fromMs: number;
  /** When it was known that another one held. */
  toMs: number;
}

/** Names a directed link. */
export const keyOf = ({ from, to }: LinkPair) => `${from} ${to}`;

/** Changes links one change after the other, and remembers each. */
export class LinkControl {
  readonly #links: LinkShaping;
  readonly #clock: Clock;
  readonly #usual: ReadonlyMap<string, LinkChange>;
  readonly #held = new Map<string, HeldShape[]>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(links: LinkShaping, { matrix, clock }: { readonly matrix: LinkMatrix; readonly clock: Clock }) {
    this.#links = links;
    this.#clock = clock;
    this.#usual = new Map(linksOf(matrix).map((link) => [keyOf(link), link]));
    for (const [key, { shape }] of this.#usual) {
      this.#held.set(key, [{ shape, fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY }]);
    }
  }

  /** @returns when it held everywhere, on the monotonic clock @throws BaleenError "links"; the signal's reason */
  set(changes: readonly LinkChange[], signal: AbortSignal, onIssued: () => void = () => {}): Promise<number> {
    const work = this.#last.then(async () => {
      signal.throwIfAborted();
      onIssued();
      const issuedMs = this.#clock.monotonicMs();
      if (changes.length === 0) return issuedMs;
      for (const { shape, ...pair } of changes) {
        this.#held.get(keyOf(pair))?.push({ shape, fromMs: issuedMs, toMs: Number.POSITIVE_INFINITY });
      }
      const effectiveMs = await this.#links.set(changes, signal);
      for (const change of changes) {
        const held = this.#held.get(keyOf(change)) ?? [];
        // Those before it that have ended already come first.
        for (let place = held.length - 2; place >= 0; place--) {
          const one = held[place];
          if (one?.toMs !== Number.POSITIVE_INFINITY) break;
          one.toMs = effectiveMs;
        }
      }
      return effectiveMs;
    });
    this.#last = work.catch(() => {});
    return work;
  }

  /** The changes that restore all links; empty where none is needed. */
  healing(): LinkChange[] {
    return [...this.#usual.entries()].flatMap(([key, link]) =>
      isSame(this.#held.get(key)?.at(-1)?.shape, link.shape) ? [] : [link],
    );
  }

  /** Resolves once no change is under way. */
  settled(): Promise<unknown> {
    return this.#last;
  }

  usual(pair: LinkPair): LinkShape | undefined {
    return this.#usual.get(keyOf(pair))?.shape;
  }

  /** Shapes of a link of which one or the other may have been in force at some time of the span. */
  inForce(pair: LinkPair, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): LinkShape[] {
    const held = this.#held.get(keyOf(pair)) ?? [];
    return held.filter((one) => one.fromMs <= toMs && one.toMs >= fromMs).map(({ shape }) => shape);
  }
}

const isSame = (one: LinkShape | undefined, other: LinkShape) =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

import { type LinkShape, unshaped } from "../contracts/links/shape.ts";
import type { OpenCommand, ShaperChange, ShaperPlace } from "../contracts/links/shaper.ts";

/** A directed pair of nodes. */
export interface Pair {
  readonly from: string;
  readonly to: string;
}

/** Nodes and the links between them, as they are asked for. */
export class Network<P extends ShaperPlace = ShaperPlace> {
  readonly #places = new Map<string, P>();
  readonly #shapes = new Map<string, LinkShape>();
  readonly #bareMs = new Map<string, number>();

  constructor(places: readonly P[], links: OpenCommand["links"]) {
    this.attach(places);
    this.set(links);
  }

  get places(): readonly P[] {
    return [...this.#places.values()];
  }

  place(name: string): P | undefined {
    return this.#places.get(name);
  }

  attach(places: readonly P[]): void {
    for (const place of places) this.#places.set(place.name, place);
  }

  set(links: readonly ShaperChange[]): void {
    for (const { from, to, ...shape } of links) this.#shapes.set(key({ from, to }), shape);
  }

  /** What the path adds by itself, so that shaping does not add it again. */
  setBare(pair: Pair, delayMs: number): void {
    this.#bareMs.set(key(pair), delayMs);
  }

  /** The shape that a mechanism must give to a link. */
  shape(pair: Pair): LinkShape {
    const shape = this.#shapes.get(key(pair)) ?? unshaped;
    const bareMs = this.#bareMs.get(key(pair)) ?? 0;
    return { ...shape, delayMs: Math.max(0, shape.delayMs - bareMs) };
  }
}

/** No name has a line break in it: lines are what names come in. */
const key = ({ from, to }: Pair) => `${from}\n${to}`;

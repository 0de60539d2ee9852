import type { Emit } from "../../contracts/events.ts";
import type { Position } from "../../contracts/links/ground.ts";
import type { LiveGround, LiveLink } from "../../contracts/links/live.ts";
import type { LinkMatrix } from "../../contracts/links/matrix.ts";
import { type LinkShape, lossRatioOf } from "../../contracts/links/shape.ts";
import { linksOf } from "../../contracts/links/shaping.ts";
import type { LinkStep } from "../../contracts/links/timeline.ts";
import { rounded } from "../../core/documents/numbers.ts";

/** Nodes of larger networks would fill events, and a map. */
const mostNodes = 50;
/** Of asked times, so that a replay tells the same. */
const everyMs = 1000;

/** Tells pages what links emulate and where nodes are: changes at once, what follows nodes that move once a second. */
export class GroundEvents {
  readonly #emit: Emit;
  readonly #places: ReadonlyMap<string, number>;
  readonly #shown: readonly number[];
  readonly #links = new Map<string, LiveLink>();
  #positions: LinkStep["positions"];
  #toldMs = Number.NEGATIVE_INFINITY;
  /** A move has ended, and the tick at which its node arrives comes next. */
  #isArriving = false;

  constructor(matrix: LinkMatrix, emit: Emit) {
    this.#shown = matrix.nodes.flatMap(({ isApart }, place) => (isApart ? [] : [place]));
    const names = this.#shown.map((place) => matrix.nodes[place]?.name ?? "");
    this.#places = new Map(names.map((name, place) => [name, place]));
    this.#emit = names.length > mostNodes ? () => {} : emit;
    for (const { from, to, shape } of linksOf(matrix)) this.#take(from, to, shape);
    const { space, positions } = matrix.ground ?? {};
    this.#tell({
      second: 0,
      nodes: names,
      ...(space === undefined ? {} : { space }),
      ...(positions === undefined ? {} : { positions: this.#written(positions) }),
    });
  }

  /** Links are as a step says. @param inForceSecs since when, seconds since the start of the window */
  observe(
    { action, stage, atMs, changes, positions }: Omit<LinkStep, "kind" | "what">,
    inForceSecs: number,
  ): void {
    for (const { from, to, shape } of changes) this.#take(from, to, shape);
    if (positions !== undefined) this.#positions = positions;
    if (stage === "step" && !this.#isArriving && atMs - this.#toldMs < everyMs) return;
    this.#isArriving = action === "move" && stage === "end";
    if (this.#links.size === 0 && this.#positions === undefined) return;
    this.#toldMs = atMs;
    const moved = this.#positions === undefined ? {} : { positions: this.#written(this.#positions) };
    this.#positions = undefined;
    this.#tell({ second: atMs / 1000, inForceSecs, ...moved });
  }

  #tell(moment: Omit<LiveGround, "links">): void {
    this.#emit({ type: "ground", ...moment, links: [...this.#links.values()] });
    this.#links.clear();
  }

  #take(from: string, to: string, { delayMs, loss, rateBps, down }: LinkShape): void {
    const [one, other] = [this.#places.get(from), this.#places.get(to)];
    if (one === undefined || other === undefined) return;
    const lossRatio = Number(lossRatioOf(loss).toFixed(6));
    this.#links.set(`${one} ${other}`, [one, other, rounded(delayMs), lossRatio, rateBps ?? null, down]);
  }

  #written(positions: readonly (Position | undefined)[]): (Position | null)[] {
    return this.#shown.map((place) => positions[place] ?? null);
  }
}

import type { Position } from "../../contracts/links/ground.ts";
import type { LinkMatrix } from "../../contracts/links/matrix.ts";
import type { LinkShape } from "../../contracts/links/shape.ts";
import type { LinkChange } from "../../contracts/links/shaping.ts";
import type { LinkStep } from "../../contracts/links/timeline.ts";
import { groundShape } from "../ground/quality.ts";
import type { Layer, LayerMoment, Shapes } from "./layers.ts";
import type { MoveEvent } from "./moves.ts";
import { type Link, linksAt } from "./select.ts";

/** Ends all layers that have begun. */
export interface Healing {
  readonly atMs: number;
  readonly entry: number;
}

/** One moment of a layer. Of one time, ends come first, then what began first. */
interface LinkEvent {
  readonly atMs: number;
  readonly layer: Layer | undefined;
  readonly moment: LayerMoment | undefined;
  readonly stage: LinkStep["stage"];
  readonly entry: number;
}

export interface LinkWork {
  /** In the order of their start. */
  readonly layers: readonly Layer[];
  readonly healings: readonly Healing[];
  /** In order. They change what lies below all layers, and nothing heals them. */
  readonly moves: readonly MoveEvent[];
}

export interface LinkSetting {
  readonly matrix: LinkMatrix;
  readonly shapes: Shapes;
  readonly placeOf: (entry: number) => string;
  /** Places of entries from this one on are those of a person who changes links by hand. Default: none. */
  readonly manualFrom?: number | undefined;
}

/**
 * The steps of all layers: after each, every link has its shape in the matrix with all layers applied that are active
 * then, in the order of their start; of links whose nodes move, over the shape for their distance. Each step is worked
 * out when it is asked for.
 *
 * @param fromMs steps before it are left out: the first one changes what the last one of those left
 */
export function* linkSteps(
  { layers, healings, moves }: LinkWork,
  { matrix, shapes, placeOf, manualFrom = Number.POSITIVE_INFINITY }: LinkSetting,
  fromMs = Number.NEGATIVE_INFINITY,
): Generator<LinkStep> {
  const links = openLinks(matrix, shapes);
  const active = new Map<Layer, LayerMoment>();
  const ended = new Set<Layer>();
  const told = (entry: number) => ({
    ...(entry < 0 ? {} : { place: placeOf(entry) }),
    ...(entry >= manualFrom ? { isManual: true as const } : {}),
  });
  const move = ({ atMs, stage, entry, what, positions, moved }: MoveEvent): LinkStep => {
    const touched = positions === undefined ? [] : links.ground(positions, moved);
    const changes = links.update(touched, orderLayers(layers, active));
    return { kind: "links", atMs, ...told(entry), action: "move", stage, what, changes, positions };
  };
  /** @returns the links whose shapes may change with it; undefined: its layer has ended */
  const apply = ({ layer, moment }: LinkEvent): readonly Link[] | undefined => {
    if (layer !== undefined && ended.has(layer)) return undefined;
    const touched = layer === undefined ? [...active.keys()] : [layer];
    for (const one of touched) {
      if (moment !== undefined) active.set(one, moment);
      else if (active.delete(one)) ended.add(one);
    }
    return touched.flatMap((one) => one.links);
  };
  const events = orderEvents(layers, healings);
  const first = events.findIndex(({ atMs }) => atMs >= fromMs);
  const [past, coming] = first < 0 ? [events, []] : [events.slice(0, first), events.slice(first)];
  for (const event of past) apply(event);
  const moved = moves.filter(({ atMs, positions }) => atMs < fromMs && positions !== undefined);
  const { positions } = moved.at(-1) ?? {};
  if (positions !== undefined) links.ground(positions, [...new Set(moved.flatMap((one) => one.moved))]);
  if (fromMs > Number.NEGATIVE_INFINITY) links.update(links.all, orderLayers(layers, active));
  // At one moment nodes have moved before anything else is done to their links.
  const waiting = moves.filter(({ atMs }) => atMs >= fromMs);
  let next = 0;
  function* moveUntil(untilMs: number) {
    for (let one = waiting[next]; one !== undefined && one.atMs <= untilMs; one = waiting[next]) {
      next += 1;
      yield move(one);
    }
  }
  for (const event of coming) {
    yield* moveUntil(event.atMs);
    const { layer, stage, atMs, entry } = event;
    const touched = apply(event);
    if (touched === undefined) continue;
    const changes = links.update(touched, orderLayers(layers, active));
    // Begin and end are reported even where other layers hide the effect.
    if (stage === "step" && changes.length === 0) continue;
    const [action, what] = layer === undefined ? (["heal", "all"] as const) : [layer.action, layer.what];
    yield { kind: "links", atMs, ...told(entry), action, stage, what, changes };
  }
  yield* moveUntil(Number.POSITIVE_INFINITY);
}

function orderEvents(layers: readonly Layer[], healings: readonly Healing[]): readonly LinkEvent[] {
  const ofLayers = layers.flatMap((layer): LinkEvent[] => {
    const { entry, endMs } = layer;
    // What stays, as after a ramp, ends with its last value.
    const last = endMs === undefined ? layer.moments.length - 1 : undefined;
    const stageOf = (place: number) => (place === 0 ? "begin" : place === last ? "end" : "step");
    const moments = layer.moments.map(
      (moment, place): LinkEvent => ({ atMs: moment.atMs, layer, moment, stage: stageOf(place), entry }),
    );
    if (endMs === undefined) return moments;
    return [...moments, { atMs: endMs, layer, moment: undefined, stage: "end", entry }];
  });
  const heals = healings.map(
    ({ atMs, entry }): LinkEvent => ({ atMs, layer: undefined, moment: undefined, stage: "begin", entry }),
  );
  const rank = ({ layer, stage }: LinkEvent) => (stage === "end" ? 0 : layer === undefined ? 1 : 2);
  return [...ofLayers, ...heals].sort((a, b) => a.atMs - b.atMs || rank(a) - rank(b));
}

function orderLayers(layers: readonly Layer[], active: ReadonlyMap<Layer, LayerMoment>) {
  return layers.flatMap((layer) => {
    const moment = active.get(layer);
    return moment === undefined ? [] : [{ links: layer.links, moment }];
  });
}

/** The shapes that links have now. */
function openLinks({ nodes, shapes: base, ground }: LinkMatrix, { intern }: Shapes) {
  const count = nodes.length;
  const keyOf = ({ from, to }: Link) => from * count + to;
  const first = base.map((row) => row.map((shape) => shape && intern(shape)));
  const now = new Map<number, LinkShape>();
  const moved = new Map<number, LinkShape>();
  const nameOf = (place: number) => nodes[place]?.name ?? "";
  const known = new Map<readonly Link[], ReadonlySet<number>>();
  const keysOf = (links: readonly Link[]) => {
    const keys = known.get(links) ?? new Set(links.map(keyOf));
    known.set(links, keys);
    return keys;
  };
  return {
    all: linksAt([...nodes.keys()], count),
    /** Nodes are here now. @returns the links whose shape below all layers that may have changed */
    ground: (positions: readonly (Position | undefined)[], places: readonly number[]): readonly Link[] => {
      const touched = linksAt(places, count);
      return touched.filter((link) => {
        const shape = ground && groundShape(ground, positions, link);
        if (shape !== undefined) moved.set(keyOf(link), intern(shape));
        return shape !== undefined;
      });
    },
    /** Applies layers to links, each perhaps named more than once. @returns those that have changed */
    update: (
      links: readonly Link[],
      layers: readonly { readonly links: readonly Link[]; readonly moment: LayerMoment }[],
    ): LinkChange[] => {
      const covered = layers.map(({ links: own, moment }) => ({ keys: keysOf(own), moment }));
      return [...new Map(links.map((link) => [keyOf(link), link]))].flatMap(([key, { from, to }]) => {
        const initial = first[from]?.[to];
        if (initial === undefined) return [];
        const bottom = moved.get(key) ?? initial;
        const applied = covered.filter(({ keys }) => keys.has(key));
        const shape = applied.reduce((below, { moment }) => moment.apply(below), bottom);
        if (shape === (now.get(key) ?? initial)) return [];
        now.set(key, shape);
        return [{ from: nameOf(from), to: nameOf(to), shape }];
      });
    },
  };
}

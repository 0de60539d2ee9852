/** Links whose packets take as long as they are asked to, without a packet being sent. */
import type { LinkMatrix } from "../../../src/contracts/links/matrix.ts";
import { type LinkShape, lossRatioOf, unshaped } from "../../../src/contracts/links/shape.ts";
import type {
  LinkChange,
  LinkPair,
  LinkShaping,
  PlannedLinks,
  ProbedLink,
  ProbeRequest,
  ShapingSecond,
} from "../../../src/contracts/links/shaping.ts";
import { delay } from "../../../src/core/async.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { idle } from "../../support/small-network.ts";

export function matrixOf(nodes: number, shapeOf: (from: number, to: number) => LinkShape): LinkMatrix {
  const places = Array.from({ length: nodes }, (_, at) => at);
  return {
    nodes: places.map((at) => ({ name: `node${at}`, group: "validator" })),
    regions: [],
    shapes: places.map((from) => places.map((to) => (from === to ? undefined : shapeOf(from, to)))),
    regionShapes: [],
  };
}

export const planned = (matrix: LinkMatrix): PlannedLinks => ({ matrix, seed: "test", later: [] });

/** What real links would do otherwise. */
export interface LinkScript {
  /** What a link does instead of its shape. */
  readonly instead?: (link: LinkPair, shape: LinkShape) => LinkShape;
  /** Takes time before changes hold. */
  readonly setMs?: number;
  /** The pairs of a request are probed one after the other, within the interval of each. */
  readonly takesTurns?: boolean;
  readonly refuse?: (changes: readonly LinkChange[]) => Error | undefined;
}

export interface ScriptedLinks extends LinkShaping {
  readonly requests: ProbeRequest[];
  readonly sets: (readonly LinkChange[])[];
  readonly shapeOf: (link: LinkPair) => LinkShape;
  readonly fail: (why: string) => void;
  readonly second: (second: Partial<ShapingSecond>) => void;
}

const keyOf = ({ from, to }: LinkPair) => `${from} ${to}`;

export function scriptLinks(matrix: LinkMatrix, script: LinkScript = {}): ScriptedLinks {
  const shapes = new Map<string, LinkShape>();
  for (const [from, row] of matrix.shapes.entries()) {
    for (const [to, shape] of row.entries()) if (shape) shapes.set(`node${from} node${to}`, shape);
  }
  const failures: string[] = [];
  const onFailure = new Set<(why: string) => void>();
  const onSecond = new Set<(second: ShapingSecond) => void>();
  const requests: ProbeRequest[] = [];
  const sets: (readonly LinkChange[])[] = [];
  const shapeOf = (link: LinkPair) => shapes.get(keyOf(link)) ?? unshaped;
  const seen = (request: ProbeRequest, pair: LinkPair): ProbedLink => {
    const shape = script.instead?.(pair, shapeOf(pair)) ?? shapeOf(pair);
    const common = { ...pair, way: "one-way" as const, congestionControl: "cubic" };
    if (request.kind === "goodput") {
      const goodputBps = ((shape.rateBps ?? 1e9) * 1448) / 1500;
      return { ...common, sent: 0, received: 0, delaysMs: [], goodputBps };
    }
    const lost = shape.down ? request.packets : Math.round(request.packets * lossRatioOf(shape.loss));
    const received = request.packets - lost;
    const delaysMs = Array.from({ length: received }, () => shape.delayMs + 0.1);
    return { ...common, sent: request.packets, received, delaysMs };
  };
  return {
    mechanism: "nfqueue",
    realTime: true,
    bare: [],
    requests,
    sets,
    shapeOf,
    set: async (changes, signal) => {
      if (script.setMs !== undefined) await delay(script.setMs, signal);
      const refused = script.refuse?.(changes);
      if (refused !== undefined) throw refused;
      sets.push(changes);
      for (const change of changes) shapes.set(keyOf(change), change.shape);
      return systemClock.monotonicMs();
    },
    probe: async (request) => {
      requests.push(request);
      const probed: ProbedLink[] = [];
      for (const pair of request.pairs) {
        probed.push(seen(request, pair));
        if (script.takesTurns && request.kind === "echo")
          await delay(1_000 / request.perSecond / request.pairs.length, idle);
      }
      return probed;
    },
    onSecond: (listener) => {
      onSecond.add(listener);
      return () => void onSecond.delete(listener);
    },
    onFailure: (listener) => {
      for (const why of failures) listener(why);
      onFailure.add(listener);
      return () => void onFailure.delete(listener);
    },
    fail: (why) => {
      failures.push(why);
      for (const listener of onFailure) listener(why);
    },
    second: (second) => {
      const counts = { released: 1_000, lost: 0, overflowed: 0, cut: 0, kernelDropped: 0, cpuMs: 30 };
      for (const listener of onSecond) listener({ atMs: systemClock.monotonicMs(), ...counts, ...second });
    },
  };
}

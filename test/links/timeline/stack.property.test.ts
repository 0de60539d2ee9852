import fc from "fast-check";
import { expect, test } from "vitest";
import type { LinkShape } from "../../../src/contracts/links/shape.ts";
import { compileTimeline } from "../../../src/links/timeline/compile.ts";
import { matrixOf, nodesOf } from "../linked.ts";

const nodes = nodesOf(4);
const names = nodes.map(({ name }) => name);
const matrix = matrixOf(
  "default: { delay: 10ms }\nnode-pairs: [{ from: node0, to: node1, loss: 1% }]",
  nodes,
);
const windowMs = 60_000;

/** An action, and what it does to one link. */
interface Model {
  readonly entry: Record<string, unknown>;
  readonly apply: (shape: LinkShape, from: string, to: string) => LinkShape;
}

const node = fc.constantFrom(...names);
const cut = (shape: LinkShape): LinkShape => ({ ...shape, down: true });

const action: fc.Arbitrary<Model> = fc.oneof(
  node.map((name) => ({
    entry: { isolate: name },
    apply: (shape: LinkShape, from: string, to: string) =>
      from === name || to === name ? cut(shape) : shape,
  })),
  fc.subarray(names, { minLength: 1, maxLength: 3 }).map((group) => ({
    entry: { partition: [group] },
    apply: (shape: LinkShape, from: string, to: string) =>
      group.includes(from) === group.includes(to) ? shape : cut(shape),
  })),
  fc.tuple(fc.integer({ min: 0, max: 3 }), node).map(([delayMs, sender]) => ({
    entry: { set: { delay: `${delayMs}ms` }, links: { from: sender } },
    apply: (shape: LinkShape, from: string) => (from === sender ? { ...shape, delayMs } : shape),
  })),
);

const timed = fc.record({
  model: action,
  at: fc.integer({ min: 0, max: 12 }),
  length: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
});

test("after each step, every link is as all that is active then makes it, in the order of its start", () => {
  fc.assert(
    fc.property(
      fc.array(timed, { minLength: 1, maxLength: 8 }),
      fc.option(fc.integer({ min: 1, max: 15 }), { nil: undefined }),
      (items, healAt) => {
        const entries = items.map(({ model, at, length }) => ({
          at: `${at}s`,
          ...(length === undefined ? {} : { for: `${length}s` }),
          ...model.entry,
        }));
        const healed = healAt === undefined ? [] : [{ at: `${healAt}s`, heal: "all" }];
        const all = [...entries, ...healed];
        const { steps, problems } = compileTimeline(all, { nodes, matrix, windowMs, name: "t" });
        expect(problems).toEqual([]);
        const order = items.toSorted((a, b) => a.at - b.at);
        const isActive = ({ at, length = 1e9 }: (typeof items)[number], now: number) =>
          at <= now && now < at + length && !(healAt !== undefined && at < healAt && healAt <= now);
        const state = new Map<string, LinkShape>();
        for (const [place, step] of steps.entries()) {
          if (step.kind !== "links") throw new TypeError("not a step of links");
          for (const { from, to, shape } of step.changes) {
            expect(state.get(`${from} ${to}`)).not.toEqual(shape);
            state.set(`${from} ${to}`, shape);
          }
          const next = steps[place + 1];
          expect(next === undefined || next.atMs >= step.atMs).toBe(true);
          if (next?.atMs === step.atMs) continue;
          for (const [row, from] of names.entries()) {
            for (const [column, to] of names.entries()) {
              const base = matrix.shapes[row]?.[column];
              if (base === undefined) continue;
              const active = order.filter((item) => isActive(item, step.atMs / 1000));
              const expected = active.reduce((shape, { model }) => model.apply(shape, from, to), base);
              expect(state.get(`${from} ${to}`) ?? base).toEqual(expected);
            }
          }
        }
      },
    ),
  );
});

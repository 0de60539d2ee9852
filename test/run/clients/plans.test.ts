import fc from "fast-check";
import { expect, test } from "vitest";
import { planClients } from "../../../src/run/clients/plans.ts";
import { planFor } from "../../load/setting.ts";

const targetsOf = (nodes: readonly number[]) =>
  nodes.map((node) => ({ node: `node${node}`, rpc: { host: "127.0.0.1", port: 1000 + node } }));

test("clients of all places share the run equally, and each knows which of its own nodes are down", () => {
  const place = fc.record({
    clients: fc.integer({ min: 1, max: 6 }),
    own: fc.subarray([0, 1, 2, 3], { minLength: 1 }),
  });
  fc.assert(
    fc.property(
      fc.array(place, { minLength: 1, maxLength: 4 }),
      fc.subarray([0, 1, 2, 3]),
      (places, down) => {
        const shared = planFor(targetsOf([0, 1, 2, 3]), {
          maxInFlight: 100,
          queueLimit: 1001,
          segments: [
            { fromMs: -500, down: [] },
            { fromMs: 200, down },
          ],
        });
        const plans = planClients(
          shared,
          places.map(({ clients, own }) => ({ clients, targets: targetsOf(own) })),
        );
        expect(plans.map((each) => each.length)).toEqual(places.map(({ clients }) => clients));
        const all = plans.flat();
        expect(all.map(({ client }) => client)).toEqual(all.map((_, index) => index));
        expect(all.map(({ share }) => share)).toEqual(all.map((_, index) => ({ index, of: all.length })));
        const sum = (of: (one: (typeof all)[number]) => number) =>
          all.reduce((total, one) => total + of(one), 0);
        expect(sum(({ maxInFlight }) => maxInFlight)).toBe(100);
        expect(sum(({ queueLimit }) => queueLimit)).toBe(1001);
        plans.forEach((each, index) => {
          for (const { targets, segments } of each) {
            const own = places[index]?.own ?? [];
            const names = targets.map(({ node }) => node);
            expect([...names].sort()).toEqual(own.map((node) => `node${node}`));
            const namedDown = segments[1]?.down.map((target) => names[target]).sort();
            expect(namedDown).toEqual(down.filter((node) => own.includes(node)).map((node) => `node${node}`));
          }
        });
      },
    ),
  );
});

test("clients begin with different targets", () => {
  const [plans = []] = planClients(planFor([]), [{ clients: 5, targets: targetsOf([0, 1, 2]) }]);
  expect(plans.map(({ targets }) => targets[0]?.node)).toEqual(["node0", "node1", "node2", "node0", "node1"]);
});

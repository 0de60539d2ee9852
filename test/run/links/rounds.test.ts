import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type LinkShape, unshaped } from "../../../src/contracts/links/shape.ts";
import { linksOf } from "../../../src/contracts/links/shaping.ts";
import {
  echoRequests,
  fullEffort,
  goodputRequests,
  measuringSecs,
  mostLinks,
  planRounds,
} from "../../../src/run/links/rounds.ts";
import { matrixOf, planned } from "./scripted-links.ts";

const linksAmong = (nodes: number, shape: LinkShape = unshaped) => [...linksOf(matrixOf(nodes, () => shape))];
const keyOf = ({ from, to }: { readonly from: string; readonly to: string }) => `${from} ${to}`;

describe("rounds", () => {
  test("have each link once, and each node in one pair at a time, both directions at once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 16 }), fc.string(), (nodes, seed) => {
        const links = linksAmong(nodes);
        const { rounds, sample } = planRounds(links, seed);
        expect(sample).toBe("all");
        expect(rounds).toHaveLength(nodes % 2 === 0 ? nodes - 1 : nodes);
        expect(rounds.flat().map(keyOf).sort()).toEqual(links.map(keyOf).sort());
        for (const round of rounds) {
          const senders = round.map(({ from }) => from);
          expect(new Set(senders).size).toBe(senders.length);
          expect(round.map(({ to }) => to).sort()).toEqual(senders.sort());
        }
      }),
    );
  });

  test("of more than 16 nodes are a sample, which the seed decides and which has every node", () => {
    const links = linksAmong(50);
    const { rounds, sample } = planRounds(links, "a");
    expect(sample).toBe("sample");
    expect(rounds.flat()).toHaveLength(mostLinks);
    expect(new Set(rounds.flat().map(({ from }) => from)).size).toBe(50);
    expect(planRounds(links, "a").rounds).toEqual(rounds);
    expect(planRounds(links, "b").rounds).not.toEqual(rounds);
  });
});

describe("echoes of a round", () => {
  const shapes: Readonly<Record<string, Partial<LinkShape>>> = {
    "node0 node1": { delayMs: 5 },
    "node2 node3": { loss: { kind: "independent", lossRatio: 0.01 } },
    "node4 node5": { down: true },
    "node6 node7": { rateBps: 100_000 },
  };
  const links = Object.entries(shapes).map(([key, shape]) => {
    const [from = "", to = ""] = key.split(" ");
    return { from, to, shape: { ...unshaped, ...shape } };
  });

  test("are more where packets are lost, few where none may arrive, slower where the rate is low", () => {
    const requests = echoRequests(links, () => unshaped, fullEffort);
    expect(requests.map(({ pairs, ...request }) => [pairs.map(keyOf).join(), request])).toEqual([
      ["node0 node1", { kind: "echo", packets: 200, perSecond: 100 }],
      ["node2 node3", { kind: "echo", packets: 2_000, perSecond: 1_000 }],
      ["node4 node5", { kind: "echo", packets: 20, perSecond: 100 }],
      ["node6 node7", { kind: "echo", packets: 200, perSecond: 62 }],
    ]);
  });

  test("of ten nodes without rates take less than 30 s", () => {
    const { rounds } = planRounds(linksAmong(10, { ...unshaped, delayMs: 200 }), "a");
    const secs = rounds.map((round) =>
      Math.max(
        ...echoRequests(round, ({ shape }) => shape, fullEffort).map((request) =>
          request.kind === "echo" ? request.packets / request.perSecond + 0.2 : 0,
        ),
      ),
    );
    expect(secs.reduce((sum, one) => sum + one, 0)).toBeLessThan(25);
  });
});

test("the time that all of it takes is known before: rounds, echoes that are on their way, and rates", () => {
  const secs = (nodes: number, shape: Partial<LinkShape>) =>
    measuringSecs(planned(matrixOf(nodes, () => ({ ...unshaped, ...shape }))));
  expect(secs(4, {})).toBe(3 * 2.5);
  expect(secs(4, { delayMs: 250 })).toBe(3 * 3);
  // Each direction of a pair by itself.
  expect(secs(4, { rateBps: 10e6 })).toBe(3 * 2.5 + 6 * 3.5);
});

describe("rates", () => {
  const back = () => ({ ...unshaped, delayMs: 200 });

  test("are measured one direction of a pair at a time, warmed up for ten round trips", () => {
    const { rounds } = planRounds(linksAmong(4, { ...unshaped, delayMs: 50, rateBps: 10e6 }), "a");
    const requests = goodputRequests(rounds, back);
    expect(requests).toHaveLength(6);
    for (const { pairs } of requests) {
      const nodes = pairs.flatMap(({ from, to }) => [from, to]);
      expect(new Set(nodes).size).toBe(nodes.length);
    }
    expect(requests[0]).toMatchObject({ kind: "goodput", warmUpMs: 2_500, measureMs: 2_000 });
    expect(new Set(requests.flatMap(({ pairs }) => pairs.map(keyOf))).size).toBe(12);
  });

  test("have a gigabit in a second at most, and about a minute in all; higher ones are not measured", () => {
    const at = (rateBps: number, nodes = 10) =>
      goodputRequests(planRounds(linksAmong(nodes, { ...unshaped, rateBps }), "a").rounds, back);
    expect(at(1e9).map(({ pairs }) => pairs.length)).toEqual(Array.from({ length: 20 }, () => 1));
    expect(at(100e6).map(({ pairs }) => pairs.length)).toEqual(Array.from({ length: 18 }, () => 5));
    expect(at(2e9)).toEqual([]);
  });
});

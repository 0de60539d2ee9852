import { expect, test } from "vitest";
import { type LinkShape, unshaped } from "../../../src/contracts/links/shape.ts";
import { addLines, changeLines, moveLines } from "../../../src/shaper/netem/commands.ts";

const egress = { device: "eth0", number: 11, addresses: ["10.0.0.1", "10.0.1.1"] };
const shape = (parts: Partial<LinkShape>): LinkShape => ({ ...unshaped, ...parts });
const netemOf = (parts: Partial<LinkShape>) => addLines(egress, shape(parts))[1]?.replace(/^.*netem /, "");

test("a receiver has a class, netem in it, the queue of its rate, and a filter for each address", () => {
  expect(addLines(egress, shape({ delayMs: 25, rateBps: 20_000_000 }))).toEqual([
    "class add dev eth0 parent ba1e: classid ba1e:b htb rate 20000000bit burst 25000 cburst 25000 quantum 60000",
    "qdisc add dev eth0 parent ba1e:b handle b: netem limit 2930 delay 25ms loss random 0% duplicate 0% reorder 0% corrupt 0%",
    "qdisc add dev eth0 parent b:1 bfifo limit 125000",
    "filter add dev eth0 parent ba1e: protocol ip prio 11 u32 match ip dst 10.0.0.1/32 flowid ba1e:b",
    "filter add dev eth0 parent ba1e: protocol ip prio 11 u32 match ip dst 10.0.1.1/32 flowid ba1e:b",
  ]);
});

test.each([
  { name: "down", given: { down: true }, part: "loss random 100%" },
  {
    name: "loss",
    given: { loss: { kind: "independent", lossRatio: 0.000001 } },
    part: "loss random 0.0001%",
  },
  {
    name: "bursts",
    given: {
      loss: {
        kind: "gilbert-elliott",
        goodToBadRatio: 0.01,
        badToGoodRatio: 0.25,
        goodLossRatio: 0,
        badLossRatio: 1,
      },
    },
    part: "loss gemodel 1% 25% 100% 0%",
  },
  { name: "duplicates", given: { duplicateRatio: 0.5 }, part: "duplicate 50%" },
  { name: "corruption", given: { corruptRatio: 0.02 }, part: "corrupt 2%" },
  { name: "reordering", given: { delayMs: 1, reorderRatio: 0.3 }, part: "reorder 30%" },
  { name: "no delay to skip", given: { reorderRatio: 0.3 }, part: "reorder 0%" },
  {
    name: "normal jitter",
    given: { delayMs: 10, jitter: { deviationMs: 2, distribution: "normal" } },
    part: "delay 10ms 2ms distribution normal",
  },
  {
    name: "uniform jitter",
    given: { jitter: { deviationMs: 1, distribution: "uniform" } },
    part: "delay 0.001ms 1.732051ms loss",
  },
  {
    name: "Pareto jitter",
    given: { delayMs: 10, jitter: { deviationMs: 0.821, distribution: "pareto" } },
    part: "delay 10ms 1ms distribution pareto",
  },
] as const)("$name", ({ given, part }) => {
  expect(netemOf(given)).toContain(part);
});

test("netem holds all that comes while it delays", () => {
  const limit = (parts: Partial<LinkShape>) => Number(/^limit (\d+)/.exec(netemOf(parts) ?? "")?.[1]);
  expect(limit({})).toBe(1000);
  expect(limit({ delayMs: 100 })).toBe(200_000);
  expect(limit({ delayMs: 1000, rateBps: 8_000_000 })).toBeGreaterThanOrEqual(1e6 / 64);
});

test("a change names each option, and makes netem anew only to get rid of a table", () => {
  const normal = shape({ delayMs: 10, jitter: { deviationMs: 1, distribution: "normal" } });
  const uniform = shape({ delayMs: 10, jitter: { deviationMs: 1, distribution: "uniform" } });
  const verbs = (lines: readonly string[]) => lines.map((line) => line.split(" ").slice(0, 2).join(" "));
  const changed = ["class change", "qdisc change", "qdisc change"];
  expect(verbs(changeLines(egress, normal, uniform))).toEqual(changed);
  expect(verbs(changeLines(egress, unshaped, normal))).toEqual(changed);
  expect(verbs(changeLines(egress, uniform, normal))).toEqual([
    "class change",
    "qdisc del",
    "qdisc add",
    "qdisc add",
  ]);
});

test("a receiver that moves has other filters", () => {
  expect(moveLines({ ...egress, addresses: ["10.0.0.7"] })).toEqual([
    "filter del dev eth0 parent ba1e: protocol ip prio 11 u32",
    "filter add dev eth0 parent ba1e: protocol ip prio 11 u32 match ip dst 10.0.0.7/32 flowid ba1e:b",
  ]);
});

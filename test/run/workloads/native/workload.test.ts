import { describe, expect, test } from "vitest";
import type { SweepParameters } from "../../../../src/contracts/parameters.ts";
import type { Protocol } from "../../../../src/contracts/protocol.ts";
import { measuringSecs } from "../../../../src/run/links/rounds.ts";
import { nativeWorkload } from "../../../../src/run/workloads/native/workload.ts";
import { delayed } from "../../../results/sample-links.ts";
import { sweepParameters } from "../../../results/sample-results.ts";
import { counters } from "../../counting-nodes.ts";
import { matrixOf, planned } from "../../links/scripted-links.ts";

// Nothing else of it is looked at.
const protocol = { name: "pulse", native: counters } as unknown as Protocol;

const parametersWith = (entries: readonly unknown[]): SweepParameters => ({
  ...sweepParameters,
  timeline: { name: "test.yaml", entries, places: entries.map((_, at) => `test.yaml:${at + 1}`) },
});
const messages = (entries: readonly unknown[]) =>
  nativeWorkload.check(protocol, parametersWith(entries), 2).map(({ message }) => message);

describe("a timeline", () => {
  test("may change links and pause nodes that make the load", () => {
    const cut = { at: "1s", for: "1s", isolate: "node0" };
    expect(messages([{ at: "1s", pause: "node0" }, { at: "2s", resume: "node0" }, cut])).toEqual([]);
  });

  test("must not end them: every entry that would is named", () => {
    const crash = { at: "1s", for: "1s", crash: "node0" };
    expect(messages([crash, { at: "1s", pause: "node1" }, { at: "3s", restart: "node0" }])).toEqual([
      expect.stringMatching(/^test\.yaml:1: .* a crash loses what a node has counted\. Remove crash, or use/),
      expect.stringMatching(/^test\.yaml:3: .* Remove restart, or use pause\.$/),
    ]);
  });
});

test("nodes are told of a warm-up that holds the time in which their links are measured", () => {
  const parameters = { ...sweepParameters, warmUpSecs: 3, durationSecs: 20 };
  const links = planned(matrixOf(4, () => delayed(25)));
  const told = (of: typeof links | undefined) => nativeWorkload.nodeLoad?.(parameters, 100, { links: of });
  expect(told(undefined)).toMatchObject({ rateTps: 100, warmUpSecs: 3, durationSecs: 20 });
  expect(told(links)).toMatchObject({ warmUpSecs: 3 + measuringSecs(links), durationSecs: 20 });
});

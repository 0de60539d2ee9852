import { expect, test } from "vitest";
import type { FaultOutcome } from "../../../../src/contracts/results/faults.ts";
import type { LinkChangeOutcome } from "../../../../src/contracts/results/links/link-changes.ts";
import { disturbancesOf, downAtEnd } from "../../../../src/results/analysis/messages/outages.ts";

const fault = (node: string, action: FaultOutcome["action"], secs: number): FaultOutcome => ({
  ...{ node, action, askedSecs: secs, issuedSecs: secs + 0.1, effectiveSecs: secs + 1 },
});
const change = (
  action: LinkChangeOutcome["action"],
  stage: LinkChangeOutcome["stage"],
  secs: number,
  what = "all links",
): LinkChangeOutcome => ({ action, what, stage, askedSecs: secs, effectiveSecs: secs, links: 2 });

test("crashes and pauses last until the node was started again or went on; those without an end are none", () => {
  const faults = [
    fault("a", "crash", 1),
    fault("b", "pause", 2),
    fault("b", "resume", 3),
    fault("a", "recover", 4),
  ];
  expect(disturbancesOf({ faults, linkChanges: [] }, 10)).toEqual([
    { cause: "crash", nodes: ["a"], fromSecs: 2, toSecs: 4.1 },
    { cause: "pause", nodes: ["b"], fromSecs: 3, toSecs: 3.1 },
  ]);
  expect(disturbancesOf({ faults: [fault("a", "crash", 1)], linkChanges: [] }, 10)).toEqual([]);
});

test("changes of links last until they are undone, or all are healed; ramps stay", () => {
  const linkChanges = [
    change("set", "begin", 1),
    change("isolate", "begin", 2, "b"),
    change("set", "end", 3),
    change("ramp", "begin", 4, "b to c"),
    change("heal", "end", 9, "end of the window"),
  ];
  expect(disturbancesOf({ faults: [], linkChanges }, 10)).toEqual([
    { cause: "links", fromSecs: 1, toSecs: 3 },
    { cause: "links", fromSecs: 2, toSecs: 9 },
  ]);
});

test("down at the end is what crashed and did not come back, or ended by itself", () => {
  const faults = [fault("a", "crash", 1), fault("a", "recover", 2), fault("b", "crash", 3)];
  const nodes = ["a", "b", "c", "d"].map((name) => ({ name, exitedUnasked: name === "d" }));
  expect([...downAtEnd(faults, nodes)].toSorted()).toEqual(["b", "d"]);
});

/** The timeline's driver at a scripted network: nodes that answer at once, links that change at once. */
import { describe, expect, test } from "vitest";
import type { EventBody } from "../../../src/contracts/events.ts";
import { unshaped } from "../../../src/contracts/links/shape.ts";
import type { LinkStep, NodeAction, NodeStep } from "../../../src/contracts/links/timeline.ts";
import { delay } from "../../../src/core/async.ts";
import { systemClock } from "../../../src/core/clock.ts";
import type { Steps } from "../../../src/load/timeline/steps.ts";
import { TimelineDriver } from "../../../src/run/faults/driver.ts";
import { LinkControl } from "../../../src/run/links/control.ts";
import { delayed } from "../../results/sample-links.ts";
import { idle } from "../../support/small-network.ts";
import { type LinkScript, matrixOf, scriptLinks } from "../links/scripted-links.ts";
import { scriptNetwork } from "./scripted-network.ts";

const matrix = matrixOf(3, () => delayed(5));

interface Script extends LinkScript {
  readonly windowMs?: number;
  /** Nodes that never catch up. */
  readonly behind?: readonly number[];
  readonly signal?: AbortSignal;
}

function open(steps: Steps, { windowMs = 400, behind = [], signal = idle, ...script }: Script = {}) {
  const { network, nodes, protocol } = scriptNetwork(3, behind);
  const links = scriptLinks(matrix, script);
  const events: EventBody[] = [];
  const driver = new TimelineDriver({
    network,
    protocol,
    steps,
    windowMs,
    recoveryTimeoutMs: 5_000,
    links: new LinkControl(links, { matrix, clock: systemClock }),
    clock: systemClock,
    emit: (event) => events.push(event),
    signal,
  });
  return { driver, nodes, links, events };
}

const nodeStep = (atMs: number, action: NodeAction, ...nodes: number[]): NodeStep => ({
  kind: "nodes",
  atMs,
  action,
  nodes,
});

const cut: LinkStep = {
  kind: "links",
  atMs: 50,
  action: "isolate",
  stage: "begin",
  what: "node0",
  changes: [1, 2].flatMap((other) => [
    { from: "node0", to: `node${other}`, shape: { ...unshaped, down: true } },
    { from: `node${other}`, to: "node0", shape: { ...unshaped, down: true } },
  ]),
};

describe("nodes", () => {
  test("pause and go on at their times, each recorded as asked, issued and effective", async () => {
    const { driver, nodes, events } = open([nodeStep(20, "pause", 1), nodeStep(120, "resume", 1)]);
    await using _ = driver;
    driver.begin(systemClock.monotonicMs());
    await delay(80);
    expect([...driver.down()]).toEqual(["node1"]);
    expect([...driver.crashed()]).toEqual([]);
    const { faults } = await driver.finish();
    expect(faults).toMatchObject([
      { node: "node1", action: "pause", askedSecs: 0.02 },
      { node: "node1", action: "resume", askedSecs: 0.12 },
    ]);
    for (const { issuedSecs = 0, askedSecs, effectiveSecs, failure } of faults) {
      expect(failure).toBeUndefined();
      expect(issuedSecs).toBeGreaterThanOrEqual(askedSecs);
      expect(effectiveSecs).toBeGreaterThanOrEqual(issuedSecs);
    }
    expect(nodes[1]?.calls).toEqual(["pause", "resume"]);
    expect([...driver.down()]).toEqual([]);
    expect(
      events.flatMap((event) => (event.type === "fault" ? [`${event.stage} ${event.action}`] : [])),
    ).toEqual(["issued pause", "effective pause", "issued resume", "effective resume"]);
  });

  test("that are paused at the end of the window go on then", async () => {
    const { driver, nodes } = open([nodeStep(20, "pause", 0, 2)]);
    await using _ = driver;
    driver.begin(systemClock.monotonicMs());
    const { faults } = await driver.finish();
    expect(faults.map(({ node, action, askedSecs }) => [node, action, askedSecs])).toEqual([
      ["node0", "pause", 0.02],
      ["node2", "pause", 0.02],
      ["node0", "resume", 0.4],
      ["node2", "resume", 0.4],
    ]);
    expect(nodes[2]?.calls).toEqual(["pause", "resume"]);
  });

  test("do not wait for others, nor for a recovery before, unlike those of --faults", async () => {
    const steps = [
      nodeStep(10, "crash", 0),
      nodeStep(60, "restart", 0),
      nodeStep(120, "crash", 0),
      nodeStep(120, "crash", 1),
    ];
    const { driver, nodes } = open(steps, { behind: [0] });
    await using _ = driver;
    driver.begin(systemClock.monotonicMs());
    const { faults } = await driver.finish();
    expect(nodes[0]?.calls).toEqual(["kill", "start", "kill"]);
    expect(faults.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined, undefined]);
    // It had not caught up when it crashed again.
    expect(faults[1]?.effectiveSecs).toBeUndefined();
    expect(faults[3]?.issuedSecs).toBeLessThan(0.3);
    expect([...driver.crashed()].sort()).toEqual(["node0", "node1"]);
  });

  test("to which something is to be done that cannot be are recorded with the reason", async () => {
    const steps = [
      nodeStep(0, "restart", 0),
      nodeStep(0, "resume", 1),
      nodeStep(0, "crash", 2),
      nodeStep(20, "pause", 2),
    ];
    const { driver } = open(steps);
    await using _ = driver;
    driver.begin(systemClock.monotonicMs());
    const { faults } = await driver.finish();
    expect(faults.map(({ failure }) => failure)).toEqual([
      "it had not crashed",
      "it was not paused",
      undefined,
      "it had crashed already",
    ]);
  });
});

describe("links", () => {
  test("where nodes are at a tick is kept with the time at which links were so", async () => {
    const change = { from: "node0", to: "node1", shape: delayed(9) };
    const tick = { ...cut, action: "move", stage: "step", what: "", changes: [change] } as const;
    const { driver, links } = open([
      { ...tick, atMs: 50, positions: [[1, 2], undefined, [3, 4]] },
      { ...tick, atMs: 100, changes: [], positions: [[2, 2], undefined, [3, 4]] },
    ]);
    driver.begin(performance.now());
    const { moves, linkChanges } = await driver.finish();
    expect(moves).toEqual([
      { askedSecs: 0.05, inForceSecs: expect.any(Number), positions: [[1, 2], [], [3, 4]] },
      { askedSecs: 0.1, inForceSecs: expect.any(Number), positions: [[2, 2], [], [3, 4]] },
    ]);
    for (const { askedSecs, inForceSecs = 0 } of moves) expect(inForceSecs).toBeGreaterThanOrEqual(askedSecs);
    expect(linkChanges.map(({ action }) => action)).toEqual(["heal"]);
    expect(links.shapeOf({ from: "node0", to: "node1" })).toEqual(delayed(5));
  });

  test("change at their times, and are as asked for again at the end of the window", async () => {
    const { driver, links, events } = open([cut]);
    await using _ = driver;
    driver.begin(systemClock.monotonicMs());
    await delay(150);
    expect(links.shapeOf({ from: "node0", to: "node1" }).down).toBe(true);
    const { linkChanges } = await driver.finish();
    expect(linkChanges).toMatchObject([
      { action: "isolate", what: "node0", stage: "begin", askedSecs: 0.05, links: 4 },
      { action: "heal", what: "end of the window", stage: "end", askedSecs: 0.4, links: 4 },
    ]);
    for (const { issuedSecs = 0, askedSecs, effectiveSecs } of linkChanges) {
      expect(issuedSecs).toBeGreaterThanOrEqual(askedSecs);
      expect(effectiveSecs).toBeGreaterThanOrEqual(issuedSecs);
    }
    expect(links.shapeOf({ from: "node0", to: "node1" })).toEqual(delayed(5));
    expect(events.flatMap((event) => (event.type === "link-change" ? [event.state] : []))).toEqual([
      "issued",
      "effective",
      "issued",
      "effective",
    ]);
  });

  test("that refuse a change are recorded with the reason; of a ramp's steps only such are", async () => {
    const step = (atMs: number, delayMs: number): LinkStep => ({
      ...cut,
      atMs,
      action: "ramp",
      stage: "step",
      changes: [{ from: "node0", to: "node1", shape: delayed(delayMs) }],
    });
    const { driver } = open([step(10, 20), step(20, 40), step(30, 60)], {
      refuse: ([change]) => (change?.shape.delayMs === 40 ? new Error("the shaper refused it") : undefined),
    });
    await using _ = driver;
    driver.begin(systemClock.monotonicMs());
    const { linkChanges } = await driver.finish();
    expect(linkChanges.map(({ action, stage, failure }) => [action, stage, failure])).toEqual([
      ["ramp", "step", "the shaper refused it"],
      ["heal", "end", undefined],
    ]);
  });

  test("are set back, and paused nodes go on, also where the run is aborted", async () => {
    const stop = new AbortController();
    const { driver, nodes, links } = open([cut, nodeStep(50, "pause", 1)], {
      windowMs: 60_000,
      signal: stop.signal,
    });
    driver.begin(systemClock.monotonicMs());
    await delay(150);
    stop.abort(new Error("interrupted"));
    await expect(driver.finish()).rejects.toThrow("interrupted");
    await driver[Symbol.asyncDispose]();
    expect(links.shapeOf({ from: "node0", to: "node1" })).toEqual(delayed(5));
    expect(nodes[1]?.calls).toEqual(["pause", "resume"]);
    expect([...driver.down()]).toEqual([]);
  });
});

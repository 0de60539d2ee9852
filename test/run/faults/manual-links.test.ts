/** A person who changes links by hand, at scripted links that change at once. */
import { describe, expect, test } from "vitest";
import type { EventBody } from "../../../src/contracts/events.ts";
import type { LinkMechanism } from "../../../src/contracts/links/shaping.ts";
import { delay, until } from "../../../src/core/async.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { planTimeline } from "../../../src/links/timeline/compile.ts";
import { TimelineDriver } from "../../../src/run/faults/driver.ts";
import { ManualEntries, ManualLinks } from "../../../src/run/faults/manual-links.ts";
import { LinkControl } from "../../../src/run/links/control.ts";
import { GroundEvents } from "../../../src/run/links/ground-events.ts";
import { matrixOf, nodesOf } from "../../links/linked.ts";
import { idle } from "../../support/small-network.ts";
import { scriptLinks } from "../links/scripted-links.ts";
import { scriptNetwork } from "./scripted-network.ts";

const nodes = nodesOf(3);
const matrix = matrixOf(
  "positions: { node0: [0, 0], node1: [100, 0] }\nquality: [{ distance: 0m, delay: 1ms }, { distance: 100m, delay: 11ms }]\ntick: 20ms",
  nodes,
);
const windowMs = 600;
const settings = { nodes, matrix, windowMs, name: "t" };
const between = (one: string, other: string) => ({ between: [one, other] });

function open({
  planned = [] as readonly unknown[],
  mechanism = "nfqueue" as LinkMechanism,
  hosts = false,
} = {}) {
  const { network, protocol } = scriptNetwork(3);
  const links = scriptLinks(matrix);
  const events: EventBody[] = [];
  const emit = (event: EventBody) => events.push(event);
  const manual = new ManualEntries({
    planned,
    nodes: hosts ? nodes.map((node) => ({ ...node, host: "paris" })) : nodes,
    mechanism,
    plan: (entries, manualFrom) => planTimeline(entries, { ...settings, manualFrom }),
  });
  const driver = new TimelineDriver({
    ...{ network, protocol, windowMs, manual, emit, clock: systemClock, signal: idle },
    steps: [...planTimeline(planned, settings).linkSteps()],
    recoveryTimeoutMs: 5_000,
    links: new LinkControl(links, { matrix, clock: systemClock }),
    ground: new GroundEvents(matrix, emit),
  });
  const delayMs = (from = "node0", to = "node1") => links.shapeOf({ from, to }).delayMs;
  const grounds = () => events.flatMap((event) => (event.type === "ground" ? [event] : []));
  return { driver, manual, links, delayMs, grounds };
}

const patient = { timeoutMs: 5_000, everyMs: 1, describe: () => "it never came" };

describe("a change", () => {
  test("holds at once, counts above what the timeline does later, is kept and told, and ends with the window", async () => {
    const { driver, manual, links, delayMs, grounds } = open({
      planned: [{ at: "200ms", set: { delay: "3ms", loss: "5%" } }],
    });
    await using _ = driver;
    expect(driver.change({ heal: "all" })).toEqual({ refusal: expect.stringContaining("window is open") });
    driver.begin(systemClock.monotonicMs());
    await delay(50);
    const answer = driver.change({ set: { delay: "50ms" }, links: between("node0", "node1") });
    expect(answer).toEqual({ atSecs: expect.any(Number) });
    await until(() => (delayMs() === 50 ? true : undefined), patient);
    await until(() => (delayMs() === 3 ? true : undefined), patient);
    expect(delayMs("node1", "node2")).toBe(3);
    const { linkChanges, linkSteps } = await driver.finish();
    expect(delayMs()).toBe(11);
    expect(linkChanges).toMatchObject([
      { action: "set", what: "delay 50ms (between node0 and node1)", isManual: true, links: 2 },
      { action: "set", askedSecs: 0.2 },
      { action: "heal", stage: "end" },
    ]);
    expect(linkChanges[1]).not.toHaveProperty("isManual", true);
    const [{ askedSecs = 0 } = {}] = linkChanges;
    expect(linkSteps).toHaveLength(2);
    expect(manual.entries.slice(1)).toEqual([
      { at: `${askedSecs * 1000}ms`, set: { delay: "50ms" }, links: between("node0", "node1") },
    ]);
    expect(grounds()[0]).toMatchObject({ second: 0, nodes: ["node0", "node1", "node2"], space: "plane" });
    expect(grounds()[0]?.links).toContainEqual([0, 1, 11, 0, null, false]);
    expect(grounds()[1]).toMatchObject({
      second: askedSecs,
      links: [
        [0, 1, 50, 0, null, false],
        [1, 0, 50, 0, null, false],
      ],
    });
    expect(links.sets).toHaveLength(3);
  });

  test("of a position moves a node, and its links follow; a second one goes on from there", async () => {
    const { driver, delayMs, grounds } = open();
    await using _ = driver;
    driver.begin(systemClock.monotonicMs());
    await delay(20);
    driver.change({ move: "node1", to: [50, 0], for: "20ms" });
    await until(() => (delayMs() === 6 ? true : undefined), patient);
    driver.change({ move: "node1", to: [0, 0], for: "20ms" });
    await until(() => (delayMs() === 1 ? true : undefined), patient);
    const { moves } = await driver.finish();
    expect(moves.at(-1)?.positions.slice(0, 2)).toEqual([
      [0, 0],
      [0, 0],
    ]);
    const told = grounds().flatMap(({ positions }) => (positions?.[1] ? [positions[1][0]] : []));
    expect(told).toContain(50);
    expect(told.at(-1)).toBe(0);
  });

  test.each([
    ["no object", 5, "object"],
    ["of a node", { crash: "node0" }, "crash cannot"],
    ["with a time of its own", { at: "1s", heal: "all" }, "at cannot"],
    ["without an action", { links: between("node0", "node1") }, "no action"],
    [
      "of an unknown node",
      { set: { delay: "1ms" }, links: between("node0", "node9") },
      "no node, group or region node9",
    ],
    ["without a unit", { set: { delay: "5" }, links: between("node0", "node1") }, "delay"],
    ["of what shapers may not do", { set: { corrupt: "5%" } }, "corrupt cannot"],
    ["of a node without a position", { move: "node2", to: [1, 1], for: "20ms" }, "no position"],
    ["that would last beyond the window", { move: "node1", to: [1, 1], for: "1h" }, "window"],
  ])("%s is refused, and nothing happens", async (_, entry, why) => {
    const { driver, manual, links } = open();
    await using _driver = driver;
    driver.begin(systemClock.monotonicMs());
    expect(driver.change(entry)).toEqual({ refusal: expect.stringContaining(why) });
    expect(manual.count).toBe(0);
    expect(links.sets).toEqual([]);
  });

  test("that the links cannot have is refused", () => {
    const loss = { set: { loss: "5%" } };
    expect(open({ mechanism: "relay" }).manual.add(loss, 5)).toHaveProperty("refusal");
    expect(open({ hosts: true }).manual.add(loss, 5)).toHaveProperty("refusal");
    expect(open().manual.add(loss, 5)).toHaveProperty("steps");
  });

  test("is refused beyond 500", () => {
    const { manual } = open();
    for (let at = 1; at <= 500; at++) expect(manual.add({ heal: "all" }, at)).toHaveProperty("steps");
    expect(manual.add({ heal: "all" }, 501)).toEqual({ refusal: expect.stringContaining("500") });
  });
});

test("changes go to the window of their bundle, while it is open", () => {
  const links = new ManualLinks();
  const change = () => ({ atSecs: 1 });
  expect(links.change("/a", {})).toHaveProperty("refusal");
  {
    using _window = links.open({ folder: "/a", change });
    expect(links.change("/a", {})).toEqual({ atSecs: 1 });
    expect(links.change("/b", {})).toHaveProperty("refusal");
  }
  expect(links.change("/a", {})).toHaveProperty("refusal");
});

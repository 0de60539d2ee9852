/** Faults on real processes: scripted nodes, whose blocks come at a known pace from their start on. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Network, NetworkNode } from "../../../src/contracts/deployment.ts";
import type { EventBody } from "../../../src/contracts/events.ts";
import type { FaultRecord } from "../../../src/contracts/results/faults.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { waitUntilReady } from "../../../src/deploy/nodes/readiness.ts";
import { createProcessDeployer } from "../../../src/deploy/process/deployer.ts";
import { buildCrashTimeline } from "../../../src/load/timeline/crashes.ts";
import { TimelineDriver, type TimelineDriverOptions } from "../../../src/run/faults/driver.ts";
import { buildStandInProtocol } from "../../stand-in/protocol.ts";
import { eventually } from "../../support/processes.ts";
import { idle, nodeOf } from "../../support/small-network.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

const protocol = buildStandInProtocol({ replyDelayMs: 0, commit: { kind: "every", ms: 20 } });
const run = "faults";

async function openCommittee(nodes: number) {
  const folder = await openTemporaryFolder();
  const deployer = createProcessDeployer({
    nodeBinary: process.execPath,
    stateDir: folder.path,
    env: process.env,
  });
  const plan = protocol.plan({ nodes, options: {} });
  const network = await deployer.deploy(plan, { run, cleanup: "keep", emit: () => {}, signal: idle });
  const unasked: string[] = [];
  network.onExit(({ node }) => unasked.push(node));
  const ready = () =>
    waitUntilReady(network, protocol, {
      timeoutMs: 30_000,
      signal: idle,
      emit: () => {},
      clock: systemClock,
    });
  await ready();
  return {
    network,
    unasked,
    ready,
    homeOf: (node: string) => join(folder.path, "runs", run, node),
    [Symbol.asyncDispose]: async () => {
      await network[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function openDriver(network: Network, changes: Partial<TimelineDriverOptions>) {
  const events: EventBody[] = [];
  const driver = new TimelineDriver({
    network,
    protocol,
    steps: buildCrashTimeline({ nodes: network.nodes.length, faults: 1, windowMs: 60_000 }),
    windowMs: 60_000,
    recoveryTimeoutMs: 60_000,
    clock: systemClock,
    signal: idle,
    emit: (event) => {
      events.push(event);
      changes.emit?.(event);
    },
    ...withoutEmit(changes),
  });
  return { driver, events };
}

function withoutEmit({ emit: _, ...others }: Partial<TimelineDriverOptions>) {
  return others;
}

/** The same network with one node that does something else. */
function withNode(network: Network, index: number, changes: Partial<NetworkNode>): Network {
  const nodes = network.nodes.map((node, at) => (at === index ? { ...node, ...changes } : node));
  return { ...network, nodes };
}

const stagesOf = (events: readonly EventBody[]) =>
  events.flatMap((event) => (event.type === "fault" ? [`${event.stage} ${event.action} ${event.node}`] : []));

function expectInOrder({ askedSecs, issuedSecs, answersSecs, effectiveSecs }: FaultRecord): void {
  const times = [askedSecs, issuedSecs, answersSecs, effectiveSecs].filter((secs) => secs !== undefined);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
}

describe("a crash", () => {
  test("ends the node, is not an exit that nobody asked for, and has its effect when the RPC refuses", async () => {
    await using committee = await openCommittee(2);
    const { network, unasked } = committee;
    const { driver, events } = openDriver(network, {});
    await using _ = driver;
    driver.begin(systemClock.monotonicMs());
    const records = (await driver.finish()).faults;
    expect(records).toEqual([
      {
        node: "node1",
        action: "crash",
        askedSecs: 0,
        issuedSecs: expect.any(Number),
        effectiveSecs: expect.any(Number),
      },
    ]);
    records.map(expectInOrder);
    expect(stagesOf(events)).toEqual(["issued crash node1", "effective crash node1"]);
    expect(await nodeOf(network, 1).status()).toMatchObject({ state: "exited", signal: "SIGKILL" });
    expect([...driver.down()]).toEqual(["node1"]);
    await driver.restore();
    expect([...driver.down()]).toEqual([]);
    await committee.ready();
    expect(unasked).toEqual([]);
  });

  test("that cannot be done is told with its reason", async () => {
    await using committee = await openCommittee(2);
    const network = withNode(committee.network, 1, {
      kill: () => Promise.reject(new Error("the engine is gone")),
    });
    const { driver, events } = openDriver(network, {});
    await using _ = driver;
    driver.begin(systemClock.monotonicMs());
    expect((await driver.finish()).faults).toMatchObject([{ node: "node1", failure: "the engine is gone" }]);
    expect(stagesOf(events)).toEqual(["issued crash node1", "failed crash node1"]);
  });
});

describe("crashes with recovery", () => {
  test("go round one at a time: the next one waits until the one before has caught up", async () => {
    await using committee = await openCommittee(3);
    const { network, unasked } = committee;
    let mostDown = 0;
    const { driver, events } = openDriver(network, {
      // Long enough for a scripted node to reach the height of the others, whose start it never had.
      steps: buildCrashTimeline({ nodes: 3, faults: 1, windowMs: 15_000, recoverAfterMs: 7_000 }),
      emit: () => {
        mostDown = Math.max(mostDown, driver.down().size);
      },
    });
    await using _ = driver;
    // As if the first interval were nearly over, so that the test need not wait for it.
    driver.begin(systemClock.monotonicMs() - 6_500);
    const records = (await driver.finish()).faults;
    expect(records.map(({ node, action, askedSecs }) => [action, node, askedSecs])).toEqual([
      ["crash", "node2", 0],
      ["recover", "node2", 7],
      ["crash", "node1", 7],
      ["recover", "node1", 14],
    ]);
    records.map(expectInOrder);
    for (const record of records) expect(record.failure).toBeUndefined();
    const [, back, next] = records;
    expect(back?.answersSecs).toBeLessThan(back?.effectiveSecs ?? 0);
    expect(next?.issuedSecs).toBeGreaterThanOrEqual(back?.effectiveSecs ?? Number.POSITIVE_INFINITY);
    expect(mostDown).toBe(1);
    expect(stagesOf(events)).toEqual([
      "issued crash node2",
      "effective crash node2",
      "issued recover node2",
      "effective recover node2",
      "issued crash node1",
      "effective crash node1",
      "issued recover node1",
      "effective recover node1",
    ]);
    await committee.ready();
    expect(unasked).toEqual([]);
  });

  test("stop where a node does not come back: it is told, and no other crashes", async () => {
    await using committee = await openCommittee(2);
    const { driver } = openDriver(committee.network, {
      steps: buildCrashTimeline({ nodes: 2, faults: 1, windowMs: 3_000, recoverAfterMs: 1_000 }),
      // Without its script it cannot start.
      emit: (event) => {
        if (event.type === "fault" && event.stage === "issued" && event.action === "crash") {
          removing = rm(committee.homeOf(event.node), { recursive: true, force: true });
        }
      },
    });
    let removing: Promise<void> | undefined;
    await using _ = driver;
    driver.begin(systemClock.monotonicMs());
    const records = (await driver.finish()).faults;
    await removing;
    expect(records.map(({ failure }) => failure)).toEqual([
      undefined,
      expect.stringMatching(/./),
      "node1 had not come back",
      "it had not crashed",
    ]);
    expect([...driver.down()]).toEqual(["node1"]);
  });

  test("that would come after their own recovery are not carried out", async () => {
    await using committee = await openCommittee(2);
    const { driver } = openDriver(committee.network, {
      steps: buildCrashTimeline({ nodes: 2, faults: 1, windowMs: 300, recoverAfterMs: 120 }),
    });
    await using _ = driver;
    driver.begin(systemClock.monotonicMs());
    // It runs into the recovery of node1, which lasts longer than the interval.
    await eventually("the recovery", () => (driver.down().size === 0 ? true : undefined));
    const records = (await driver.finish()).faults;
    expect(records).toHaveLength(4);
    expect(records[2]).toMatchObject({
      node: "node0",
      action: "crash",
      failure: "earlier crashes took so long to recover that its own recovery was due",
    });
    expect(records[2]?.issuedSecs).toBeUndefined();
    expect(await nodeOf(committee.network, 0).status()).toEqual({ state: "running" });
  });
});

test("an abort ends the waiting at once, with its reason; what is down can still be put back", async () => {
  await using committee = await openCommittee(2);
  const stop = new AbortController();
  const reason = new Error("interrupted");
  const { driver } = openDriver(committee.network, {
    signal: stop.signal,
    steps: buildCrashTimeline({ nodes: 2, faults: 1, windowMs: 90_000, recoverAfterMs: 60_000 }),
  });
  driver.begin(systemClock.monotonicMs());
  await eventually("the crash", () => (driver.down().size === 1 ? true : undefined));
  stop.abort(reason);
  await expect(driver.finish()).rejects.toBe(reason);
  await driver[Symbol.asyncDispose]();
  await driver.restore();
  await committee.ready();
});

import { expect, test } from "vitest";
import type { EventBody } from "../../../src/contracts/events.ts";
import type { Protocol } from "../../../src/contracts/protocol.ts";
import { until } from "../../../src/core/async.ts";
import { systemClock } from "../../../src/core/clock.ts";
import type { RunRequest } from "../../../src/run/watch/run-request.ts";
import { levelOf, MeasuredWindow } from "../../../src/run/workloads/window.ts";
import { delayed } from "../../results/sample-links.ts";
import { sweepParameters } from "../../results/sample-results.ts";
import { idle } from "../../support/small-network.ts";
import { scriptNetwork } from "../faults/scripted-network.ts";
import { type LinkScript, matrixOf, planned, scriptLinks } from "../links/scripted-links.ts";

const matrix = matrixOf(3, () => delayed(5));
const entries = [
  { at: "100ms", for: "300ms", set: { delay: "40ms" } },
  { at: "200ms", pause: "node2" },
];

function open(script: LinkScript = {}) {
  const { network, nodes, protocol, exit } = scriptNetwork(3);
  const links = scriptLinks(matrix, script);
  const events: EventBody[] = [];
  const request: RunRequest = {
    network: Object.assign(network, { links }),
    // Nothing else of it is asked.
    protocol: protocol as Protocol,
    links: planned(matrix),
    parameters: { ...sweepParameters, durationSecs: 1, timeline: { name: "t", entries, places: [] } },
    benchmarkNumber: 1,
    repetition: 1,
    loadTps: 100,
    clientRuntime: { nodeBinary: process.execPath, env: {} },
    emit: (event) => events.push(event),
    clock: systemClock,
    signal: idle,
  };
  const level = levelOf(request);
  return { window: new MeasuredWindow(request, level, { underLoad: true }), nodes, links, events, exit };
}

test("a window has its links certified, its timeline done and its nodes read, whoever makes the load", async () => {
  const { window, nodes, links, events, exit } = open();
  await using _ = window;
  await window.measureLinks();
  expect(links.requests).toHaveLength(3);
  window.begin(systemClock.monotonicMs());
  exit("node1");
  const { faults, linkChanges, figures, exits, linkProbes, linkCertificate } = await window.finish();
  expect(linkChanges).toMatchObject([
    { action: "set", stage: "begin", askedSecs: 0.1, links: 6 },
    { action: "set", stage: "end", askedSecs: 0.4, links: 6 },
  ]);
  expect(faults).toMatchObject([
    { node: "node2", action: "pause", askedSecs: 0.2 },
    { node: "node2", action: "resume", askedSecs: 1 },
  ]);
  expect(nodes[2]?.calls).toEqual(["pause", "resume"]);
  expect(
    [figures.before, figures.after].map((some) =>
      [...(some ?? new Map()).values()].map(({ height }) => height),
    ),
  ).toEqual([
    [10, 10, 10],
    [10, 10, 10],
  ]);
  expect(exits).toEqual([{ node: "node1", exitCode: 1, signal: null }]);
  expect(events).toContainEqual({ type: "node-exited", node: "node1", exitCode: 1, signal: null });
  expect(linkProbes).toMatchObject({ underLoad: true, windowSecs: 1 });
  for (const { before, after } of linkProbes?.links ?? []) {
    expect([before?.sent, after?.sent]).toEqual([200, 50]);
  }
  expect(linkCertificate).toMatchObject({ links: 6, measured: 6, failures: [] });
});

test("one that is left early leaves links as they were asked for, and no node paused", async () => {
  const { window, nodes, links, exit, events } = open();
  {
    await using _ = window;
    window.begin(systemClock.monotonicMs());
    const isDone = () => links.sets.length > 0 && window.down().has("node2");
    await until(() => (isDone() ? true : undefined), {
      timeoutMs: 5_000,
      everyMs: 10,
      describe: () => "not done",
    });
    expect(links.shapeOf({ from: "node0", to: "node1" })).not.toEqual(delayed(5));
  }
  expect(links.shapeOf({ from: "node0", to: "node1" })).toEqual(delayed(5));
  expect(nodes[2]?.calls).toEqual(["pause", "resume"]);
  exit("node0");
  expect(events.filter(({ type }) => type === "node-exited")).toEqual([]);
});

import { describe, expect, test } from "vitest";
import { compileTimeline } from "../../../src/links/timeline/compile.ts";
import { matrixOf, nodesOf } from "../linked.ts";
import { compiled, linkLines, nodeLines } from "./compiled.ts";

const two = { nodes: nodesOf(2) };
const three = { nodes: nodesOf(3) };

describe("links", () => {
  test("what is set for a time is undone after it", () => {
    const links = "default: { delay: 10ms }";
    expect(
      linkLines("- { at: 1s, for: 2s, set: { delay: 50ms }, links: { from: node0 } }", { ...two, links }),
    ).toEqual(["1000 set begin: node0>node1 50", "3000 set end: node0>node1 10"]);
  });

  test("what lasts is ended by heal alone", () => {
    expect(linkLines("- { at: 1s, set: { delay: 5ms } }\n- { at: 9s, heal: all }", two)).toEqual([
      "1000 set begin: node0>node1 5, node1>node0 5",
      "9000 heal begin: node0>node1 0, node1>node0 0",
    ]);
  });

  test("what is healed neither goes on nor ends again; what begins later does", () => {
    const text = `
- { at: 1s, for: 8s, flap: node0, up: 1s, down: 1s }
- { at: 3500ms, heal: true }
- { at: 5s, for: 1s, isolate: node0 }`;
    expect(linkLines(text, two)).toEqual([
      "1000 flap begin: node0>node1 down, node1>node0 down",
      "2000 flap step: node0>node1 0, node1>node0 0",
      "3000 flap step: node0>node1 down, node1>node0 down",
      "3500 heal begin: node0>node1 0, node1>node0 0",
      "5000 isolate begin: node0>node1 down, node1>node0 down",
      "6000 isolate end: node0>node1 0, node1>node0 0",
    ]);
  });

  test("a partition cuts what goes from one group to another; nodes that are in none form a group", () => {
    const { steps } = compiled("- { at: 0s, for: 5s, partition: [node0] }", three);
    expect(steps[0]).toMatchObject({
      what: "node0 | node1, node2",
      place: "timeline.yaml:1",
      stage: "begin",
    });
    expect(linkLines("- { at: 0s, partition: [[node0], [node1]] }", three)).toEqual([
      "0 partition begin: node0>node1 down, node0>node2 down, node1>node0 down, node1>node2 down, node2>node0 down, node2>node1 down",
    ]);
  });

  test("overlapping actions stack, and each ends by itself", () => {
    const text = `
- { at: 1s, for: 4s, set: { delay: 10ms } }
- { at: 2s, for: 1s, set: { delay: 20ms } }
- { at: 2500ms, for: 4s, isolate: node1 }`;
    expect(linkLines(text, two)).toEqual([
      "1000 set begin: node0>node1 10, node1>node0 10",
      "2000 set begin: node0>node1 20, node1>node0 20",
      "2500 isolate begin: node0>node1 down, node1>node0 down",
      "3000 set end: node0>node1 down, node1>node0 down",
      "5000 set end: node0>node1 down, node1>node0 down",
      "6500 isolate end: node0>node1 0, node1>node0 0",
    ]);
  });

  test("a partition over another one changes nothing more, and is recorded all the same", () => {
    const text = "- { at: 1s, for: 9s, isolate: node0 }\n- { at: 2s, for: 1s, partition: [node0] }";
    expect(linkLines(text, two)).toEqual([
      "1000 isolate begin: node0>node1 down, node1>node0 down",
      "2000 partition begin: ",
      "3000 partition end: ",
      "10000 isolate end: node0>node1 0, node1>node0 0",
    ]);
  });

  test("a ramp goes in steps of 100 ms from what is there, and stays", () => {
    const links = "default: { delay: 10ms }";
    const text = "- { at: 1s, for: 400ms, ramp: { delay: 50ms }, links: { from: node0 } }";
    expect(linkLines(text, { ...two, links })).toEqual([
      "1000 ramp begin: ",
      "1100 ramp step: node0>node1 20",
      "1200 ramp step: node0>node1 30",
      "1300 ramp step: node0>node1 40",
      "1400 ramp end: node0>node1 50",
    ]);
  });

  test("a long ramp has 100 steps; all values go in proportion", () => {
    const { steps } = compiled("- { at: 0s, for: 40s, ramp: { loss: 10%, rate: 1mbit, jitter: 10ms } }", {
      ...two,
      links: "default: { rate: 2mbit, loss-bursts: { p: 5%, r: 95% } }",
    });
    expect(steps).toHaveLength(101);
    expect(steps[50]).toMatchObject({
      atMs: 20_000,
      changes: [
        {
          shape: {
            loss: { kind: "independent", lossRatio: 0.075 },
            rateBps: 1_500_000,
            jitter: { deviationMs: 5, distribution: "normal" },
          },
        },
        {},
      ],
    });
  });

  test.each<[string, string[]]>([
    ["{ from: node0 }", ["node0>node1", "node0>node2"]],
    ["{ to: node0 }", ["node1>node0", "node2>node0"]],
    ["{ from: [node0, node1], to: [node1] }", ["node0>node1"]],
    ["{ between: [node0, [node1, node2]] }", ["node0>node1", "node0>node2", "node1>node0", "node2>node0"]],
    ["{ between: [eu, us] }", ["node0>node1", "node1>node0", "node1>node2", "node2>node1"]],
    ["{ between: eu }", ["node0>node2", "node2>node0"]],
  ])("links: %s", (links, expected) => {
    const lines = linkLines(`- { at: 0s, set: { delay: 1ms }, links: ${links} }`, {
      ...three,
      links: "regions: [eu, us]",
    });
    const changed = lines[0]?.replace(/^.*: /, "").split(", ") ?? [];
    expect(changed.map((change) => change.split(" ")[0]).sort()).toEqual(expected);
  });

  test("the steps say what they do", () => {
    const text = `
- { at: 0s, set: { delay: 5ms, loss: 1% }, links: { between: [node0, node1] } }
- { at: 1s, for: 3s, flap: node2, up: 500ms, down: 1s }
- { at: 2s, set: { loss-bursts: { p: 1%, r: 5% } } }
- { at: 3s, heal: all }`;
    const whats = compiled(text).steps.flatMap((step) => (step.kind === "links" ? [step.what] : []));
    expect([...new Set(whats)]).toEqual([
      "delay 5ms, loss 1% (between node0 and node1)",
      "node2: 1000 ms down, 500 ms up",
      "loss-bursts {p:1%,r:5%} (all links)",
      "all",
    ]);
  });
});

describe("nodes", () => {
  test("a crash for a time restarts after it; what is repeated ends within the window", () => {
    expect(nodeLines("- { at: 10s, for: 5s, every: 20s, crash: node3 }")).toEqual([
      "10000 crash 3 timeline.yaml:1",
      "15000 restart 3 timeline.yaml:1",
      "30000 crash 3 timeline.yaml:1",
      "35000 restart 3 timeline.yaml:1",
      "50000 crash 3 timeline.yaml:1",
      "55000 restart 3 timeline.yaml:1",
    ]);
    expect(nodeLines("- { at: 0s, for: 5s, every: 20s, until: 20s, pause: all }")).toEqual([
      "0 pause 0,1,2,3 timeline.yaml:1",
      "5000 resume 0,1,2,3 timeline.yaml:1",
    ]);
  });

  test("the same seed chooses the same nodes", () => {
    const text = `
- { at: 1s, crash: { random: { count: 2, seed: 7 } } }
- { at: 2s, restart: { random: { count: 2, seed: 7 } } }`;
    const [crash = "", restart = ""] = nodeLines(text);
    expect(crash.split(" ")[2]).toMatch(/^\d,\d$/);
    expect(restart.split(" ")[2]).toBe(crash.split(" ")[2]);
  });

  test("places count in the committee, whatever stands before it", () => {
    const nodes = [{ name: "node0", group: "boot" }, ...nodesOf(5).slice(1)];
    const matrix = matrixOf("{}", nodes);
    const settings = { nodes: nodes.slice(1), matrix, windowMs: 1000, name: "t" };
    expect(compileTimeline([{ at: "0s", crash: "node1" }], settings).steps).toMatchObject([
      { nodes: [0], place: "t, entry 1" },
    ]);
    expect(compileTimeline([{ at: "0s", crash: "node0" }], settings).problems).toEqual([
      { path: [0, "crash"], message: "crash: node0 is no node of the committee; name one of those" },
    ]);
  });
});

test.each<[string, string]>([
  [
    "crash: node9",
    "crash: this network has no node, group or region node9, only node0, node1, node2, node3, validator, all. Did you mean node0?",
  ],
  [
    "isolate: eu",
    "isolate: this network has no node, group or region eu, only node0, node1, node2, node3, validator, all",
  ],
  ["pause: { random: { count: 5 } }", "pause: random: count 5 is more than the 4 nodes; use a smaller count"],
  ["restart: node0", "restart: at 1 s node0 is running, not down; change one of the times"],
  ["resume: node0", "resume: at 1 s node0 is running, not paused; change one of the times"],
  ["partition: [[node0, node1], node1]", "partition: node1 is in two groups; name it in one"],
  ["partition: [all]", "partition: all nodes are in one group; name two, or leave some nodes out"],
  [
    "set: { delay: 1ms }, links: { from: node0, to: node0 }",
    "set: links: these nodes have no link; name two different nodes",
  ],
  [
    "ramp: { rate: 1mbit }, for: 1s",
    "rate: the link from node0 to node1 has no rate to begin with; give one in the links, or use set:",
  ],
  ["flap: node0, up: 10ms, down: 10ms, for: 59s, every: 59s", ""],
])("%s", (action, message) => {
  const { problems } = compiled(`- { at: 1s, ${action} }`);
  expect(problems).toEqual(message === "" ? [] : [`timeline.yaml:1: ${message}`]);
});

test("what does not fit the window is reported, and so is what does not fit the state of a node", () => {
  const text = `- { at: 70s, crash: node0 }
- { at: 50s, for: 20s, isolate: node0 }
- { at: 1s, for: 5s, every: 10s, until: 2m, pause: node1 }
- { at: 3s, crash: node1 }
- { at: 4s, crash: node1 }`;
  expect(compiled(text).problems).toEqual([
    "timeline.yaml:1: at: 70 s is not within the window of 60 s; use an earlier time, or a longer --duration",
    "timeline.yaml:2: for: it would last until 70 s, beyond the window of 60 s; use a shorter time, or a longer --duration",
    "timeline.yaml:3: until: 120 s is beyond the window of 60 s; use an earlier time, or a longer --duration",
    "timeline.yaml:4: crash: at 3 s node1 is paused since 1 s (timeline.yaml:3), not running; change one of the times",
    "timeline.yaml:5: crash: at 4 s node1 is down since 3 s (timeline.yaml:4), not running; change one of the times",
    "timeline.yaml:3: resume after its for: at 6 s node1 is down since 4 s (timeline.yaml:5), not paused; change one of the times",
  ]);
});

test("timelines that would do too much are refused before they are computed", () => {
  const many = "- { at: 0s, every: 10ms, set: { delay: 1ms }, for: 10ms }";
  expect(compiled(many, { windowMs: 600_000 }).problems).toEqual([
    "timeline.yaml:1: every: the timeline would do more than 10000 things; use a longer time",
  ]);
  const flaps = "- { at: 0s, for: 24h, flap: all, up: 10ms, down: 10ms }";
  expect(compiled(flaps, { windowMs: 86_400_000 }).problems).toEqual([
    "timeline.yaml:1: the timeline would change links more than 2,000,000 times; use fewer or longer actions",
  ]);
});

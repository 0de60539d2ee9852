import { expect, test } from "vitest";
import type { BaleenEvent } from "../../../../src/contracts/events.ts";
import type { RunResult } from "../../../../src/contracts/results/result.ts";
import { checkNodeMetrics } from "../../../../src/results/verify/checks/node-metrics.ts";
import { Findings } from "../../../../src/results/verify/contents/findings.ts";
import { validRun } from "../../sample-results.ts";
import { contentsOf } from "../contents.ts";

const file = "metrics/1-nodes.openmetrics";

function eventAt(second: number, type: "run-created" | "run-started" | "run-finished"): BaleenEvent {
  const t = new Date(1_700_000_000_000 + second * 1000).toISOString();
  const benchmarkNumber = 1;
  const body = { "run-created": { loadTps: 100 }, "run-started": {}, "run-finished": { status: "valid" } }[
    type
  ];
  return {
    v: 1,
    run: "3f9a",
    source: "coordinator",
    seq: 0,
    t,
    type,
    benchmarkNumber,
    ...body,
  } as BaleenEvent;
}

const events = [eventAt(-20, "run-created"), eventAt(-10, "run-started"), eventAt(30, "run-finished")];

/** What differs, by its place. */
function differences(
  text: string,
  run: RunResult = validRun,
  files: readonly [string, string][] = [],
): string[] {
  const findings = new Findings();
  checkNodeMetrics(contentsOf({ files: new Map([[file, text], ...files]), runs: [run], events }), findings);
  return findings.differences.map(({ key, says, follows }) => `${key}: ${says}, not ${follows}`);
}

const whole = `# TYPE a counter
a_total{node="node0"} 1 1700000000.000
a_total{node="node0"} 1 1700000001.000
a_total{node="node1"} 0 1700000000.000
# TYPE b gauge
b{node="node0"} 3 1700000000.000
b{node="node0"} 1 1700000001.000
# EOF
`;

test("metrics of a run's nodes and times agree; nothing is asked of a run without", () => {
  expect(differences(whole)).toEqual([]);
  const findings = new Findings();
  checkNodeMetrics(contentsOf({ runs: [validRun], events }), findings);
  expect([findings.compared, findings.differences]).toEqual([0, []]);
});

test.each([
  ["a torn file", whole.replace("# EOF\n", ""), "its form: line 2 of the metrics is wrong"],
  ["another node", whole.replace('"node1"', '"node9"'), 'at 1700000000: "node9", not a node of the run'],
  [
    "no time",
    whole.replace('b{node="node0"} 1 1700000001.000\n', 'b{node="node1"} 1\n'),
    "not a time within the run",
  ],
  [
    "a time before it",
    whole.replace("0 1700000000.000", "0 1699999980.000"),
    "1699999980000, not a time within",
  ],
  [
    "a time behind it",
    whole.replaceAll("1700000001.000", "1700000035.000"),
    "1700000035000, not a time within",
  ],
  ["a counter that falls", whole.replace("} 1 1700000001", "} 0 1700000001"), "0, not 1 or more"],
  ["a counter below nothing", whole.replace("} 0 17", "} -1 17"), "-1, not 0 or more"],
])("%s is found", (_, text, expected) => {
  expect(text).not.toBe(whole);
  expect(differences(text).join("\n")).toContain(expected);
});

test("a counter may fall where its node began anew", () => {
  const fell = whole.replace("} 1 1700000001", "} 0 1700000001");
  const fault = { node: "node0", action: "crash", askedSecs: 0, issuedSecs: 0 } as const;
  expect(differences(fell, { ...validRun, faults: [fault] })).toEqual([]);
  expect(differences(fell, { ...validRun, faults: [{ ...fault, node: "node1" }] })).toHaveLength(1);
  const nodeExits = [{ node: "node0", exitCode: 1, signal: null }];
  expect(differences(fell, { ...validRun, evidence: { ...validRun.evidence, nodeExits } })).toEqual([]);
});

test("a file of no run is found, but for what a run left that did not finish", () => {
  expect(differences(whole, validRun, [["metrics/2-nodes.openmetrics", ""]])).toEqual([]);
  expect(differences(whole, validRun, [["metrics/3-nodes.openmetrics", ""]])).toEqual([
    'it: "a file", not nothing: it belongs to no run',
  ]);
});

test("helpers are nodes of the run, and goroutines are the last ones that a node showed", () => {
  const text = `# TYPE go_goroutines gauge
go_goroutines{node="bootstrap"} 90 1700000000.000
go_goroutines{node="bootstrap"} 96 1700000001.000
# EOF
`;
  const run = (goroutines: number): RunResult => ({
    ...validRun,
    helpers: [{ name: "bootstrap", role: "bootstrap", exitedUnasked: false, goroutines }],
  });
  expect(differences(text, run(96))).toEqual([]);
  expect(differences(text, run(90))).toEqual(["goroutines of bootstrap: 90, not the last one it showed"]);
});

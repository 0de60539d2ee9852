import { expect, test } from "vitest";
import type { DeploymentPlan } from "../../../src/contracts/deployment.ts";
import type { SweepParameters } from "../../../src/contracts/parameters.ts";
import type { Protocol } from "../../../src/contracts/protocol.ts";
import { ConfigurationError } from "../../../src/core/errors.ts";
import { checkParameters, givenFrom } from "../../../src/options/checks/check.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";
import { planNetwork, tryPlan } from "../../../src/run/prepare/plan-network.ts";
import { sweepParameters } from "../../results/sample-results.ts";

const parametersOf = (values: object): SweepParameters => {
  const { parameters, diagnostics } = checkParameters(givenFrom({ duration: 60, ...values }), mysticeti);
  expect(diagnostics).toEqual([]);
  return parameters;
};

const plan = (values: object) => planNetwork(mysticeti, parametersOf(values));
const file = (path: string, text: string) => ({ path, text });

const messagesOf = (values: object): readonly string[] =>
  tryPlan(mysticeti, parametersOf(values), () => undefined).diagnostics.map(({ message }) => message);

test("without links and timeline a plan has none, nor with a timeline that only crashes nodes", () => {
  expect(plan({})).not.toHaveProperty("links");
  expect(plan({ timeline: [{ at: "1s", crash: "node0" }] })).not.toHaveProperty("links");
});

test("a plan has the shape of every pair of its nodes, and the seed of the run", () => {
  const { links } = plan({ delay: "5ms", topology: "ring", seed: "s", linkMechanism: "relay" });
  expect(links).toMatchObject({ seed: "s", mechanism: "relay", later: [] });
  expect(links?.matrix.nodes.map(({ name, group }) => `${name} ${group}`)).toEqual(
    [0, 1, 2, 3].map((number) => `node${number} validator`),
  );
  expect(links?.matrix.shapes[0]?.[1]).toMatchObject({ delayMs: 5, down: false });
  expect(links?.matrix.shapes[0]?.[2]).toMatchObject({ delayMs: 5, down: true });
});

test("a timeline that changes links takes links that leave all as it is, and says what it will need", () => {
  const timeline = [
    { at: "1s", for: "1s", partition: ["node0"] },
    { at: "5s", for: "10s", ramp: { delay: "80ms" } },
    { at: "20s", set: { loss: "1%" } },
  ];
  const { links } = plan({ timeline });
  expect(links?.matrix.shapes.flat().some((shape) => shape?.down === true || (shape?.delayMs ?? 0) > 0)).toBe(
    false,
  );
  expect(links?.later).toMatchObject([
    { down: true, delayMs: 0 },
    { down: false, delayMs: 0 },
    { delayMs: 80 },
    { delayMs: 80, loss: { kind: "independent" } },
  ]);
});

test("hosts and their regions are those of the nodes", () => {
  const host = { address: { host: "h", user: "u", port: 22 } };
  const hosts = [
    { ...host, name: "a", region: "us", nodes: [0, 2] },
    { ...host, name: "b", region: "eu", nodes: [1, 3] },
  ];
  const remote = { hosts } as unknown as SweepParameters["remote"];
  const document = {
    regions: ["eu", "us"],
    assign: "host-regions",
    "region-pairs": [{ from: "eu", to: "us", delay: "40ms" }],
  };
  const located = { ...sweepParameters, remote, links: { name: "l", document } };
  const { links } = planNetwork(mysticeti, located) satisfies DeploymentPlan;
  expect(links?.matrix.nodes).toMatchObject([
    { host: "a", region: "us" },
    { host: "b", region: "eu" },
    { host: "a", region: "us" },
    { host: "b", region: "eu" },
  ]);
  expect(links?.matrix.shapes[0]?.[1]?.delayMs).toBe(40);
  expect(links?.matrix.shapes[0]?.[2]?.delayMs).toBe(0);
  const { diagnostics } = tryPlan(mysticeti, { ...located, remote: undefined }, () => undefined);
  expect(diagnostics[0]?.message).toBe(
    "l: assign: node0 runs on this machine, not on a host; use round-robin or a list.",
  );
  const other = {
    hosts: hosts.map((one) => ({ ...one, region: "mars" })),
  } as unknown as SweepParameters["remote"];
  expect(tryPlan(mysticeti, { ...located, remote: other }, () => undefined).diagnostics[0]?.message).toBe(
    "l: assign: host a of node0 is labelled mars, which is no region of these links; the regions are eu, us.",
  );
});

test("what does not fit the nodes is reported with its lines", () => {
  const links = file(
    "l.yaml",
    "node-pairs:\n  - { from: node0, to: node9, delay: 1ms }\n  - { from: x, to: node1 }",
  );
  expect(messagesOf({ links })).toEqual([
    "l.yaml:2: to: this network has no node node9, only node0, node1, node2, node3. Did you mean node0?",
    "l.yaml:3: from: this network has no node x, only node0, node1, node2, node3.",
  ]);
  const timeline = file("t.yaml", "- { at: 1s, crash: node8 }\n- { at: 2m, heal: all }");
  expect(messagesOf({ timeline })).toEqual([
    "t.yaml:2: at: 120 s is not within the window of 60 s; use an earlier time, or a longer --duration.",
    "t.yaml:1: crash: this network has no node, group or region node8, only node0, node1, node2, node3, validator, all. Did you mean node0?",
  ]);
  expect(() => plan({ timeline })).toThrow(ConfigurationError);
});

test("the shortest window counts", () => {
  const timeline = file("t.yaml", "- { at: 30s, heal: all }");
  expect(messagesOf({ timeline, loads: [10, 100], numTransactions: 1000, duration: undefined })).toEqual([
    "t.yaml:1: at: 30 s is not within the window of 10 s; use an earlier time, or a longer --duration.",
  ]);
});

test("a timeline cannot change some of the links between two hosts", () => {
  const host = { address: { host: "h", user: "u", port: 22 } };
  const hosts = [
    { ...host, name: "a", nodes: [0, 2] },
    { ...host, name: "b", nodes: [1] },
    { ...host, name: "c", nodes: [3] },
  ];
  const remote = { hosts } as unknown as SweepParameters["remote"];
  const told = (text: string, protocol: Pick<Protocol, "plan"> = mysticeti) => {
    const { timeline } = parametersOf({ timeline: file("t.yaml", text) });
    const asked = { ...sweepParameters, durationSecs: 60, remote, timeline };
    return tryPlan(protocol, asked, () => undefined);
  };
  const some = `
- { at: 1s, for: 1s, isolate: node0 }
- { at: 5s, for: 20s, set: { delay: 5ms }, links: { from: node2, to: node1 } }
- { at: 6s, for: 2s, every: 10s, set: { loss: 1% } }
- { at: 7s, for: 5s, ramp: { delay: 50ms }, links: { between: [node2, node3] } }
`;
  const wrong = told(some).diagnostics.map(({ message }) => message);
  const rest =
    "but the nodes of a host are reached at one address. Name all nodes of a host, or give each node a host of its own.";
  expect(wrong).toEqual([
    `t.yaml:2: isolate: it changes only some of the links from a to b (node0 → node1, not node2 → node1), ${rest}`,
    `t.yaml:3: set: it changes only some of the links from a to b (node2 → node1, not node0 → node1), ${rest}`,
    `t.yaml:5: ramp: it changes only some of the links from a to c (node2 → node3, not node0 → node3), ${rest}`,
  ]);
  const right = told(`
- { at: 1s, for: 1s, isolate: [node1, node3] }
- { at: 3s, for: 5s, partition: [[node0, node2], [node1, node3]] }
- { at: 10s, for: 4s, set: { delay: 5ms }, links: { from: node0, to: node1 } }
- { at: 10s, for: 4s, set: { delay: 5ms }, links: { from: node2, to: node1 } }
- { at: 20s, for: 5s, ramp: { delay: 50ms } }
- { at: 30s, heal: all }
`);
  expect(right.diagnostics).toEqual([]);
  expect(right.plan.links?.later).not.toEqual([]);
  // With interfaces of their own, nodes of a host have addresses of their own.
  const apart = told(some, { plan: (request) => ({ ...mysticeti.plan(request), needsOverlay: true }) });
  expect(apart.diagnostics).toEqual([]);
  expect(apart.plan.links?.overlay?.edges).toHaveLength(6);
});

import { describe, expect, test } from "vitest";
import type { ClientSite } from "../../../src/contracts/deployment.ts";
import type { LoadProfile } from "../../../src/contracts/load/load-profile.ts";
import type { SweepParameters } from "../../../src/contracts/parameters.ts";
import { planLevel } from "../../../src/load/level/plan-level.ts";
import { defaultRemote } from "../../../src/options/defaults.ts";
import { describeLoss, planClients, type SharedPlan } from "../../../src/run/clients/plans.ts";
import { placeOnSites } from "../../../src/run/clients/sites.ts";
import { sweepParameters } from "../../results/sample-results.ts";

const rpc = { host: "127.0.0.1", port: 26_657 };
const nodes = [0, 1, 2, 3].map((number) => ({ name: `node${number}` })) as never;

function site(host: string, driven: readonly number[], cpus = 8): ClientSite {
  const targets = driven.map((number) => ({ node: `node${number}`, rpc }));
  return { host, cpus, targets, start: () => Promise.reject(new Error("nothing is started here")) };
}

function place(sites: readonly ClientSite[], loadTps: number, changes: Partial<SweepParameters> = {}) {
  const clientPlacement = sites.every(({ targets }) => targets.length === 4) ? "dedicated" : "colocated";
  const remote = { ...defaultRemote, hosts: [], clientHosts: [], clientPlacement } as const;
  const parameters: SweepParameters = { ...sweepParameters, networkType: "remote", remote, ...changes };
  const { rateTps } = planLevel(parameters, loadTps).load;
  const { placements, chosen } = placeOnSites(sites, { nodes }, { parameters, loadTps, rateTps });
  return { ...chosen, perHost: placements.map(({ host, clients }) => [host, clients]) };
}

describe("clients on hosts", () => {
  const all = [0, 1, 2, 3];

  test("of their own: as many on each as the load needs and the smallest one's cores allow", () => {
    const two = [site("a", all), site("b", all)];
    expect(place(two, 100)).toEqual({
      clients: 2,
      pacing: "precise",
      perHost: [
        ["a", 1],
        ["b", 1],
      ],
    });
    expect(place(two, 100_000).perHost).toEqual([
      ["a", 3],
      ["b", 3],
    ]);
    expect(place([site("a", all), site("b", all, 2)], 100_000).perHost).toEqual([
      ["a", 1],
      ["b", 1],
    ]);
  });

  test("of the nodes: in proportion to them, so that every node gets the same", () => {
    expect(place([site("a", [0, 2]), site("b", [1, 3])], 100).perHost).toEqual([
      ["a", 1],
      ["b", 1],
    ]);
    const uneven = place([site("a", [0, 1, 2]), site("b", [3])], 100);
    expect(uneven).toEqual({
      clients: 4,
      pacing: "balanced",
      perHost: [
        ["a", 3],
        ["b", 1],
      ],
    });
  });

  test("as many as are asked for, rounded up to what can be shared out", () => {
    const sites = [site("a", [0, 1, 2]), site("b", [3])];
    expect(place(sites, 100, { clients: 5 }).perHost).toEqual([
      ["a", 6],
      ["b", 2],
    ]);
  });
});

test("clients that nobody counted are as many as the highest rate needs", () => {
  const one = [site("a", [0, 1, 2, 3])];
  const clientsOf = (loadTps: number, profile: LoadProfile) => place(one, loadTps, { profile }).clients;
  expect(clientsOf(20_000, { kind: "constant", level: 1 })).toBe(1);
  expect(clientsOf(20_000, { kind: "ramp", from: 0, to: 3 })).toBe(3);
  expect(clientsOf(60_000, { kind: "ramp", from: 0, to: 0.5 })).toBe(2);
  // A closed loop is taken to have its replies within 10 ms.
  expect(clientsOf(200, { kind: "closed" })).toBe(1);
  expect(clientsOf(1_000, { kind: "closed" })).toBe(5);
});

test("clients on hosts that nobody counted are no more than the in-flight cap goes round for", () => {
  const two = [site("a", [0, 1, 2, 3]), site("b", [0, 1, 2, 3])];
  expect(place(two, 100_000, { maxInFlight: 23 }).clients).toBe(4);
  expect(place([site("a", [0, 1]), site("b", [2, 3])], 100_000, { maxInFlight: 8 }).clients).toBe(4);
});

test("what is lost with clients is exactly what the others do not send", () => {
  const shared: SharedPlan = {
    ...{
      run: 1,
      seed: 1,
      targets: [{ node: "node0", rpc }],
      pacing: "eco",
      rateTps: 10,
      arrival: "constant",
    },
    transport: { kind: "undici", inFlightPerConnection: 1, batchSize: 1 },
    ...{ transactionSizeBytes: 64, warmUpMs: 700, windowTransactions: 101, windowMs: 10_100, drainMs: 0 },
    ...{
      requestTimeoutMs: 1000,
      maxInFlight: 10,
      queueLimit: 10,
      lateAfterMs: 1,
      failover: false,
      segments: [],
    },
  };
  const plans = planClients(shared, [
    { clients: 2, targets: shared.targets },
    { clients: 1, targets: shared.targets },
  ]);
  const losses = plans.map((own) => describeLoss(own, { host: "a", atSecs: 1, reason: "it ended" }));
  expect(losses.map(({ clients }) => clients)).toEqual([["client0", "client1"], ["client2"]]);
  expect(losses.reduce((sum, { windowTransactions }) => sum + windowTransactions, 0)).toBe(101);
  // Seven of the warm-up come first: the window begins with client 1's share.
  expect(losses.map(({ windowTransactions }) => windowTransactions)).toEqual([67, 34]);
});

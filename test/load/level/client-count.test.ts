import { describe, expect, test } from "vitest";
import { chooseClients, coreWarning } from "../../../src/load/level/client-count.ts";

const auto = { clients: "auto", pacing: "auto" } as const;

describe("clients that nobody counted", () => {
  test.for([
    { rateTps: 1, cores: 8, clients: 1 },
    { rateTps: 20_000, cores: 8, clients: 1 },
    { rateTps: 20_001, cores: 8, clients: 2 },
    { rateTps: 100_000, cores: 8, clients: 5 },
    { rateTps: 1_000_000, cores: 8, clients: 7 },
    { rateTps: 1_000_000, cores: 2, clients: 1 },
    { rateTps: 1_000_000, cores: 1, clients: 1 },
  ])("$rateTps tx/s on $cores cores: $clients", ({ rateTps, cores, clients }) => {
    expect(chooseClients(auto, { rateTps, most: 100, cores, isShared: false }).clients).toBe(clients);
  });

  test("are no more than what they share goes round for", () => {
    const clientsOf = (most: number) =>
      chooseClients(auto, { rateTps: 100_000, most, cores: 8, isShared: false }).clients;
    expect([clientsOf(4), clientsOf(5), clientsOf(6)]).toEqual([4, 5, 5]);
  });

  test("use a core each where one is free for it", () => {
    const pacingOf = (cores: number, isShared: boolean) =>
      chooseClients({ clients: 2, pacing: "auto" }, { rateTps: 100, most: 100, cores, isShared }).pacing;
    expect([pacingOf(4, false), pacingOf(3, false), pacingOf(4, true)]).toEqual([
      "precise",
      "balanced",
      "balanced",
    ]);
  });
});

test("what was asked for is what a run has", () => {
  const asked = { clients: 9, pacing: "eco" } as const;
  expect(chooseClients(asked, { rateTps: 1, most: 100, cores: 2, isShared: true })).toEqual(asked);
});

test("clients without cores are warned of", () => {
  expect(coreWarning(1, 2)).toBeUndefined();
  expect(coreWarning(2, 2)).toContain("2 clients on 2 cores");
  expect(coreWarning(1, 1)).toContain("1 client on 1 core:");
});

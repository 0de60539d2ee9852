import { describe, expect, test } from "vitest";
import { checkParameters, givenFrom } from "../../../src/options/checks/check.ts";
import type { ParameterName } from "../../../src/options/rules/rules.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";

type Values = Partial<Record<ParameterName, unknown>>;

/** Hosts of a network with those numbers of nodes, and as many for clients alone. */
function hostVariables(nodes: readonly number[], clients = 0) {
  const described = nodes.flatMap((count, host) => Array.from({ length: count }, () => host));
  const entries = described.map((host, node) => [`MYSTICETI_NODE${node}`, `10.0.0.${host + 1}`] as const);
  const own = Array.from(
    { length: clients },
    (_, index) => [`CLIENT${index}`, `10.0.1.${index + 1}`] as const,
  );
  return Object.fromEntries(
    [...entries, ...own].flatMap(([prefix, address]) => [
      [`${prefix}_HOST`, address],
      [`${prefix}_SSH_USERNAME`, "ubuntu"],
    ]),
  );
}

const messages = (values: Values, environment: Readonly<Record<string, string>> = {}) =>
  checkParameters(givenFrom(values), mysticeti, { environment, home: "/" }).diagnostics.map(
    ({ message }) => message,
  );

describe("clients of a run share", () => {
  test.each<[string, Values]>([
    ["as many places as they have nodes, all together", { clients: 16, maxInFlight: 64, queueLimit: 64 }],
    ["what one of them needs, where nobody counted them", { maxInFlight: 4, queueLimit: 4 }],
  ])("%s", (_, values) => {
    expect(messages(values)).toEqual([]);
  });

  test("no less than a place in flight and one in the queue for each node", () => {
    expect(messages({ clients: 16, maxInFlight: 16, queueLimit: 63 })).toEqual([
      "maxInFlight: 16 requests in flight cannot be divided among 16 clients with 4 nodes each. Use at least 64, or fewer clients.",
      "queueLimit: 63 places in the queue cannot be divided among 16 clients with 4 nodes each. Use at least 64, or fewer clients.",
    ]);
    expect(messages({ maxInFlight: 3 })).toEqual([
      "maxInFlight: 3 requests in flight cannot be divided among 1 client with 4 nodes each. Use at least 4.",
    ]);
  });

  test("what is in flight in a closed loop, whatever the in-flight cap is", () => {
    expect(messages({ profile: "closed:4,8", clients: 4, maxInFlight: 1, queueLimit: 1 })).toEqual([]);
    expect(messages({ profile: "closed:2,8,1", clients: 4 })).toEqual([
      "profile: 2 in flight in a closed loop cannot be divided among 4 clients. Use at least 4, or fewer clients.",
      "profile: 1 in flight in a closed loop cannot be divided among 4 clients. Use at least 4, or fewer clients.",
    ]);
    const apart = { networkType: "remote", clientPlacement: "dedicated" };
    expect(messages({ ...apart, profile: "closed:2" }, hostVariables([4], 3))).toEqual([
      "profile: 2 in flight in a closed loop cannot be divided among 3 clients. Use at least 3.",
    ]);
    // As a program gives it.
    expect(messages({ profile: { kind: "closed" }, loads: [8, 2.5] })).toEqual([
      "loads: 2.5 in flight in a closed loop is not a whole number. Use a whole number.",
    ]);
  });

  test("on hosts, of which each has its share of them", () => {
    const remote = { networkType: "remote", clientPlacement: "colocated" };
    // Three on the first host, one on the second; each sends to the nodes of its host, 3 at most.
    const uneven = hostVariables([3, 1]);
    expect(messages({ ...remote, maxInFlight: 12 }, uneven)).toEqual([]);
    expect(messages({ ...remote, maxInFlight: 11 }, uneven)[0]).toMatch(/4 clients with 3 nodes each/);
    // Rounded up to 8.
    expect(messages({ ...remote, clients: 5, maxInFlight: 23 }, uneven)[0]).toMatch(/8 clients with 3/);
    const apart = { networkType: "remote", clientPlacement: "dedicated", maxInFlight: 11 };
    expect(messages(apart, hostVariables([4], 3))[0]).toMatch(/3 clients with 4 nodes each/);
  });
});

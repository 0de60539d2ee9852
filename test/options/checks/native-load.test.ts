import { describe, expect, test } from "vitest";
import { checkBoth, checkParameters, givenFrom } from "../../../src/options/checks/check.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";

const protocol = { ...mysticeti, native: true } as const;

const messages = (values: Record<string, unknown>) =>
  checkParameters(givenFrom({ loads: [100], ...values }), protocol).diagnostics.map(({ message }) => message);

describe("where the nodes make the load", () => {
  test.each<[string, unknown]>([
    ["transport", "http"],
    ["clients", 2],
    ["pacing", "eco"],
    ["arrival", "poisson"],
    ["drain", 3],
    ["failover", true],
    ["profile", "ramp:0..1"],
    ["keepNetwork", true],
    ["faults", 1],
  ])("%s is refused by its name", (name, value) => {
    expect(messages({ [name]: value })).toContainEqual(
      expect.stringMatching(
        new RegExp(`^${name}: the nodes generate the load themselves, and .*\\. Remove it\\.$`),
      ),
    );
    const { diagnostics } = checkParameters(givenFrom({ loads: [100], [name]: value }), mysticeti);
    expect(diagnostics.filter(({ code }) => code === "native-load")).toEqual([]);
  });

  test("a search and both networks are refused", () => {
    const { diagnostics } = checkParameters(givenFrom({ search: true, searchFrom: 10 }), protocol);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^search: the nodes generate/),
      expect.stringMatching(/^searchFrom: the nodes generate/),
    ]);
    const { local } = checkBoth(givenFrom({ networkType: "both" }), protocol);
    expect(local.diagnostics).toMatchObject([
      { code: "native-load", message: expect.stringMatching(/^networkType: /) },
    ]);
  });

  test.each([
    ["efficiency>95%", /single transactions are not followed\. Use throughput\.$/],
    ["failed<1", /Use throughput\.$/],
    ["commit.p99<1s", /only one latency, .*\. Use latency\.p99\.$/],
    ["lateness.p99<1ms", /clients send nothing that could be late/],
    ["latency.max<1s", /do not hold the largest value\. Use latency\.mean, or one of latency\.p50, /],
    ["latency.p99<+5%", /no change can be measured\. Use latency\.mean, or a limit in ms\.$/],
  ])("that %s cannot be known is told, with what there is instead", (assert, reason) => {
    const reported = messages({ assert, baseline: "b" });
    expect(reported).toEqual([
      expect.stringMatching(/^assert: ".*" cannot be measured: the nodes of mysticeti generate/),
    ]);
    expect(reported[0]).toMatch(reason);
  });

  test("what they count may be asserted, and machines may be asked to be left alone", () => {
    const assert = ["throughput>1", "latency.mean<+5%", "latency.std_dev<1s", "latency.p999@100<1s"];
    expect(messages({ assert, baseline: "b", strictEnvironment: true, backgroundLimit: 5 })).toEqual([]);
  });

  test("nothing is said of switches that are off, and of what has a meaning", () => {
    expect(messages({ keepNetwork: false, failover: false, strictEnvironment: false })).toEqual([]);
    expect(
      messages({ runs: 2, warmUp: 1, duration: 5, transactionSize: 64, achievedRatio: 0.5, strict: true }),
    ).toEqual([]);
  });
});

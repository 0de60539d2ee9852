import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { checkBoth, checkParameters, givenFrom } from "../../../src/options/checks/check.ts";
import { checkLocalNetwork } from "../../../src/options/checks/check-once.ts";
import type { GivenParameters } from "../../../src/options/checks/given.ts";
import { defaultParameters } from "../../../src/options/defaults.ts";
import type { ParameterName } from "../../../src/options/rules/rules.ts";
import { ethereum } from "../../../src/protocol/ethereum/ethereum.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";

const protocol = { ...mysticeti, transactions: { smallestBytes: 18, largestBytes: 1_000_000 } };

type Values = Partial<Record<ParameterName, unknown>>;
const check = (values: Values) => checkParameters(givenFrom(values), protocol);
const messages = (values: Values) => check(values).diagnostics.map(({ message }) => message);

test("sweeps over both networks wait alike, unless they are told how", () => {
  const pacings = (values: Values) => {
    const { local, remote } = checkBoth(givenFrom(values), protocol);
    return [local.parameters.pacing, remote.parameters.pacing];
  };
  expect(pacings({})).toEqual(["balanced", "balanced"]);
  expect(pacings({ pacing: "auto" })).toEqual(["balanced", "balanced"]);
  expect(pacings({ pacing: "precise" })).toEqual(["precise", "precise"]);
  expect(check({}).parameters.pacing).toBe("auto");
});

test("sweeps over both networks have the same options of the protocol, unless told otherwise", () => {
  const timeouts = (values: Values) => {
    const { local, remote } = checkBoth(givenFrom(values), protocol);
    expect(local.parameters.protocolOptions).toEqual(remote.parameters.protocolOptions);
    return local.parameters.protocolOptions.leaderTimeoutMs;
  };
  expect(timeouts({})).toBe(1000);
  expect(timeouts({ leaderTimeout: 300 })).toBe(300);
  expect(check({}).parameters.protocolOptions.leaderTimeoutMs).toBe(250);
});

describe("checkParameters", () => {
  test("a size that no transaction of the protocol has is refused; a system without a second node needs no leave", () => {
    const given = givenFrom({ committee: 1, transactionSize: "259" });
    expect(checkParameters(given, ethereum).diagnostics.map(({ message }) => message)).toEqual([
      "transactionSize: 259 is not possible. Give a whole number of bytes from 122 to 131,072, but not 259 or 65,540.",
    ]);
  });

  test("nothing given: the defaults, without a fault", () => {
    const { localLoadsTps, remoteLoadsTps, consoleOutput, ...defaults } = defaultParameters;
    expect(check({})).toEqual({
      parameters: {
        ...defaults,
        protocolOptions: {
          minRoundDelayMs: 50,
          leaderTimeoutMs: 250,
          leadersPerRound: 2,
          blockSizeBytes: 1_048_576,
          mempoolSizeTransactions: 100_000,
          logSync: "none",
        },
        loadsTps: localLoadsTps,
        numTransactions: undefined,
        baseline: undefined,
        warmUpSecs: undefined,
        dockerComposePath: undefined,
      },
      diagnostics: [],
    });
    expect([remoteLoadsTps.length, consoleOutput]).toEqual([3, true]);
    expect(defaults).toMatchObject({ faults: 0, crashRecovery: false, crashIntervalSecs: 60 });
  });

  test("everything given reaches its place", () => {
    const { parameters, diagnostics } = check({
      networkType: "local",
      runtime: "process",
      committee: 7,
      loads: "5,0.5",
      runs: "3",
      duration: "2.5",
      numTransactions: 1000,
      transactionSize: 18,
      warmUp: 0,
      drain: 0,
      requestTimeout: 1,
      maxInFlight: 14,
      queueLimit: 15,
      transport: "http-batch",
      inFlightPerConnection: 5,
      batchSize: 7,
      arrival: "poisson",
      clients: "2",
      pacing: "eco",
      seed: "s",
      startupWait: 4,
      cleanup: true,
      keepNetwork: "yes",
      dockerComposePath: "./c.yml",
      rpcPort: 80,
      rpcBasePort: "30000",
      metricsBasePort: 30100,
      rpcTls: true,
      rpcCa: "./ca.pem",
      minRoundDelay: 10,
      leaderTimeout: 20,
      leadersPerRound: 3,
      blockSize: "4096",
      mempoolSize: 50,
      logSync: "interval",
      outputDir: "./out",
      fileOutput: "no",
      strict: 1,
      strictEnvironment: "yes",
      backgroundLimit: 1,
      stealLimit: "2",
      memoryPressureLimit: 3.5,
      disturbedLimit: 100,
      assert: "throughput@5>-5%",
      baseline: "./before",
      faults: 2,
      crashRecovery: true,
      crashInterval: 60.5,
      profile: "steps:1,0.5",
      failover: true,
      allowNoQuorum: true,
      latenessFloorMs: 5,
      latenessRatio: 0.2,
      achievedRatio: 0.9,
    });
    expect(diagnostics).toEqual([]);
    expect(parameters).toEqual({
      networkType: "local",
      protocol: { name: "mysticeti", observesCommits: true },
      runtime: "process",
      committee: 7,
      loadsTps: [5, 0.5],
      profile: { kind: "steps", levels: [1, 0.5] },
      runs: 3,
      durationSecs: 2.5,
      numTransactions: 1000,
      transactionSizeBytes: 18,
      warmUpSecs: 0,
      drainSecs: 0,
      requestTimeoutSecs: 1,
      maxInFlight: 14,
      queueLimit: 15,
      transport: { kind: "http-batch", inFlightPerConnection: 5, batchSize: 7 },
      arrival: "poisson",
      clients: 2,
      pacing: "eco",
      seed: "s",
      startupWaitSecs: 4,
      cleanup: "remove",
      keepNetwork: true,
      dockerComposePath: "./c.yml",
      rpcPort: 80,
      rpcBasePort: 30_000,
      metricsBasePort: 30_100,
      rpcTls: { caFile: resolve("./ca.pem") },
      protocolOptions: {
        minRoundDelayMs: 10,
        leaderTimeoutMs: 20,
        leadersPerRound: 3,
        blockSizeBytes: 4096,
        mempoolSizeTransactions: 50,
        logSync: "interval",
      },
      outputDir: "./out",
      fileOutput: false,
      strict: true,
      strictEnvironment: true,
      environmentLimits: {
        backgroundPercent: 1,
        stealPercent: 2,
        memoryPressurePercent: 3.5,
        disturbedPercent: 100,
      },
      assertions: [{ metric: "throughput", loadTps: 5, order: ">", amount: -5, unit: "%", relative: true }],
      baseline: resolve("./before"),
      faults: 2,
      crashRecovery: true,
      crashIntervalSecs: 60.5,
      failover: true,
      allowNoQuorum: true,
      limits: { latenessFloorMs: 5, latenessRatio: 0.2, achievedRatio: 0.9 },
    });
  });

  test("all faults are told at once, and faulty parameters stand at their defaults", () => {
    const { parameters, diagnostics } = check({
      loads: "100,,abc",
      duration: "5s",
      transactionSize: 5,
      committee: 3,
      cleanup: "perhaps",
      runtime: "podman",
    });
    expect(diagnostics.map(({ message }) => message.split(".")[0]).sort()).toEqual(
      [
        "committee: 3 nodes tolerate f = 0 faults; a committee of at least 4 tolerates 1",
        'cleanup: "perhaps" is neither true nor false',
        'duration: "5s" is not a number',
        'loads: item 2 of "100,,abc" is empty',
        'loads: item 3, "abc", is not a number',
        'runtime: "podman" is not a known value',
        "transactionSize: 5 is below the minimum of 18 bytes",
      ].sort(),
    );
    expect(parameters).toMatchObject({
      loadsTps: [100, 200, 500],
      durationSecs: 180,
      transactionSizeBytes: 512,
      runtime: "auto",
    });
  });

  const tooFew = (subject: string) =>
    `committee: ${subject} f = 0 faults; a committee of at least 4 tolerates 1. Use more nodes, or pass --allow-no-faults to continue.`;
  const noQuorum = "without a quorum nothing commits.";
  test.each<[string, Values, string[]]>([
    ["a committee of one", { committee: 1 }, [tooFew("1 node tolerates")]],
    ["a committee of three", { committee: "3" }, [tooFew("3 nodes tolerate")]],
    ["a committee of three that is allowed", { committee: 3, allowNoFaults: true }, []],
    ["a committee of one that is allowed", { committee: 1, allowNoFaults: "yes" }, []],
    ["a committee of four", { committee: 4 }, []],
    [
      "a committee above the maximum",
      { committee: 129 },
      ["committee: 129 is above the maximum of 128 nodes. Give a whole number of nodes from 1 to 128."],
    ],
    [
      "a faulty committee that is overridden is told too",
      { localCommittee: 4, committee: "x" },
      ['committee: "x" is not a number. Give a whole number of nodes from 1 to 128, without a unit.'],
    ],
    [
      "a transaction above the body limit",
      { transactionSize: 1_000_001 },
      [
        "transactionSize: 1000001 is above the maximum of 1,000,000 bytes. Give a whole number of bytes from 18 to 1,000,000.",
      ],
    ],
    ["a duration of more than a week", { duration: 604_801 }, [expect.stringContaining("above the maximum")]],
    ["no transactions", { numTransactions: 0 }, [expect.stringContaining("below the minimum of 1")]],
    [
      "both networks",
      { networkType: "both" },
      [expect.stringMatching(/^networkType: "both" means two sweeps.* Use local or remote\.$/)],
    ],
    [
      "faulty values for hosts, which a local network does not use",
      { hostKeyPolicy: "lax", sshTimeout: 0, rpcVia: "smoke", nodeCpus: "many" },
      [
        'hostKeyPolicy: "lax" is not a known value. Give strict, accept-new or insecure.',
        "sshTimeout: 0 is not above 0. Give a number of seconds above 0 and up to 3,600.",
        'rpcVia: "smoke" is not a known value. Give direct or ssh.',
        expect.stringContaining('nodeCpus: "many" is not a number.'),
      ],
    ],
    [
      "hosts of a flag, which a local network does not use",
      { hosts: "hosts.env" },
      ["hosts: a local network has no hosts. Add --network-type remote, or remove it."],
    ],
    ["as many faults as are tolerated", { faults: "2", committee: 7 }, []],
    [
      "more faults than are tolerated",
      { faults: 2 },
      [
        `faults: 2 is more than the f = 1 crashed nodes that a committee of 4 tolerates; ${noQuorum} Use at most 1, or a committee of at least 7, or pass --allow-no-quorum to continue.`,
      ],
    ],
    [
      "a fault where none is tolerated",
      { faults: 1, committee: 3, allowNoFaults: true },
      [
        `faults: 1 is more than the f = 0 crashed nodes that a committee of 3 tolerates; ${noQuorum} Give 0, or a committee of at least 4, or pass --allow-no-quorum to continue.`,
      ],
    ],
    ["more faults than are tolerated, allowed", { faults: 4, allowNoQuorum: true }, []],
    [
      "more faults than nodes, allowed or not",
      { faults: 5, allowNoQuorum: true },
      ["faults: 5 nodes are more than the committee of 4. Use at most 1, or a larger committee."],
    ],
    [
      "recovery of nobody",
      { crashRecovery: "yes" },
      ["crashRecovery: no node crashes, so none can recover. Set the number with --faults, or remove it."],
    ],
    ["an interval without recovery", { faults: 1, crashInterval: 500 }, []],
    [
      "an interval as long as the window",
      { faults: 1, crashRecovery: true, crashInterval: 10, duration: 10 },
      [
        "crashInterval: nodes that recover after 10 s do not recover within a window of 10 s. Use a --crash-interval below 10, or a longer window.",
      ],
    ],
    [
      "the usual interval in a window that is shorter, at one of the loads",
      { faults: 1, crashRecovery: true, loads: "10,100", numTransactions: 1000 },
      [
        "crashRecovery: nodes that recover after 60 s do not recover within a window of 10 s. Use a --crash-interval below 10, or a longer window.",
      ],
    ],
    [
      "more crashes than can be told apart",
      { faults: 1, crashRecovery: true, crashInterval: 1, duration: 3600 },
      [
        "crashInterval: a crash every 1 s in a window of 3,600 s is more than the maximum of 100. Use a longer --crash-interval or a shorter window.",
      ],
    ],
    [
      "more leaders than nodes",
      { leadersPerRound: 5 },
      ["leadersPerRound: 5 leaders are more than the 4 nodes of the committee. Use at most 4."],
    ],
    [
      "a block larger than can be sent",
      { blockSize: 4_000_000 },
      [
        "blockSize: 4000000 is above the maximum of 3,145,728 bytes. Give a whole number of bytes from 1 to 3,145,728.",
      ],
    ],
    [
      "an unknown word",
      { logSync: "always" },
      ['logSync: "always" is not a known value. Give none, interval or block.'],
    ],
    [
      "a window without a transaction",
      { loads: "0.01", duration: 10 },
      ["loads: 0.01 tx/s schedules no transaction within 10 s. Use a higher load or a longer duration."],
    ],
    [
      "a window that is longer than a week",
      { loads: "1", numTransactions: 1_000_000 },
      [
        "loads: 1,000,000 transactions at 1 tx/s take longer than the maximum of 604,800 seconds. Use a higher load or fewer transactions.",
      ],
    ],
    [
      "faulty loads of the other network",
      { remoteLoads: "x" },
      [expect.stringContaining('remoteLoads: "x"')],
    ],
  ])("%s", (_, values, wanted) => {
    expect(messages(values)).toEqual(wanted);
  });

  test.each<[string, Values, string]>([
    ["no clean-up keeps it running", {}, "keep"],
    ["clean-up removes", { cleanup: true }, "remove"],
    ["thorough clean-up wins", { cleanup: true, cleanupThorough: true }, "thorough"],
    ["thorough clean-up can be taken back", { cleanup: true, cleanupThorough: false }, "remove"],
  ])("%s", (_, values, wanted) => {
    expect(check(values).parameters.cleanup).toBe(wanted);
  });

  const given = (value: unknown, rank: number) => ({ name: "x", value, rank });
  test.each<[string, GivenParameters, readonly number[], number]>([
    ["loads count before local loads", { loads: given(1, 0), localLoads: given(2, 0) }, [1], 4],
    [
      "local loads of a flag count before loads of a file",
      { loads: given(1, 2), localLoads: given(2, 0) },
      [2],
      4,
    ],
    ["remote loads do not count", { remoteLoads: given(3, 0) }, [100, 200, 500], 4],
    [
      "the local committee counts before the committee",
      { committee: given(5, 0), localCommittee: given(6, 0), remoteCommittee: given(7, 0) },
      [100, 200, 500],
      6,
    ],
    [
      "a committee of a flag counts before a local committee of a file",
      { committee: given(5, 0), localCommittee: given(6, 2) },
      [100, 200, 500],
      5,
    ],
  ])("%s", (_, values, loadsTps, committee) => {
    const { parameters, diagnostics } = checkParameters(values, protocol);
    expect(diagnostics).toEqual([]);
    expect(parameters).toMatchObject({ loadsTps, committee });
  });
});

describe("checkLocalNetwork", () => {
  test("1,000 transactions at 100 tx/s, without files", () => {
    const { parameters, diagnostics } = checkLocalNetwork({}, protocol);
    expect(diagnostics).toEqual([]);
    expect(parameters).toMatchObject({ loadsTps: [100], numTransactions: 1000, fileOutput: false });
  });

  test("an output folder makes it write files", () => {
    const values = givenFrom({ outputDir: "./out", transactionRate: "250", numTransactions: 7 });
    expect(checkLocalNetwork(values, protocol).parameters).toMatchObject({
      loadsTps: [250],
      numTransactions: 7,
      fileOutput: true,
      outputDir: "./out",
    });
  });

  test("one rate, not a list", () => {
    expect(checkLocalNetwork(givenFrom({ transactionRate: "100,200" }), protocol).diagnostics).toEqual([
      {
        code: "invalid-value",
        message:
          'transactionRate: "100,200" is not a number. Give a number of tx/s above 0 and up to 1,000,000, without a unit.',
      },
    ]);
  });
});

import { describe, expect, test } from "vitest";
import type { LoadProfile } from "../../../src/contracts/load/load-profile.ts";
import type { SweepParameters } from "../../../src/contracts/parameters.ts";
import { checkParameters, givenFrom } from "../../../src/options/checks/check.ts";
import { defaultSearch } from "../../../src/options/defaults.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";
import { Fields } from "../../../src/results/schema/fields.ts";
import {
  buildParametersJson,
  optionsOfKey,
  parseParametersJson,
} from "../../../src/results/schema/parameters.ts";
import { sweepParameters } from "../sample-results.ts";

/** Every parameter differs from its default. */
const others: SweepParameters = {
  networkType: "local",
  protocol: {
    name: "mysticeti",
    observesCommits: true,
    described: {
      file: "./m.yaml",
      sha256: "0".repeat(64),
      definition: { name: "mysticeti", b: [1], a: null },
    },
  },
  runtime: "process",
  program: { path: "/a b/node", image: "a/b:c" },
  committee: 7,
  loadsTps: [50.5, 100, 100],
  profile: { kind: "steps", levels: [0.5, 2] },
  runs: 3,
  durationSecs: 33,
  numTransactions: 1234,
  transactionSizeBytes: 600,
  warmUpSecs: 0,
  drainSecs: 3,
  requestTimeoutSecs: 4,
  maxInFlight: 15,
  queueLimit: 16,
  transport: { kind: "http-batch", inFlightPerConnection: 3, batchSize: 9 },
  arrival: "poisson",
  clients: 2,
  pacing: "precise",
  seed: "other 'seed'",
  startupWaitSecs: 7,
  cleanup: "thorough",
  keepNetwork: true,
  dockerComposePath: "/a b/compose.yml",
  rpcPort: 1234,
  rpcBasePort: 30_000,
  metricsBasePort: 30_100,
  rpcTls: { caFile: "/a b/ca.pem" },
  outputDir: "/results",
  fileOutput: true,
  limits: { latenessFloorMs: 9, latenessRatio: 0.5, achievedRatio: 0.5 },
  strict: true,
  strictEnvironment: true,
  environmentLimits: {
    backgroundPercent: 1.5,
    stealPercent: 7,
    memoryPressurePercent: 2,
    disturbedPercent: 3,
  },
  assertions: [
    { metric: "commit.p99", loadTps: 100, order: "<", amount: 0.5, unit: "s", relative: false },
    { metric: "throughput", order: ">", amount: -5, unit: "%", relative: true },
  ],
  baseline: "/results/before",
  faults: 1,
  crashRecovery: true,
  crashIntervalSecs: 2,
  failover: true,
  allowNoQuorum: true,
  protocolOptions: {
    minRoundDelayMs: 1,
    leaderTimeoutMs: 2,
    leadersPerRound: 3,
    blockSizeBytes: 4000,
    mempoolSizeTransactions: 5,
    logSync: "block",
  },
};

const searching: SweepParameters = { ...sweepParameters, loadsTps: [], search: defaultSearch };

const phases: LoadProfile = {
  kind: "phases",
  phases: [
    { name: "rise", durationSecs: 10.5, profile: { kind: "ramp", from: 0, to: 1 } },
    {
      name: "bursts",
      durationSecs: 10,
      profile: { kind: "bursts", base: 0.5, burst: 2, burstSecs: 1, periodSecs: 4 },
    },
    { name: "swing", durationSecs: 10, profile: { kind: "sine", from: 0.5, to: 1.5, periodSecs: 5 } },
  ],
};

const published = (parameters: SweepParameters) =>
  JSON.parse(JSON.stringify(buildParametersJson(parameters))) as Record<string, unknown>;

describe("parameters.json", () => {
  test.each([
    ["the defaults", sweepParameters],
    ["others throughout", others],
    ["a clean-up that keeps data", { ...others, cleanup: "remove" as const }],
    ["a search", { ...searching, search: { ...defaultSearch, latencyMs: 250.5, precisionRatio: 0.07 } }],
    ["a search on the usual terms", searching],
    ["phases", { ...sweepParameters, durationSecs: 30.5, profile: phases }],
    ["a closed loop", { ...sweepParameters, loadsTps: [16, 64], profile: { kind: "closed" as const } }],
    [
      "links and a timeline",
      {
        ...sweepParameters,
        links: { name: "l", document: { default: { delay: "5ms" } }, mechanism: "relay" as const },
        timeline: { name: "t", entries: [{ at: "1s", heal: "all" }], places: ["t.yaml:7"] },
      },
    ],
    ["a committee that tolerates no fault", { ...sweepParameters, committee: 2 }],
  ])("gives back what it was made from: %s", (_, parameters) => {
    const values = parseParametersJson(new Fields(published(parameters)));
    const { described } = parameters.protocol;
    const checked = checkParameters(
      givenFrom(values),
      described === undefined ? mysticeti : { ...mysticeti, described },
    );
    expect(checked.diagnostics).toEqual([]);
    expect(published(checked.parameters)).toEqual(published(parameters));
  });

  test("has an option for each of its keys but its schema", () => {
    const documents = { ...published(others), ...published(searching) };
    const keys = Object.keys(documents).filter((key) => key !== "schema");
    for (const key of keys) expect(optionsOfKey(key), key).not.toEqual([]);
  });
});

test("of loads that nodes make only what had an effect is kept, and it is read back as it was", () => {
  const definition = { load: { by: "nodes" } };
  const limits = { ...mysticeti, native: true, described: { definition } } as const;
  const given = { loads: [100], runs: 2, warmUp: 1, achievedRatio: 0.5, strictEnvironment: true };
  const { parameters, diagnostics } = checkParameters(givenFrom({ ...given, runtime: "process" }), limits);
  expect(diagnostics).toEqual([]);
  const document = JSON.parse(JSON.stringify(buildParametersJson(parameters)));
  expect(document).toMatchObject({ generator: "native", limits: { achieved_ratio: 0.5 } });
  for (const key of ["transport", "clients", "profile", "faults", "seed", "drain_secs", "keep_network"]) {
    expect(document).not.toHaveProperty(key);
  }
  const { protocol, ...values } = parseParametersJson(new Fields(document));
  expect(protocol).toEqual(parameters.protocol);
  expect(checkParameters(givenFrom(values), limits)).toEqual({ parameters, diagnostics: [] });
  const { generator, ...earlier } = document;
  expect(() => parseParametersJson(new Fields(earlier))).toThrow(/earlier version/);
});

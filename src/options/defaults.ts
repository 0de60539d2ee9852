/** Defaults of every parameter that has one. */
export const defaultParameters = {
  networkType: "local",
  protocol: { name: "mysticeti", observesCommits: true },
  runtime: "auto",
  committee: 4,
  localLoadsTps: [100, 200, 500],
  remoteLoadsTps: [50, 100, 200],
  profile: { kind: "constant", level: 1 },
  runs: 1,
  durationSecs: 180,
  transactionSizeBytes: 512,
  drainSecs: 30,
  requestTimeoutSecs: 10,
  maxInFlight: 1024,
  queueLimit: 65_536,
  transport: { kind: "http", inFlightPerConnection: 1, batchSize: 1 },
  arrival: "constant",
  clients: "auto",
  pacing: "auto",
  seed: "baleen",
  startupWaitSecs: 30,
  cleanup: "keep",
  keepNetwork: false,
  rpcPort: 26_657,
  outputDir: "./benchmarks",
  fileOutput: true,
  consoleOutput: true,
  limits: { latenessFloorMs: 2, latenessRatio: 0.1, achievedRatio: 0.99 },
  strict: false,
  strictEnvironment: false,
  environmentLimits: {
    backgroundPercent: 10,
    stealPercent: 5,
    memoryPressurePercent: 10,
    disturbedPercent: 10,
  },
  assertions: [],
  faults: 0,
  crashRecovery: false,
  crashIntervalSecs: 60,
  failover: false,
  allowNoQuorum: false,
  /** None is given: those of the protocol itself. */
  protocolOptions: {},
} as const;

/** Transactions in a request of `http-batch`: as many as CometBFT takes by default. */
export const defaultBatchSize = 10;

/** Defaults of a search. */
export const defaultSearch = {
  fromTps: 100,
  toTps: 1_000_000,
  precisionRatio: 0.05,
  efficiencyRatio: 0.98,
  backlogGrowthRatio: 0.02,
} as const;

/** Defaults of remote networks, where they differ or are more. */
export const defaultRemote = {
  hostKeyPolicy: "strict",
  sshTimeoutSecs: 30,
  rpcVia: "direct",
  clientPlacement: "coordinator",
  pull: false,
} as const;

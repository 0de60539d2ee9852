import type { Cleanup } from "../contracts/deployment.ts";
import type { Protocol, TransactionFormat } from "../contracts/protocol.ts";
import type { Fault } from "../core/errors.ts";
import { checkCrashInterval, readCrashFaults } from "./crash-faults.ts";
import { defaultParameters, type SweepParameters } from "./parameters.ts";
import { formatCount, type Given, number, openReader, type Reader } from "./rule.ts";
import { type ParameterName, rules } from "./rules.ts";

/** What was given of a sweep's parameters, unchecked. */
export type GivenParameters = Readonly<Partial<Record<ParameterName, Given>>>;

/** What the checks must know of the system under test; a Protocol is one. */
export interface ProtocolLimits extends Pick<Protocol, "toleratedFaults"> {
  readonly transactions: Pick<TransactionFormat, "smallestBytes" | "largestBytes">;
}

export interface CheckedParameters {
  /** Faulty ones stand at their defaults, so that the environment can be checked all the same. */
  readonly parameters: SweepParameters;
  /** All of them. Nothing may be started unless this is empty. */
  readonly faults: readonly Fault[];
}

/** Plain values of a library's caller, named as they are: `{ loads: [100, 200], duration: 10 }`. */
export function givenFrom(values: Readonly<Partial<Record<ParameterName, unknown>>>): GivenParameters {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, { name, value, rank: 0 }]),
  );
}

/** Of two ways to say one thing, the nearer given; of equally near ones the first. */
function nearer(first: Given | undefined, second: Given | undefined): Given | undefined {
  if (first === undefined) return second;
  return second !== undefined && second.rank < first.rank ? second : first;
}

/**
 * Checks everything that was given of a sweep and fills in the defaults.
 *
 * @param given values by the option's name in camel case, each with the name its giver used
 * @param protocol the system under test, for the limits of a transaction's size and the committee
 */
export function checkParameters(given: GivenParameters, protocol: ProtocolLimits): CheckedParameters {
  const reader = openReader();
  const { read, faults } = reader;
  checkAvailable(given, reader);
  const committee = readCommittee(given, protocol, reader);
  const { smallestBytes, largestBytes } = protocol.transactions;
  const size = number({ unit: "bytes", whole: true, atLeast: smallestBytes, atMost: largestBytes });
  const parameters: SweepParameters = {
    networkType: "local",
    runtime: read(rules.runtime, given.runtime, defaultParameters.runtime),
    committee,
    loadsTps: readLoads(given, reader),
    durationSecs: read(rules.duration, given.duration, defaultParameters.durationSecs),
    numTransactions: read(rules.numTransactions, given.numTransactions, undefined),
    transactionSizeBytes: read(size, given.transactionSize, defaultParameters.transactionSizeBytes),
    warmUpSecs: read(rules.warmUp, given.warmUp, undefined),
    drainSecs: read(rules.drain, given.drain, defaultParameters.drainSecs),
    requestTimeoutSecs: read(
      rules.requestTimeout,
      given.requestTimeout,
      defaultParameters.requestTimeoutSecs,
    ),
    maxInFlight: read(rules.maxInFlight, given.maxInFlight, defaultParameters.maxInFlight),
    queueLimit: read(rules.queueLimit, given.queueLimit, defaultParameters.queueLimit),
    arrival: read(rules.arrival, given.arrival, defaultParameters.arrival),
    seed: read(rules.seed, given.seed, defaultParameters.seed),
    startupWaitSecs: read(rules.startupWait, given.startupWait, defaultParameters.startupWaitSecs),
    cleanup: readCleanup(given, reader),
    keepNetwork: read(rules.keepNetwork, given.keepNetwork, defaultParameters.keepNetwork),
    dockerComposePath: read(rules.dockerComposePath, given.dockerComposePath, undefined),
    rpcPort: read(rules.rpcPort, given.rpcPort, defaultParameters.rpcPort),
    outputDir: read(rules.outputDir, given.outputDir, defaultParameters.outputDir),
    fileOutput: read(rules.fileOutput, given.fileOutput, defaultParameters.fileOutput),
    limits: readLimits(given, reader),
    strict: read(rules.strict, given.strict, defaultParameters.strict),
    ...readCrashFaults(given, { nodes: committee, toleratedFaults: protocol.toleratedFaults }, reader),
    protocolOptions: readProtocolOptions(given, committee, reader),
  };
  checkWindows(given, parameters, faults);
  checkCrashInterval(given, parameters, reader);
  return { parameters, faults };
}

/**
 * The same for `local-network`: one load (transactionRate, 100) of numTransactions (1,000), and no bundle
 * unless an output folder is given.
 */
export function checkLocalNetwork(given: GivenParameters, protocol: ProtocolLimits): CheckedParameters {
  const reader = openReader();
  const rate = reader.read(rules.transactionRate, given.transactionRate, 100);
  const { parameters, faults } = checkParameters(
    {
      numTransactions: { name: "num-transactions", value: 1000, rank: 3 },
      fileOutput: { name: "file-output", value: given.outputDir !== undefined, rank: 3 },
      ...given,
      loads: { name: given.transactionRate?.name ?? "transaction-rate", value: rate, rank: 0 },
    },
    protocol,
  );
  return { parameters, faults: [...reader.faults, ...faults] };
}

/** Flags that are known, but whose work is not in this version. */
function checkAvailable(given: GivenParameters, { read, faults }: Reader): void {
  const type = read(rules.networkType, given.networkType, "local");
  if (type === "local") return;
  const name = given.networkType?.name ?? "networkType";
  const message = `${name}: "${type}": remote networks are not available yet in this version.`;
  faults.push({ code: "not-available", message });
}

function readCommittee(given: GivenParameters, protocol: ProtocolLimits, { read, faults }: Reader): number {
  const chosen = nearer(given.localCommittee, given.committee);
  for (const other of [given.committee, given.localCommittee, given.remoteCommittee]) {
    if (other !== chosen) read(rules.committee, other, undefined);
  }
  const nodes = read(rules.committee, chosen, defaultParameters.committee);
  const allowed = read(rules.allowNoFaults, given.allowNoFaults, false);
  if (protocol.toleratedFaults(nodes) >= 1 || allowed) return nodes;
  const smallest = Array.from({ length: 128 }, (_, index) => index + 1).find(
    (count) => protocol.toleratedFaults(count) >= 1,
  );
  const subject = nodes === 1 ? "1 node tolerates" : `${nodes} nodes tolerate`;
  faults.push({
    code: "too-few-nodes",
    message: `${chosen?.name ?? "committee"}: ${subject} f = 0 faults; a committee of at least ${smallest ?? "?"} tolerates 1. Give more nodes, or pass --allow-no-faults to go on.`,
  });
  return nodes;
}

function readLoads(given: GivenParameters, { read }: Reader): readonly number[] {
  const chosen = nearer(given.loads, given.localLoads);
  for (const other of [given.loads, given.localLoads, given.remoteLoads]) {
    if (other !== chosen) read(rules.loads, other, undefined);
  }
  return read(rules.loads, chosen, defaultParameters.localLoadsTps);
}

function readCleanup(given: GivenParameters, { read }: Reader): Cleanup {
  const remove = read(rules.cleanup, given.cleanup, false);
  const thorough = read(rules.cleanupThorough, given.cleanupThorough, false);
  return thorough ? "thorough" : remove ? "remove" : defaultParameters.cleanup;
}

function readLimits(given: GivenParameters, { read }: Reader): SweepParameters["limits"] {
  const { latenessFloorMs, latenessRatio, achievedRatio } = defaultParameters.limits;
  return {
    latenessFloorMs: read(rules.latenessFloorMs, given.latenessFloorMs, latenessFloorMs),
    latenessRatio: read(rules.latenessRatio, given.latenessRatio, latenessRatio),
    achievedRatio: read(rules.achievedRatio, given.achievedRatio, achievedRatio),
  };
}

function readProtocolOptions(
  given: GivenParameters,
  committee: number,
  { read, faults }: Reader,
): SweepParameters["protocolOptions"] {
  const usual = defaultParameters.protocolOptions;
  const usualLeaders = Math.min(usual.leadersPerRound, committee);
  const leaders = read(rules.leadersPerRound, given.leadersPerRound, usualLeaders);
  if (leaders > committee) {
    faults.push({
      code: "invalid-value",
      message: `${given.leadersPerRound?.name ?? "leadersPerRound"}: ${leaders} leaders are more than the ${committee} nodes of the committee. Give at most ${committee}.`,
    });
  }
  return {
    minRoundDelayMs: read(rules.minRoundDelay, given.minRoundDelay, usual.minRoundDelayMs),
    leaderTimeoutMs: read(rules.leaderTimeout, given.leaderTimeout, usual.leaderTimeoutMs),
    leadersPerRound: leaders,
    blockSizeBytes: read(rules.blockSize, given.blockSize, usual.blockSizeBytes),
    mempoolSizeTransactions: read(rules.mempoolSize, given.mempoolSize, usual.mempoolSizeTransactions),
    logSync: read(rules.logSync, given.logSync, usual.logSync),
  };
}

/** A window must hold a transaction, and end within the longest duration. */
function checkWindows(given: GivenParameters, parameters: SweepParameters, faults: Fault[]): void {
  const { numTransactions, durationSecs } = parameters;
  const loadName = nearer(given.loads, given.localLoads)?.name ?? "loads";
  const longestSecs = 604_800;
  for (const loadTps of new Set(parameters.loadsTps)) {
    if (numTransactions === undefined && loadTps * durationSecs < 1) {
      faults.push({
        code: "invalid-value",
        message: `${loadName}: ${loadTps} tx/s schedules no transaction within ${durationSecs} s. Give a higher load or a longer duration.`,
      });
    }
    if (numTransactions !== undefined && numTransactions / loadTps > longestSecs) {
      faults.push({
        code: "invalid-value",
        message: `${loadName}: ${formatCount(numTransactions)} transactions at ${loadTps} tx/s take longer than the maximum of ${formatCount(longestSecs)} seconds. Give a higher load or fewer transactions.`,
      });
    }
  }
}

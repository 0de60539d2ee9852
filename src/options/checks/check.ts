import type { Cleanup } from "../../contracts/deployment.ts";
import type { SweepParameters } from "../../contracts/parameters.ts";
import type { ProtocolLimits } from "../../contracts/protocol-choice.ts";
import type { HostSources } from "../hosts/description.ts";
import { defaultParameters } from "../parameters.ts";
import { number } from "../rules/number.ts";
import { chosenProtocol } from "../rules/protocol-choice.ts";
import { nearer, openReader, type Reader } from "../rules/rule.ts";
import { type ParameterName, rules } from "../rules/rules.ts";
import { readAssertions } from "./assertions.ts";
import { checkClients } from "./clients.ts";
import { checkCrashInterval, readCrashFaults } from "./crash-faults.ts";
import { readEnvironmentLimits } from "./environment-limits.ts";
import type { CheckedParameters, GivenParameters } from "./given.ts";
import { checkLoadShape, namesInFlight, readLoadShape } from "./load-profile.ts";
import { refuseBothForNativeLoad, refuseForNativeLoad } from "./native-load.ts";
import { checkProgram, readProgram } from "./program.ts";
import { readProtocolOptions } from "./protocol-options.ts";
import { checkLocalOnly, checkRemoteOnly, readRemote } from "./remote.ts";
import { readRpcTls } from "./rpc-tls.ts";
import { checkSearch, readSearch, refuseSearch } from "./search.ts";
import { readTransport } from "./transport.ts";
import { checkWindows } from "./windows.ts";

export type { ProtocolLimits } from "../../contracts/protocol-choice.ts";

/** Plain values of a library's caller, named as they are: `{ loads: [100, 200], duration: 10 }`. */
export function givenFrom(values: Readonly<Partial<Record<ParameterName, unknown>>>): GivenParameters {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, { name, value, rank: 0 }]),
  );
}

/** Hosts that nobody described. */
const nowhere: HostSources = { environment: {}, home: "" };

/**
 * Checks everything that was given of a sweep and fills in the defaults.
 *
 * @param given values by the option's name in camel case, each with the name its giver used
 * @param protocol the system under test: what it is called, what its options and transactions may be, what it tolerates
 * @param hosts where the hosts of a remote network are described
 */
export function checkParameters(
  given: GivenParameters,
  protocol: ProtocolLimits,
  hosts: HostSources = nowhere,
): CheckedParameters {
  const reader = openReader();
  const type = reader.read(rules.networkType, given.networkType, defaultParameters.networkType);
  if (type === "both") {
    const name = given.networkType?.name ?? "networkType";
    const message = `${name}: "both" stands for two sweeps, and here is only one. Give local or remote.`;
    reader.diagnostics.push({ code: "contradiction", message });
  }
  const side = type === "remote" ? "remote" : "local";
  if (side === "remote") checkRemoteOnly(given, reader);
  else if (type === "local") checkLocalOnly(given, reader);
  checkProgram(given, { protocol, side }, reader);
  return checkSide(given, { side, protocol, hosts }, reader);
}

/**
 * The same for a sweep over both networks with one list of loads, `loads`, else the remote ones, and one pacing. Diagnostics
 * that concern both are told for each.
 */
export function checkBoth(
  given: GivenParameters,
  protocol: ProtocolLimits,
  hosts: HostSources = nowhere,
): { readonly local: CheckedParameters; readonly remote: CheckedParameters } {
  const usual = { name: "remoteLoads", value: defaultParameters.remoteLoadsTps, rank: 3 };
  const chosen = nearer(given.loads, given.remoteLoads);
  const localReader = openReader();
  const loads = chosen ?? (namesInFlight(given) ? undefined : usual);
  if (protocol.native !== undefined) refuseBothForNativeLoad(given, localReader);
  const list = loads === undefined ? {} : { loads: { ...loads, rank: 0 } };
  const shared = { ...refuseSearch(given, localReader), ...list };
  return {
    local: withOnePacing(checkSide(shared, { side: "local", protocol, hosts }, localReader)),
    remote: withOnePacing(checkSide(shared, { side: "remote", protocol, hosts }, openReader())),
  };
}

/** Sweeps that are to be compared wait alike: as clients do that share a machine with the local nodes. */
function withOnePacing({ parameters, diagnostics }: CheckedParameters): CheckedParameters {
  const pacing = parameters.pacing === "auto" ? "balanced" : parameters.pacing;
  return { parameters: { ...parameters, pacing }, diagnostics };
}

interface Side {
  readonly side: "local" | "remote";
  readonly protocol: ProtocolLimits;
  readonly hosts: HostSources;
}

function checkSide(
  given: GivenParameters,
  { side, protocol, hosts }: Side,
  reader: Reader,
): CheckedParameters {
  const { read, diagnostics } = reader;
  const remote = side === "remote";
  if (protocol.native !== undefined) refuseForNativeLoad(given, reader);
  const committee = readCommittee(given, { side, protocol }, reader);
  const { smallestBytes: atLeast, largestBytes: atMost, impossibleBytes: except } = protocol.transactions;
  const size = number({ unit: "bytes", whole: true, atLeast, atMost, except });
  const runtime = read(rules.runtime, given.runtime, defaultParameters.runtime);
  const search = readSearch(given, reader);
  const hostsGiven = remote ? readRemote(given, { hosts, committee }, reader) : undefined;
  const dockerComposePath = read(rules.dockerComposePath, given.dockerComposePath, undefined);
  const { profile, durationSecs, inFlight } = readLoadShape(given, reader);
  const loadsTps = search === undefined ? (inFlight ?? readLoads(given, side, reader)) : [];
  const parameters: SweepParameters = {
    networkType: side,
    protocol: chosenProtocol(protocol),
    ...(hostsGiven === undefined ? {} : { remote: hostsGiven }),
    runtime: remote ? "docker" : runtime,
    committee,
    loadsTps,
    runs: read(rules.runs, given.runs, defaultParameters.runs),
    search,
    profile,
    durationSecs,
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
    transport: readTransport(given, protocol, reader),
    arrival: read(rules.arrival, given.arrival, defaultParameters.arrival),
    clients: read(rules.clients, given.clients, defaultParameters.clients),
    pacing: read(rules.pacing, given.pacing, defaultParameters.pacing),
    seed: read(rules.seed, given.seed, defaultParameters.seed),
    startupWaitSecs: read(rules.startupWait, given.startupWait, defaultParameters.startupWaitSecs),
    cleanup: readCleanup(given, reader),
    keepNetwork: read(rules.keepNetwork, given.keepNetwork, defaultParameters.keepNetwork),
    dockerComposePath: remote ? undefined : dockerComposePath,
    ...readRpcTls(given, hostsGiven, reader),
    rpcPort: read(rules.rpcPort, given.rpcPort, defaultParameters.rpcPort),
    outputDir: read(rules.outputDir, given.outputDir, defaultParameters.outputDir),
    fileOutput: read(rules.fileOutput, given.fileOutput, defaultParameters.fileOutput),
    limits: readLimits(given, reader),
    strict: read(rules.strict, given.strict, defaultParameters.strict),
    ...readEnvironmentLimits(given, reader),
    ...readAssertions(given, { protocol: chosenProtocol(protocol), loadsTps, profile, search }, reader),
    ...readCrashFaults(given, { nodes: committee, toleratedFaults: protocol.toleratedFaults }, reader),
    ...readProgram(given, protocol, reader),
    protocolOptions: readProtocolOptions(given, { protocol, committee, side }, reader),
  };
  checkLoadShape(given, parameters, reader);
  checkWindows(given, parameters, diagnostics);
  checkClients(given, parameters, diagnostics);
  checkSearch(given, parameters, reader);
  checkCrashInterval(given, parameters, reader);
  return { parameters, diagnostics };
}

function readCommittee(
  given: GivenParameters,
  { side, protocol }: Omit<Side, "hosts">,
  { read, diagnostics }: Reader,
): number {
  const own = side === "remote" ? given.remoteCommittee : given.localCommittee;
  const chosen = nearer(own, given.committee);
  for (const other of [given.committee, given.localCommittee, given.remoteCommittee]) {
    if (other !== chosen) read(rules.committee, other, undefined);
  }
  const nodes = read(rules.committee, chosen, defaultParameters.committee);
  const allowed = read(rules.allowNoFaults, given.allowNoFaults, false);
  if (protocol.toleratedFaults(nodes) >= 1 || allowed) return nodes;
  const smallest = Array.from({ length: 128 }, (_, index) => index + 1).find(
    (count) => protocol.toleratedFaults(count) >= 1,
  );
  // Of a system that never tolerates one, no committee is too small.
  if (smallest === undefined) return nodes;
  const subject = nodes === 1 ? "1 node tolerates" : `${nodes} nodes tolerate`;
  diagnostics.push({
    code: "too-few-nodes",
    message: `${chosen?.name ?? "committee"}: ${subject} f = 0 faults; a committee of at least ${smallest} tolerates 1. Give more nodes, or pass --allow-no-faults to go on.`,
  });
  return nodes;
}

function readLoads(given: GivenParameters, side: Side["side"], { read }: Reader): readonly number[] {
  const chosen = nearer(given.loads, side === "remote" ? given.remoteLoads : given.localLoads);
  for (const other of [given.loads, given.localLoads, given.remoteLoads]) {
    if (other !== chosen) read(rules.loads, other, undefined);
  }
  const usual = side === "remote" ? defaultParameters.remoteLoadsTps : defaultParameters.localLoadsTps;
  return read(rules.loads, chosen, usual);
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

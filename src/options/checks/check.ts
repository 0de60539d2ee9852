import type { Cleanup } from "../../contracts/deployment.ts";
import type { SweepParameters } from "../../contracts/parameters.ts";
import type { ProtocolLimits } from "../../contracts/protocol-choice.ts";
import { defaultParameters } from "../defaults.ts";
import type { HostSources } from "../hosts/description.ts";
import { number } from "../rules/number.ts";
import { chosenProtocol, nodesMakeLoad } from "../rules/protocol-choice.ts";
import { nearer } from "../rules/rule.ts";
import { type ParameterName, rules } from "../rules/rules.ts";
import { readAssertions } from "./assertions.ts";
import { checkClients } from "./clients.ts";
import { checkCrashInterval, readCrashFaults } from "./crash-faults.ts";
import {
  type CheckedParameters,
  type GivenParameters,
  openParameters,
  type ParameterReader,
} from "./given.ts";
import { readLabels } from "./labels.ts";
import { readLinks } from "./links.ts";
import { checkLoadShape, namesInFlight, readLoadShape } from "./load-profile.ts";
import { refuseBothForNativeLoad, refuseForNativeLoad } from "./native-load.ts";
import { checkProgram, readProgram } from "./program.ts";
import { readProtocolOptions } from "./protocol-options.ts";
import { checkLocalOnly, checkRemoteOnly, readRemote } from "./remote.ts";
import { checkSearch, readSearch, refuseSearch } from "./search.ts";
import { readRpcTls, readTransport } from "./transport.ts";
import { checkWindows } from "./windows.ts";

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
  const reader = openParameters(given);
  const type = reader.take("networkType", defaultParameters.networkType);
  if (type === "both") {
    const why = '"both" means two sweeps, but this command runs one. Use local or remote.';
    reader.refuse("networkType", why);
  }
  const side = type === "remote" ? "remote" : "local";
  if (side === "remote") checkRemoteOnly(reader);
  else if (type === "local") checkLocalOnly(reader);
  checkProgram({ protocol, side }, reader);
  return checkSide({ side, protocol, hosts, defaultsOf: side }, reader);
}

/**
 * Checks a sweep over both networks with one list of loads, `loads`, else the remote ones, one pacing, and the
 * protocol's defaults for hosts: what differs is where the nodes are. Diagnostics that concern both are told for each.
 */
export function checkBoth(
  given: GivenParameters,
  protocol: ProtocolLimits,
  hosts: HostSources = nowhere,
): { readonly local: CheckedParameters; readonly remote: CheckedParameters } {
  const usual = { name: "remoteLoads", value: defaultParameters.remoteLoadsTps, rank: 3 };
  const chosen = nearer(given.loads, given.remoteLoads);
  const localReader = openParameters(given);
  const loads = chosen ?? (namesInFlight(given) ? undefined : usual);
  if (nodesMakeLoad(protocol)) refuseBothForNativeLoad(localReader);
  const list = loads === undefined ? {} : { loads: { ...loads, rank: 0 } };
  const shared = { ...refuseSearch(localReader), ...list };
  const checkOne = (side: Side["side"], reader: ParameterReader) =>
    withOnePacing(checkSide({ side, protocol, hosts, defaultsOf: "remote" }, reader));
  return {
    local: checkOne("local", openParameters(shared, localReader)),
    remote: checkOne("remote", openParameters(shared)),
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
  /** Where the nodes are whose defaults the protocol's options have. */
  readonly defaultsOf: "local" | "remote";
}

function checkSide({ side, protocol, hosts, defaultsOf }: Side, reader: ParameterReader): CheckedParameters {
  const { given, read, take } = reader;
  const remote = side === "remote";
  if (nodesMakeLoad(protocol)) refuseForNativeLoad(reader, protocol);
  const committee = readCommittee({ side, protocol }, reader);
  const { smallestBytes: atLeast, largestBytes: atMost, impossibleBytes: except } = protocol.transactions;
  const size = number({ unit: "bytes", whole: true, atLeast, atMost, except });
  const runtime = take("runtime", defaultParameters.runtime);
  const search = readSearch(reader);
  const hostsGiven = remote ? readRemote({ hosts, committee }, reader) : undefined;
  const dockerComposePath = take("dockerComposePath", undefined);
  const rpcBasePort = take("rpcBasePort", undefined);
  const metricsBasePort = take("metricsBasePort", undefined);
  const { profile, durationSecs, inFlight } = readLoadShape(reader);
  const loadsTps = search === undefined ? (inFlight ?? readLoads(side, reader)) : [];
  const parameters: SweepParameters = {
    networkType: side,
    ...readLabels(reader),
    protocol: chosenProtocol(protocol),
    ...(hostsGiven === undefined ? {} : { remote: hostsGiven }),
    runtime: remote ? "docker" : runtime,
    committee,
    loadsTps,
    runs: take("runs", defaultParameters.runs),
    search,
    profile,
    durationSecs,
    numTransactions: take("numTransactions", undefined),
    transactionSizeBytes: read(size, given.transactionSize, defaultParameters.transactionSizeBytes),
    warmUpSecs: take("warmUp", undefined),
    drainSecs: take("drain", defaultParameters.drainSecs),
    requestTimeoutSecs: take("requestTimeout", defaultParameters.requestTimeoutSecs),
    maxInFlight: take("maxInFlight", defaultParameters.maxInFlight),
    queueLimit: take("queueLimit", defaultParameters.queueLimit),
    transport: readTransport(protocol, reader),
    arrival: take("arrival", defaultParameters.arrival),
    clients: take("clients", defaultParameters.clients),
    pacing: take("pacing", defaultParameters.pacing),
    seed: take("seed", defaultParameters.seed),
    startupWaitSecs: take("startupWait", defaultParameters.startupWaitSecs),
    cleanup: readCleanup(reader),
    keepNetwork: take("keepNetwork", defaultParameters.keepNetwork),
    dockerComposePath: remote ? undefined : dockerComposePath,
    ...readRpcTls(hostsGiven, reader),
    rpcPort: take("rpcPort", defaultParameters.rpcPort),
    rpcBasePort: remote ? undefined : rpcBasePort,
    metricsBasePort: remote ? undefined : metricsBasePort,
    outputDir: take("outputDir", defaultParameters.outputDir),
    fileOutput: take("fileOutput", defaultParameters.fileOutput),
    ...readLimits(reader),
    ...readAssertions({ protocol: chosenProtocol(protocol), loadsTps, profile, search }, reader, protocol),
    ...readCrashFaults({ nodes: committee, toleratedFaults: protocol.toleratedFaults }, reader),
    ...readLinks(reader),
    ...readProgram(protocol, reader),
    protocolOptions: readProtocolOptions({ protocol, committee, defaultsOf }, reader),
  };
  checkLoadShape(parameters, reader);
  checkWindows(parameters, reader);
  checkClients(parameters, reader);
  checkSearch(parameters, reader);
  checkCrashInterval(parameters, reader);
  return { parameters, diagnostics: reader.diagnostics };
}

function readCommittee(
  { side, protocol }: Pick<Side, "side" | "protocol">,
  { given, read, take, refuse }: ParameterReader,
): number {
  const own = side === "remote" ? given.remoteCommittee : given.localCommittee;
  const chosen = nearer(own, given.committee);
  for (const other of [given.committee, given.localCommittee, given.remoteCommittee]) {
    if (other !== chosen) read(rules.committee, other, undefined);
  }
  const nodes = read(rules.committee, chosen, defaultParameters.committee);
  const allowed = take("allowNoFaults", false);
  if (protocol.toleratedFaults(nodes) >= 1 || allowed) return nodes;
  const smallest = Array.from({ length: 128 }, (_, index) => index + 1).find(
    (count) => protocol.toleratedFaults(count) >= 1,
  );
  // Of a system that never tolerates one, no committee is too small.
  if (smallest === undefined) return nodes;
  const subject = nodes === 1 ? "1 node tolerates" : `${nodes} nodes tolerate`;
  const why = `${subject} f = 0 faults; a committee of at least ${smallest} tolerates 1. Use more nodes, or pass --allow-no-faults to continue.`;
  refuse(chosen ?? "committee", why, "too-few-nodes");
  return nodes;
}

function readLoads(side: Side["side"], { given, read }: ParameterReader): readonly number[] {
  const chosen = nearer(given.loads, side === "remote" ? given.remoteLoads : given.localLoads);
  for (const other of [given.loads, given.localLoads, given.remoteLoads]) {
    if (other !== chosen) read(rules.loads, other, undefined);
  }
  const usual = side === "remote" ? defaultParameters.remoteLoadsTps : defaultParameters.localLoadsTps;
  return read(rules.loads, chosen, usual);
}

function readCleanup({ take }: ParameterReader): Cleanup {
  const remove = take("cleanup", false);
  const thorough = take("cleanupThorough", false);
  return thorough ? "thorough" : remove ? "remove" : defaultParameters.cleanup;
}

/** What a run must keep to, how much of what is not its own the machines may have, and what comes of more. */
function readLimits({ take }: ParameterReader) {
  const { limits, environmentLimits: usual } = defaultParameters;
  return {
    limits: {
      latenessFloorMs: take("latenessFloorMs", limits.latenessFloorMs),
      latenessRatio: take("latenessRatio", limits.latenessRatio),
      achievedRatio: take("achievedRatio", limits.achievedRatio),
    },
    strict: take("strict", defaultParameters.strict),
    strictEnvironment: take("strictEnvironment", defaultParameters.strictEnvironment),
    environmentLimits: {
      backgroundPercent: take("backgroundLimit", usual.backgroundPercent),
      stealPercent: take("stealLimit", usual.stealPercent),
      memoryPressurePercent: take("memoryPressureLimit", usual.memoryPressurePercent),
      disturbedPercent: take("disturbedLimit", usual.disturbedPercent),
    },
  };
}

import type { RemoteParameters, SweepParameters } from "../../../contracts/parameters.ts";
import { formatAssertion } from "../../../options/rules/assertion.ts";
import { present } from "../numbers.ts";
import { environmentLimitsJson } from "../run/environment-json.ts";
import { profileJson } from "../run/profile-json.ts";
import { limitsJson, programJson, protocolOptionsJson, transportJson } from "../run/run-json.ts";
import { protocolJson } from "./protocol-json.ts";
import { searchTermsJson } from "./search-json.ts";

/** The published form of what a sweep was asked for (parameters.json); names as in a run's file where both have them. */
export function buildParametersJson(parameters: SweepParameters) {
  const all = allJson(parameters);
  if (parameters.protocol.native !== true) return all;
  const { achievedRatio } = parameters.limits;
  const effective = Object.entries(all).filter(([key]) => !ofClients.has(key));
  return { ...Object.fromEntries(effective), limits: { achieved_ratio: achievedRatio } } as typeof all;
}

/** What only clients of ours go by: it has no effect where the nodes make the load. */
const ofClients: ReadonlySet<string> = new Set([
  "drain_secs",
  "request_timeout_secs",
  "max_in_flight",
  "queue_limit",
  "transport",
  "in_flight_per_connection",
  "batch_size",
  "faults",
  "crash_recovery",
  "crash_interval",
  "failover",
  "allow_no_quorum",
  "arrival",
  "clients",
  "pacing",
  "profile",
  "seed",
  "keep_network",
  "client_placement",
  "client_hosts",
]);

function allJson(parameters: SweepParameters) {
  return present({
    schema: "baleen.parameters/1",
    network_type: parameters.networkType,
    runtime: parameters.runtime,
    ...protocolJson(parameters.protocol),
    ...programJson(parameters.program),
    nodes: parameters.committee,
    loads: parameters.search === undefined ? parameters.loadsTps : undefined,
    runs: parameters.runs,
    search: parameters.search && searchTermsJson(parameters.search),
    duration: parameters.durationSecs,
    num_transactions: parameters.numTransactions,
    transaction_size: parameters.transactionSizeBytes,
    warm_up_secs: parameters.warmUpSecs,
    drain_secs: parameters.drainSecs,
    request_timeout_secs: parameters.requestTimeoutSecs,
    max_in_flight: parameters.maxInFlight,
    queue_limit: parameters.queueLimit,
    ...transportJson(parameters.transport),
    faults: parameters.faults,
    crash_recovery: parameters.crashRecovery,
    crash_interval: parameters.crashIntervalSecs,
    failover: parameters.failover,
    allow_no_quorum: parameters.allowNoQuorum,
    arrival: parameters.arrival,
    clients: parameters.clients,
    pacing: parameters.pacing,
    profile: profileJson(parameters.profile),
    seed: parameters.seed,
    startup_wait_secs: parameters.startupWaitSecs,
    cleanup: parameters.cleanup,
    keep_network: parameters.keepNetwork,
    docker_compose_path: parameters.dockerComposePath,
    rpc_port: parameters.rpcPort,
    rpc_tls: parameters.rpcTls && true,
    rpc_ca: parameters.rpcTls?.caFile,
    output_dir: parameters.outputDir,
    file_output: parameters.fileOutput,
    limits: limitsJson(parameters.limits),
    strict: parameters.strict,
    strict_environment: parameters.strictEnvironment,
    environment_limits: environmentLimitsJson(parameters.environmentLimits),
    assertions: parameters.assertions.length === 0 ? undefined : parameters.assertions.map(formatAssertion),
    baseline: parameters.baseline,
    protocol_options: protocolOptionsJson(parameters.protocolOptions),
    ...(parameters.remote === undefined ? {} : remoteJson(parameters.remote)),
  });
}

/** Users, keys and the ways there are nobody's business; who repeats the sweep has his own. */
function remoteJson(remote: RemoteParameters) {
  return {
    hosts: remote.hosts.map(({ name, address, privateAddress, region, nodes }) =>
      present({ name, address, private_address: privateAddress, region, nodes }),
    ),
    client_placement: remote.clientPlacement,
    client_hosts:
      remote.clientHosts.length === 0
        ? undefined
        : remote.clientHosts.map(({ name, address, region }) => present({ name, address, region })),
    host_key_policy: remote.hostKeyPolicy,
    ssh_timeout_secs: remote.sshTimeoutSecs,
    rpc_via: remote.rpcVia,
    pull: remote.pull,
    node_cpus: remote.cpus,
    node_memory_mib: remote.memoryMiB,
  };
}

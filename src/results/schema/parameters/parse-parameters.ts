/** parameters.json back into what the options of a sweep were given as. */

import { optionOfFlag } from "../../../options/checks/protocol-options.ts";
import { searchTermNames } from "../../../options/checks/search.ts";
import type { ParameterName } from "../../../options/rules/rules.ts";
import { clientKeys, protocolKeys, refuseEarlier } from "../earlier-version.ts";
import type { Fields } from "../fields.ts";
import { parseProtocolOptions } from "../run/parse-run.ts";
import { parseProfile } from "../run/profile-json.ts";
import { parseProtocol } from "./protocol-json.ts";

/** Published key → the option that says the same. */
const optionOf: Readonly<Record<string, ParameterName>> = {
  network_type: "networkType",
  runtime: "runtime",
  nodes: "committee",
  runs: "runs",
  duration: "duration",
  num_transactions: "numTransactions",
  transaction_size: "transactionSize",
  warm_up_secs: "warmUp",
  drain_secs: "drain",
  request_timeout_secs: "requestTimeout",
  max_in_flight: "maxInFlight",
  queue_limit: "queueLimit",
  transport: "transport",
  in_flight_per_connection: "inFlightPerConnection",
  batch_size: "batchSize",
  faults: "faults",
  crash_recovery: "crashRecovery",
  crash_interval: "crashInterval",
  failover: "failover",
  allow_no_quorum: "allowNoQuorum",
  arrival: "arrival",
  clients: "clients",
  pacing: "pacing",
  seed: "seed",
  startup_wait_secs: "startupWait",
  keep_network: "keepNetwork",
  docker_compose_path: "dockerComposePath",
  rpc_port: "rpcPort",
  rpc_tls: "rpcTls",
  rpc_ca: "rpcCa",
  output_dir: "outputDir",
  file_output: "fileOutput",
  strict: "strict",
  strict_environment: "strictEnvironment",
  assertions: "assert",
  baseline: "baseline",
  host_key_policy: "hostKeyPolicy",
  ssh_timeout_secs: "sshTimeout",
  rpc_via: "rpcVia",
  client_placement: "clientPlacement",
  node_binary: "nodeBinary",
  image: "image",
  pull: "pull",
  node_cpus: "nodeCpus",
  node_memory_mib: "nodeMemory",
};

/** Each term of a search → its key in `search`. */
const searchKeyOf: Readonly<Record<(typeof searchTermNames)[number], string>> = {
  searchFrom: "from",
  searchTo: "to",
  searchPrecision: "precision_percent",
  searchEfficiency: "efficiency_percent",
  searchLatency: "latency_ms",
  searchBacklog: "backlog_growth_percent",
};

const environmentLimitOf: Readonly<Record<string, ParameterName>> = {
  background_percent: "backgroundLimit",
  steal_percent: "stealLimit",
  memory_pressure_percent: "memoryPressureLimit",
  disturbed_percent: "disturbedLimit",
};

/** Options that say what stands under a published key, the usual one first; to name what differs. */
export function optionsOfKey(key: string): readonly ParameterName[] {
  if (key === "nodes") return ["committee", "localCommittee", "remoteCommittee"];
  if (key === "loads") return ["loads", "localLoads", "remoteLoads"];
  if (key === "cleanup") return ["cleanup", "cleanupThorough"];
  if (key === "limits") return ["latenessFloorMs", "latenessRatio", "achievedRatio"];
  if (key === "environment_limits") return Object.values(environmentLimitOf);
  if (key === "hosts" || key === "client_hosts") return ["hosts"];
  if (key === "profile") return ["profile", "phases"];
  if (key === "search") return ["search", ...searchTermNames];
  if (key === "protocol_options") {
    return ["protocolOption", ...(Object.keys(optionOfFlag) as (keyof typeof optionOfFlag)[])];
  }
  if (["protocol", "commits_observed", "protocol_description"].includes(key)) return ["protocol"];
  const option = optionOf[key];
  return option === undefined ? [] : [option];
}

/**
 * The values by option, to be checked like any that are given.
 *
 * @throws EarlierVersionError
 * @throws FormError
 */
export function parseParametersJson(fields: Fields): Partial<Record<ParameterName, unknown>> {
  refuseEarlier(fields, protocolKeys);
  const protocol = parseProtocol(fields);
  if (protocol.native !== true) refuseEarlier(fields, clientKeys);
  const values: Partial<Record<ParameterName, unknown>> = {};
  for (const [key, option] of Object.entries(optionOf)) {
    if (fields.has(key)) values[option] = fields.value(key);
  }
  for (const [key, option] of Object.entries(environmentLimitOf)) {
    values[option] = fields.optional("environment_limits", (name) => fields.object(name).value(key));
  }
  const limits = fields.object("limits").settings();
  const cleanup = fields.choice("cleanup", "keep", "remove", "thorough");
  const all = {
    ...values,
    ...parseSearch(fields),
    protocol,
    protocolOption: parseProtocolOptions(fields.object("protocol_options")),
    profile: fields.optional("profile", (key) => parseProfile(fields.object(key))),
    cleanup: cleanup !== "keep",
    cleanupThorough: cleanup === "thorough",
    latenessFloorMs: limits.lateness_floor_ms,
    latenessRatio: limits.lateness_ratio,
    achievedRatio: limits.achieved_ratio,
    // Whether so small a committee is meant was asked when the sweep began.
    allowNoFaults: true,
  };
  // Where the nodes made the load, what only clients go by is not there.
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** What chooses the loads: a list of them, or a search. */
function parseSearch(fields: Fields): Partial<Record<ParameterName, unknown>> {
  if (!fields.has("search")) return { loads: fields.value("loads") };
  const options = fields.object("search");
  const given = searchTermNames.flatMap((option) => {
    const key = searchKeyOf[option];
    return options.has(key) ? [[option, options.value(key)] as const] : [];
  });
  return { search: true, ...Object.fromEntries(given) };
}

/** parameters.json: what a sweep was asked for, each key beside the option that says the same. */
import { environmentLimitsForm } from "../../contracts/hosts/host-load.ts";
import { profileForm } from "../../contracts/load/load-profile.ts";
import type { RemoteParameters, SweepParameters } from "../../contracts/parameters.ts";
import type { ChosenProtocol } from "../../contracts/protocol-choice.ts";
import { protocolOptionsForm } from "../../contracts/results/run-parameters.ts";
import { searchSettingsForm } from "../../contracts/results/search.ts";
import { verdictLimitsForm } from "../../contracts/results/verdict.ts";
import { readForm } from "../../core/documents/check-form.ts";
import { record } from "../../core/documents/form.ts";
import { anything, choice, flag, text } from "../../core/documents/form-values.ts";
import { present } from "../../core/documents/numbers.ts";
import { writeForm } from "../../core/documents/write-form.ts";
import { camelCase } from "../../core/keys.ts";
import { optionOfFlag } from "../../options/checks/protocol-options.ts";
import { formatAssertion } from "../../options/rules/assertion.ts";
import type { ParameterName } from "../../options/rules/rules.ts";
import type { Fields } from "./fields.ts";
import { clientKeys, EarlierVersionError, refuseEarlier } from "./read-error.ts";

/** What stands under a key, and which options say it, the usual one first. */
interface Row {
  readonly options: readonly ParameterName[];
  readonly of: (parameters: SweepParameters) => unknown;
  /** Only clients of ours go by it: it has no effect where the nodes make the load. */
  readonly ofClients?: true;
  /** An object whose keys are options of their own. */
  readonly parts?: Readonly<Record<string, ParameterName>>;
  /** It is not the value of its option as it stands. */
  readonly isOther?: true;
  /** Of clients, and of peers of these kinds. */
  readonly ofPeers?: readonly PeerLoad[];
}

const row = (of: Row["of"], ...options: readonly ParameterName[]): Row => ({ of, options });
const client: typeof row = (of, ...options) => ({ ...row(of, ...options), ofClients: true });
const peer = (ofPeers: readonly PeerLoad[], ...args: Parameters<typeof row>): Row => ({
  ...client(...args),
  ofPeers,
});
const several = (of: Row["of"], parts: NonNullable<Row["parts"]>): Row => ({
  ...row(of, ...Object.values(parts)),
  parts,
});
/** Read in a way of its own, below. */
const other = (one: Row): Row => ({ ...one, isOther: true });

/** Peers that make a load, by what is known of it. */
type PeerLoad = "messages" | "routines" | "flows";

const peerLoadOf = (chosen: Pick<ChosenProtocol, PeerLoad>): PeerLoad | undefined =>
  (["messages", "routines", "flows"] as const).find((load) => chosen[load]);

const protocolForm = record("The system under test.", {
  name: text("Its name.").keyed("protocol"),
  observesCommits: flag("Whether its commits can be observed.").keyed("commits_observed"),
  native: choice(
    "Source of the load: the nodes, which count it, tell of each message, run routines in a test, or have flows between them.",
    ["native", "messages", "routines", "flows"],
  )
    .keyed("generator")
    .optional(),
  described: record("The description of a custom system.", {
    file: text("Its file.").optional(),
    sha256: text("The file's hash.").optional(),
    definition: anything("Content of the description."),
  })
    .keyed("protocol_description")
    .optional(),
}).adapted<ChosenProtocol>(
  ({ native, messages, routines, flows, ...chosen }) => ({
    ...chosen,
    native: native && (peerLoadOf({ messages, routines, flows }) ?? "native"),
  }),
  ({ native, ...chosen }) => ({
    ...chosen,
    ...(native && { native: true }),
    ...(native !== undefined && native !== "native" && { [native]: true }),
  }),
);

const protocolOf = ({ protocol }: SweepParameters) => writeForm(protocolForm, protocol);

/** In the order of the file. */
const rows: Readonly<Record<string, Row>> = {
  name: row((all) => all.name, "name"),
  tags: row((all) => all.tags, "tag"),
  network_type: row((all) => all.networkType, "networkType"),
  runtime: row((all) => all.runtime, "runtime"),
  protocol: other(row((all) => protocolOf(all).protocol, "protocol")),
  commits_observed: other(row((all) => protocolOf(all).commits_observed, "protocol")),
  generator: other(row((all) => protocolOf(all).generator)),
  protocol_description: other(row((all) => protocolOf(all).protocol_description, "protocol")),
  node_binary: row((all) => all.program?.path, "nodeBinary"),
  image: row((all) => all.program?.image, "image"),
  nodes: row((all) => all.committee, "committee", "localCommittee", "remoteCommittee"),
  loads: row(
    (all) => (all.search === undefined ? all.loadsTps : undefined),
    ...(["loads", "localLoads", "remoteLoads"] as const),
  ),
  runs: row((all) => all.runs, "runs"),
  search: several(({ search }) => search && writeForm(searchSettingsForm, search), {
    from: "searchFrom",
    to: "searchTo",
    precision_percent: "searchPrecision",
    efficiency_percent: "searchEfficiency",
    latency_ms: "searchLatency",
    backlog_growth_percent: "searchBacklog",
  }),
  duration: row((all) => all.durationSecs, "duration"),
  num_transactions: row((all) => all.numTransactions, "numTransactions"),
  transaction_size: row((all) => all.transactionSizeBytes, "transactionSize"),
  warm_up_secs: row((all) => all.warmUpSecs, "warmUp"),
  drain_secs: peer(["messages", "routines", "flows"], (all) => all.drainSecs, "drain"),
  request_timeout_secs: client((all) => all.requestTimeoutSecs, "requestTimeout"),
  max_in_flight: client((all) => all.maxInFlight, "maxInFlight"),
  queue_limit: client((all) => all.queueLimit, "queueLimit"),
  transport: client((all) => all.transport.kind, "transport"),
  in_flight_per_connection: client((all) => all.transport.inFlightPerConnection, "inFlightPerConnection"),
  batch_size: client((all) => all.transport.batchSize, "batchSize"),
  faults: client((all) => all.faults, "faults"),
  crash_recovery: client((all) => all.crashRecovery, "crashRecovery"),
  crash_interval: client((all) => all.crashIntervalSecs, "crashInterval"),
  failover: client((all) => all.failover, "failover"),
  allow_no_quorum: client((all) => all.allowNoQuorum, "allowNoQuorum"),
  arrival: client((all) => all.arrival, "arrival"),
  clients: client((all) => all.clients, "clients"),
  pacing: client((all) => all.pacing, "pacing"),
  profile: other(client((all) => writeForm(profileForm, all.profile), "profile", "phases")),
  seed: peer(["messages", "flows"], (all) => all.seed, "seed"),
  links: row(
    ({ links }) => links && { name: links.name, document: links.document },
    ...(["links", "linksLike", "delay", "jitter", "loss", "rate", "topology"] as const),
  ),
  link_mechanism: row(({ links }) => links?.mechanism, "linkMechanism"),
  timeline: row(({ timeline }) => timeline, "timeline"),
  startup_wait_secs: row((all) => all.startupWaitSecs, "startupWait"),
  cleanup: other(row((all) => all.cleanup, "cleanup", "cleanupThorough")),
  keep_network: client((all) => all.keepNetwork, "keepNetwork"),
  docker_compose_path: row((all) => all.dockerComposePath, "dockerComposePath"),
  rpc_port: row((all) => all.rpcPort, "rpcPort"),
  rpc_base_port: row((all) => all.rpcBasePort, "rpcBasePort"),
  metrics_base_port: row((all) => all.metricsBasePort, "metricsBasePort"),
  rpc_tls: row((all) => all.rpcTls && true, "rpcTls"),
  rpc_ca: row((all) => all.rpcTls?.caFile, "rpcCa"),
  output_dir: row((all) => all.outputDir, "outputDir"),
  file_output: row((all) => all.fileOutput, "fileOutput"),
  limits: several(limitsOf, {
    lateness_floor_ms: "latenessFloorMs",
    lateness_ratio: "latenessRatio",
    achieved_ratio: "achievedRatio",
  }),
  strict: row((all) => all.strict, "strict"),
  strict_environment: row((all) => all.strictEnvironment, "strictEnvironment"),
  environment_limits: several((all) => writeForm(environmentLimitsForm, all.environmentLimits), {
    background_percent: "backgroundLimit",
    steal_percent: "stealLimit",
    memory_pressure_percent: "memoryPressureLimit",
    disturbed_percent: "disturbedLimit",
  }),
  assertions: row(
    ({ assertions }) => (assertions.length === 0 ? undefined : assertions.map(formatAssertion)),
    "assert",
  ),
  baseline: row((all) => all.baseline, "baseline"),
  protocol_options: other(
    row(
      (all) => writeForm(protocolOptionsForm, all.protocolOptions),
      "protocolOption",
      ...(Object.keys(optionOfFlag) as (keyof typeof optionOfFlag)[]),
    ),
  ),
  // Users, keys and the ways there are nobody's business; who repeats the sweep has their own.
  hosts: other(row(({ remote }) => remote?.hosts.map(hostJson), "hosts")),
  client_placement: client(({ remote }) => remote?.clientPlacement, "clientPlacement"),
  client_hosts: other(client(clientHostsOf, "hosts")),
  host_key_policy: row(({ remote }) => remote?.hostKeyPolicy, "hostKeyPolicy"),
  ssh_timeout_secs: row(({ remote }) => remote?.sshTimeoutSecs, "sshTimeout"),
  rpc_via: row(({ remote }) => remote?.rpcVia, "rpcVia"),
  pull: row(({ remote }) => remote?.pull, "pull"),
  node_cpus: row(({ remote }) => remote?.cpus, "nodeCpus"),
  node_memory_mib: row(({ remote }) => remote?.memoryMiB, "nodeMemory"),
};

function limitsOf({ limits, protocol }: SweepParameters): object {
  return protocol.native === true
    ? { achieved_ratio: limits.achievedRatio }
    : writeForm(verdictLimitsForm, limits);
}

function hostJson({ name, address, privateAddress, region, nodes }: RemoteParameters["hosts"][number]) {
  return present({ name, address, private_address: privateAddress, region, nodes });
}

function clientHostsOf({ remote }: SweepParameters) {
  const hosts = remote?.clientHosts.map(({ name, address, region }) => present({ name, address, region }));
  return hosts?.length === 0 ? undefined : hosts;
}

/** The published form of what a sweep was asked for (parameters.json); names as in a run's file where both have them. */
export function buildParametersJson(parameters: SweepParameters): Readonly<Record<string, unknown>> {
  const { native, ...protocol } = parameters.protocol;
  const peers = peerLoadOf(protocol);
  const isKept = ({ ofClients, ofPeers = [] }: Row) =>
    !native || !ofClients || (peers !== undefined && ofPeers.includes(peers));
  const entries = Object.entries(rows)
    .filter(([, one]) => isKept(one))
    .map(([key, { of }]) => [key, of(parameters)] as const);
  return present({ schema: "baleen.parameters/1", ...Object.fromEntries(entries) });
}

/** Options that say what stands under a published key, the usual one first; to name what differs. */
export function optionsOfKey(key: string): readonly ParameterName[] {
  const options = rows[key]?.options ?? [];
  return key === "search" ? ["search", ...options] : options;
}

/** The published key under which an option stands, alone or among others. @param option in kebab or camel case */
export function keyOfOption(option: string): string | undefined {
  const name = camelCase(option.replaceAll("-", "_"));
  return Object.entries(rows).find(([, { options }]) => options.some((one) => one === name))?.[0];
}

/**
 * The values by option, to be checked like any that are given.
 *
 * @throws EarlierVersionError
 * @throws FormError
 */
export function parseParametersJson(fields: Fields): Partial<Record<ParameterName, unknown>> {
  const protocol = parseProtocol(fields);
  if (protocol.native !== true) refuseEarlier(fields, clientKeys);
  const values = Object.entries(rows).flatMap(([key, { options, parts, isOther }]) => {
    if (isOther || !fields.has(key)) return [];
    if (parts === undefined) return [[options[0], fields.value(key)] as const];
    const object = fields.object(key);
    return Object.entries(parts).map(([name, option]) => [option, object.value(name)] as const);
  });
  const cleanup = fields.choice("cleanup", "keep", "remove", "thorough");
  // Where the nodes made the load, what only clients go by is not there.
  return present({
    ...Object.fromEntries(values),
    ...(fields.has("search") && { search: true }),
    protocol,
    protocolOption: readForm(protocolOptionsForm, fields.value("protocol_options"), ["protocol_options"]),
    profile: fields.optional("profile", (key) => readForm(profileForm, fields.value(key), [key])),
    cleanup: cleanup !== "keep",
    cleanupThorough: cleanup === "thorough",
    // Whether so small a committee is meant was asked when the sweep began.
    allowNoFaults: true,
  });
}

/** @throws EarlierVersionError @throws FormError */
export function parseProtocol(fields: Fields): ChosenProtocol {
  refuseEarlier(fields, ["protocol"]);
  const protocol = readForm(protocolForm, fields.all());
  const { load } = (protocol.described?.definition ?? {}) as { readonly load?: unknown };
  if (load !== undefined && protocol.native !== true) throw new EarlierVersionError();
  return protocol;
}

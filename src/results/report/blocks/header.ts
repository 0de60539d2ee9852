import type { RemoteParameters, SweepParameters } from "../../../contracts/parameters.ts";
import { formatAsked, formatForeign } from "../text/figures.ts";
import { describeProfile } from "../text/load.ts";
import { formatFaultOptions } from "./faults.ts";
import { formatSearchSettings } from "./search.ts";
import { formatTransport } from "./transport.ts";

/** What is known at the start of a sweep besides what was asked for. */
export interface HeaderFacts {
  readonly runtime: "docker" | "process";
  /** Why that one, where it was not asked for: "no Docker engine answers". */
  readonly runtimeReason?: string | undefined;
  /** Path of the bundle; absent where nothing is written. */
  readonly bundle?: string | undefined;
}

const cleanupWords = {
  keep: "the last network keeps running",
  remove: "containers and networks are removed",
  thorough: "containers, networks, volumes and data are removed",
} as const;

type Entry = readonly [name: string, value: string];

function configuration(parameters: SweepParameters, facts: HeaderFacts): Entry[] {
  const { warmUpSecs, keepNetwork, committee: nodes } = parameters;
  return [
    ["Network type", parameters.networkType],
    ["Committee size", String(parameters.committee)],
    ...describeHosts(parameters),
    describeLength(parameters),
    ["Transaction size", `${parameters.transactionSizeBytes} bytes`],
    ...describeLoads(parameters),
    ["Transport", formatTransport(parameters.transport)],
    ...describeSystem(parameters),
    ["Runtime", describeRuntime(facts)],
    ["Warm-up", describeWarmUp(warmUpSecs)],
    ["Drain", `at most ${formatAsked(parameters.drainSecs)}s`],
    ...(parameters.faults === 0 ? [] : [["Faults", formatFaultOptions({ ...parameters, nodes })] as const]),
    ...(parameters.failover ? [["Failover", "a dead node's transactions go to the next one"] as const] : []),
    ["Startup wait", `at most ${formatAsked(parameters.startupWaitSecs)}s`],
    ["Network per load", keepNetwork ? "kept" : "fresh"],
    ["Clean-up", describeCleanup(parameters, facts)],
    ["Seed", parameters.seed],
    ["Output", facts.bundle ?? "no files"],
  ];
}

/**
 * The configuration of a sweep whose load the nodes make; what only clients have is left out. Ends without a line break.
 */
export function formatNativeHeader(parameters: SweepParameters, facts: HeaderFacts): string {
  const { loadsTps, runs } = parameters;
  return titled([
    ["Network type", parameters.networkType],
    ["Committee size", String(parameters.committee)],
    ...describeHosts(parameters),
    describeLength(parameters),
    ["Transaction size", `${parameters.transactionSizeBytes} bytes`],
    ["Loads", `${loadsTps.map(formatAsked).join(", ")} tx/s, made by the nodes and counted by them (native)`],
    ...(runs === 1 ? [] : [["Runs", `${runs} of each load, in rounds`] as const]),
    ...nameSystem(parameters),
    ["Runtime", describeRuntime(facts)],
    ["Warm-up", describeWarmUp(parameters.warmUpSecs)],
    ["Startup wait", `at most ${formatAsked(parameters.startupWaitSecs)}s`],
    ["Network per load", "fresh"],
    ["Clean-up", describeCleanup(parameters, facts)],
    ["Output", facts.bundle ?? "no files"],
  ]);
}

function describeLength({ numTransactions, durationSecs }: SweepParameters): Entry {
  return numTransactions === undefined
    ? ["Duration", `${formatAsked(durationSecs)}s`]
    : ["Transactions", `${numTransactions} per load`];
}

const describeWarmUp = (secs: number | undefined) =>
  secs === undefined ? "10% of the duration, at least 2s" : `${formatAsked(secs)}s`;

const describeCleanup = ({ cleanup }: SweepParameters, { runtime }: HeaderFacts) =>
  runtime === "process" ? "processes end with the command" : cleanupWords[cleanup];

const describeRuntime = ({ runtime, runtimeReason }: HeaderFacts) =>
  runtimeReason === undefined ? runtime : `${runtime} (${runtimeReason})`;

/** What is measured. */
function nameSystem({ protocol: { name, described }, program, remote }: SweepParameters): Entry[] {
  const lines: Entry[] = [
    ["Protocol", described?.file === undefined ? name : `${name} (${formatForeign(described.file)})`],
  ];
  if (program?.path !== undefined) lines.push(["Program", formatForeign(program.path)]);
  if (program?.image !== undefined && remote === undefined) lines.push(["Image", program.image]);
  return lines;
}

function describeSystem(parameters: SweepParameters): readonly Entry[] {
  const lines = nameSystem(parameters);
  if (parameters.protocol.observesCommits) return lines;
  return [...lines, ["Commits", "not observed: throughput, success and latency are of acknowledgements"]];
}

function describeLoads(parameters: SweepParameters): Entry[] {
  const { loadsTps, arrival, profile, runs, search } = parameters;
  if (search !== undefined)
    return [
      ["Search", formatSearchSettings(search)],
      ["Arrivals", arrival],
    ];
  const words = describeProfile(profile);
  const list = loadsTps.map(formatAsked).join(", ");
  const loads = profile.kind === "closed" ? `${list} in flight` : `${list} tx/s, ${arrival} arrivals`;
  return [
    ["Loads", loads],
    ...(words === undefined ? [] : [["Load profile", words] as const]),
    ...(runs === 1 ? [] : [["Runs", `${runs} of each load, in rounds`] as const]),
  ];
}

function describeHosts({ remote }: SweepParameters): Entry[] {
  if (remote === undefined) return [];
  return [
    ["Hosts", nameHosts(remote.hosts)],
    ...clientsOf(remote),
    ["RPC", remote.rpcVia === "ssh" ? "through the SSH connections" : "directly"],
    ...(remote.image === undefined ? [] : [["Image", remote.image] as const]),
  ];
}

function nameHosts(hosts: RemoteParameters["hosts"]): string {
  const named = hosts.map(({ name, address, region }) => {
    const reported = [...new Set([address, region].filter((each) => each !== undefined && each !== name))];
    return reported.length === 0 ? name : `${name} (${reported.join(", ")})`;
  });
  return named.join(", ");
}

/** Where clients run, if not here. */
function clientsOf({ clientPlacement, clientHosts }: RemoteParameters): Entry[] {
  if (clientPlacement === "coordinator") return [];
  return [
    ["Clients", clientPlacement === "colocated" ? "on the nodes' hosts" : `on ${nameHosts(clientHosts)}`],
  ];
}

/** Title and configuration, shown before the first load. Ends without a line break. */
export function formatHeader(parameters: SweepParameters, facts: HeaderFacts): string {
  return titled(configuration(parameters, facts));
}

function titled(entries: readonly Entry[]): string {
  return [
    "Comprehensive Benchmark Runner",
    "=============================",
    "",
    "Configuration:",
    ...entries.map(([name, value]) => `  ${name}: ${value}`),
  ].join("\n");
}

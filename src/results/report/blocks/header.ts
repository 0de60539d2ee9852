import type { TransportPlan } from "../../../contracts/load/transport.ts";
import type { RemoteParameters, SweepParameters } from "../../../contracts/parameters.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { type Entry, entryLines, formatAsked } from "../text/figures.ts";
import { describeProfile, messageUnit, packetUnit } from "../text/load.ts";
import { formatFaultOptions } from "./faults.ts";
import { formatSearchSettings } from "./search.ts";

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

/** Title and configuration, shown before the first load. Ends without a line break. */
export function formatHeader(
  parameters: SweepParameters,
  facts: HeaderFacts,
  isNative = parameters.protocol.native === true,
): string {
  const { warmUpSecs, startupWaitSecs, keepNetwork, seed } = parameters;
  return [
    "Comprehensive Benchmark Runner",
    "=============================",
    "",
    "Configuration:",
    ...entryLines([
      ...describeLabels(parameters),
      ["Network type", parameters.networkType],
      ["Committee size", String(parameters.committee)],
      ...describeHosts(parameters),
      describeLength(parameters),
      // Routines and flows have sizes of their own.
      [
        "Transaction size",
        parameters.protocol.routines || parameters.protocol.flows
          ? undefined
          : `${parameters.transactionSizeBytes} bytes`,
      ],
      ...describeLoads(parameters, isNative),
      ["Transport", isNative ? undefined : formatTransport(parameters.transport)],
      ...describeSystem(parameters, isNative),
      ["Runtime", describeRuntime(facts)],
      ["Warm-up", describeWarmUp(warmUpSecs)],
      ...(isNative ? [] : describeEnds(parameters)),
      ["Startup wait", `at most ${formatAsked(startupWaitSecs)}s`],
      ["Network per load", !isNative && keepNetwork ? "kept" : "fresh"],
      ["Clean-up", describeCleanup(parameters, facts)],
      ["Seed", isNative ? undefined : seed],
      ["Output", facts.bundle ?? "no files"],
    ]),
  ].join("\n");
}

/** What people call it: "nightly", "branch=main, cpu=epyc". */
export function describeLabels({ name, tags }: Pick<SweepParameters, "name" | "tags">): Entry[] {
  return [
    ["Name", name && formatForeign(name)],
    ["Tags", tags && formatTags(tags)],
  ];
}

export const formatTags = (tags: Readonly<Record<string, string>>) =>
  formatForeign(
    Object.entries(tags)
      .map(([key, value]) => `${key}=${value}`)
      .join(", "),
  );

/** How transactions get to the nodes: "http-batch, up to 10 transactions in a request, 4 requests in flight per connection". */
export function formatTransport({ kind, inFlightPerConnection, batchSize }: TransportPlan): string {
  const what = kind === "websocket" ? "messages" : "requests";
  return [
    kind,
    ...(batchSize === 1 ? [] : [`up to ${batchSize} transactions in a request`]),
    ...(inFlightPerConnection === 1 ? [] : [`${inFlightPerConnection} ${what} in flight per connection`]),
  ].join(", ");
}

/** What becomes of transactions at the end of a window, and of a dead node's. */
function describeEnds(parameters: SweepParameters): Entry[] {
  const { drainSecs, links, timeline, faults, failover, committee: nodes } = parameters;
  return [
    ["Drain", `at most ${formatAsked(drainSecs)}s`],
    ["Links", links === undefined ? undefined : describeLinks(links)],
    ["Timeline", timeline && formatForeign(timeline.name)],
    ["Faults", faults === 0 ? undefined : formatFaultOptions({ ...parameters, nodes })],
    ["Failover", failover ? "a dead node's transactions go to the next one" : undefined],
  ];
}

const describeLinks = ({ name, mechanism }: NonNullable<SweepParameters["links"]>) =>
  `${formatForeign(name)}${mechanism === undefined ? "" : `, by ${mechanism}`}`;

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

function describeSystem({ protocol, program, remote }: SweepParameters, isNative: boolean): Entry[] {
  const { name, described, observesCommits } = protocol;
  const isUnseen = !isNative && !observesCommits;
  return [
    ["Protocol", described?.file === undefined ? name : `${name} (${formatForeign(described.file)})`],
    ["Program", program?.path && formatForeign(program.path)],
    ["Image", remote === undefined ? program?.image : undefined],
    [
      "Commits",
      isUnseen ? "not observed: throughput, success and latency are those of acknowledgements" : undefined,
    ],
  ];
}

function describeLoads(parameters: SweepParameters, isNative: boolean): Entry[] {
  const { loadsTps, arrival, profile, runs, search } = parameters;
  if (search !== undefined)
    return [
      ["Search", formatSearchSettings(search)],
      ["Arrivals", arrival],
    ];
  const list = loadsTps.map(formatAsked).join(", ");
  const repeated: Entry = ["Runs", runs === 1 ? undefined : `${runs} of each load, in rounds`];
  if (isNative) return [["Loads", `${list} ${nativeLoadWords(parameters)}`], repeated];
  return [
    ["Loads", profile.kind === "closed" ? `${list} in flight` : `${list} tx/s, ${arrival} arrivals`],
    ["Load profile", describeProfile(profile)],
    repeated,
  ];
}

function nativeLoadWords({ protocol }: SweepParameters): string {
  if (protocol.routines) return `${messageUnit}, sent by routines in browsers`;
  if (protocol.flows) return `${packetUnit}, flows between the nodes`;
  return protocol.messages
    ? `${messageUnit}, written by the peers`
    : "tx/s, generated and counted by the nodes (native)";
}

function describeHosts({ remote }: SweepParameters): Entry[] {
  if (remote === undefined) return [];
  return [
    ["Hosts", nameHosts(remote.hosts)],
    ["Clients", placeOfClients(remote)],
    ["RPC", remote.rpcVia === "ssh" ? "through the SSH connections" : "directly"],
    ["Image", remote.image],
  ];
}

function nameHosts(hosts: RemoteParameters["hosts"]): string {
  const named = hosts.map(({ name, address, region }) => {
    const reported = [...new Set([address, region].filter((each) => each !== undefined && each !== name))];
    return reported.length === 0 ? name : `${name} (${reported.join(", ")})`;
  });
  return named.join(", ");
}

function placeOfClients({ clientPlacement, clientHosts }: RemoteParameters): string | undefined {
  if (clientPlacement === "coordinator") return undefined;
  return clientPlacement === "colocated" ? "on the nodes' hosts" : `on ${nameHosts(clientHosts)}`;
}

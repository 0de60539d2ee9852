import type { RemoteParameters } from "../../contracts/parameters.ts";
import { defaultRemote } from "../defaults.ts";
import type { DescribedHosts, HostSources, HostsFile } from "../hosts/description.ts";
import { checkHosts } from "../hosts/hosts.ts";
import { describeHosts } from "../hosts/sources.ts";
import { withoutAddress } from "../hosts/variables.ts";
import { nearer, type Reader } from "../rules/rule.ts";
import { rules } from "../rules/rules.ts";
import { type GivenParameters, openParameters, type ParameterReader } from "./given.ts";

interface RemoteOptions {
  readonly hosts: HostSources;
  /** undefined: all hosts that are described. */
  readonly committee: number | undefined;
}

/**
 * Reads how the hosts are reached and what runs there; hosts without a node of the committee are left out.
 *
 * Where anything said of the hosts is faulty there are none: a default in place of an address, a user or a host on
 * the way would lead to a machine that nobody meant.
 */
export function readRemote(
  { hosts: sources, committee }: RemoteOptions,
  reader: ParameterReader,
): RemoteParameters {
  const { given, read, take, diagnostics, refuse } = reader;
  const diagnosticsBefore = diagnostics.length;
  take("hosts", undefined);
  const clientPlacement = take("clientPlacement", defaultRemote.clientPlacement);
  const dedicated = clientPlacement === "dedicated";
  const all = describeHosts(sources, committee);
  // Where no client runs on them, their variables may be meant for something else.
  const described =
    dedicated || committee === undefined ? all : { ...all, clients: [], clientDiagnostics: [] };
  diagnostics.push(...described.diagnostics, ...described.clientDiagnostics);
  if (described.numbered) diagnostics.push(...described.clients.flatMap(withoutAddress));
  const { hosts, clientHosts } = checkHosts(described, { home: sources.home, committee }, reader);
  const known = nearer(given.knownHosts, described.knownHosts);
  const knownHostsFile = read(rules.knownHosts, known, undefined)?.replace(/^~(?=\/)/, () => sources.home);
  const timeout = nearer(given.sshTimeout, described.sshTimeout);
  const areSound = described.readable && diagnostics.length === diagnosticsBefore;
  const image = take("image", undefined);
  const pull = take("pull", defaultRemote.pull);
  if (pull && given.image === undefined) {
    refuse(
      "pull",
      "the image that Baleen builds is in no registry. Name an image with --image, or remove it.",
    );
  }
  const rpcVia = take("rpcVia", defaultRemote.rpcVia);
  if (dedicated && committee !== undefined) checkDedicated({ described, rpcVia }, reader);
  return {
    hosts: areSound ? hosts.filter(({ nodes }) => nodes.length > 0) : [],
    clientPlacement,
    clientHosts: areSound ? clientHosts : [],
    hostsFile: sources.file?.path,
    ...(sources.file?.part === undefined ? {} : { hostsFlag: "--config" as const }),
    hostKeyPolicy: take("hostKeyPolicy", defaultRemote.hostKeyPolicy),
    knownHostsFile,
    sshTimeoutSecs: read(rules.sshTimeout, timeout, defaultRemote.sshTimeoutSecs),
    rpcVia,
    image,
    pull,
    cpus: take("nodeCpus", undefined),
    memoryMiB: take("nodeMemory", undefined),
  };
}

/** What clients on machines of their own need: such machines, and nodes that can be reached from there. */
function checkDedicated(
  { described, rpcVia }: Pick<RemoteParameters, "rpcVia"> & { readonly described: DescribedHosts },
  { refuse }: ParameterReader,
): void {
  if (described.clients.length === 0 && described.readable) {
    const why = `"dedicated" requires separate hosts for clients, and there are none. Set CLIENT0_HOST (and CLIENT1_HOST, ...) in the environment or the hosts file, or give a list "clients:" in a YAML file.`;
    refuse("clientPlacement", why, "too-few-hosts");
  }
  if (rpcVia === "ssh") {
    const why = `with "ssh" only the nodes' own hosts can reach their RPC, so clients on other hosts cannot. Use --rpc-via direct, or --client-placement colocated.`;
    refuse("rpcVia", why);
  }
}

/** For commands about the hosts themselves. @param committee undefined: all that are described, whatever one needs */
export function checkRemote(
  given: GivenParameters,
  hosts: HostSources,
  committee?: number,
): { readonly remote: RemoteParameters; readonly diagnostics: Reader["diagnostics"] } {
  const reader = openParameters(given);
  const remote = readRemote({ hosts, committee }, reader);
  const unread = hosts.file !== undefined && hosts.file.text === undefined;
  if (remote.hosts.length === 0 && reader.diagnostics.length === 0 && !unread) {
    const message =
      "There are no hosts. Name them in a file (--hosts FILE; hosts.example.env shows every key), or set MYSTICETI_NODE0_HOST and so on.";
    reader.diagnostics.push({ code: "too-few-hosts", message });
  }
  return { remote, diagnostics: reader.diagnostics };
}

/** For a file of hosts by itself, whatever the environment says of others. */
export function checkHostsFile(file: HostsFile): ReturnType<typeof checkRemote> {
  return checkRemote({}, { environment: {}, home: "~", file });
}

/** What only a network on this machine has. In the environment it may be meant for other commands. */
export function checkRemoteOnly({ given, refuse }: ParameterReader): void {
  const remedy = "Remove it, or use --network-type local.";
  const { runtime, dockerComposePath: file, rpcBasePort, metricsBasePort } = given;
  if (runtime?.value === "process" && runtime.rank !== 1) {
    refuse(runtime, `remote nodes run as containers. ${remedy}`);
  }
  if (file !== undefined && file.rank !== 1)
    refuse(file, `remote nodes do not use a compose file. ${remedy}`);
  for (const port of [rpcBasePort, metricsBasePort]) {
    if (port !== undefined && port.rank !== 1) refuse(port, `remote nodes use fixed ports. ${remedy}`);
  }
}

const remoteNames = [
  "hostKeyPolicy",
  "knownHosts",
  "sshTimeout",
  "rpcVia",
  "clientPlacement",
  "image",
  "pull",
  "nodeCpus",
  "nodeMemory",
] as const;

/** A local network has no use for what is said of hosts, but faulty values are told all the same. */
export function checkLocalOnly({ given, take, refuse }: ParameterReader): void {
  for (const name of remoteNames) take(name, undefined);
  const { hosts, clientPlacement } = given;
  const elsewhere = clientPlacement?.value === "colocated" || clientPlacement?.value === "dedicated";
  if (clientPlacement !== undefined && elsewhere && clientPlacement.rank !== 1) {
    const why =
      "clients of a local network always run on this machine. Add --network-type remote, or remove it.";
    refuse(clientPlacement, why);
  }
  // From the environment they may be meant for other commands; a flag would be passed over without a word.
  if (hosts?.rank !== 0) return;
  refuse(hosts, "a local network has no hosts. Add --network-type remote, or remove it.");
}

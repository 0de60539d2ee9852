/** Whether hosts are enough for a committee, as far as it shows before anything is put there. */
import type { HostSpec } from "../../contracts/hosts/host.ts";
import { formatAuthority } from "../../core/address.ts";
import { mapBounded, withinMs } from "../../core/async.ts";
import { type Diagnostic, describeError, systemCode } from "../../core/errors.ts";
import { checkArchitectures, checkHostList, findDriven, mostNodesPerCore } from "./checks.ts";
import { innerAddress, portsOf } from "./layout.ts";
import { hostsAtOnce, type OpenHost } from "./session.ts";
import { describeBlocked } from "./ways/reach.ts";

export interface CommitteeReport {
  /** What would keep a benchmark from using all of them together; what is wrong with one is in its report. */
  readonly diagnostics: readonly Diagnostic[];
  /** What is worth knowing all the same: a sentence each. */
  readonly notes: readonly string[];
}

/** @param specs all that have nodes or clients @param hosts those of them that answer */
export async function reportCommittee(
  specs: readonly HostSpec[],
  hosts: readonly OpenHost[],
): Promise<CommitteeReport> {
  const withNodes = hosts.filter(({ spec }) => spec.nodes.length > 0);
  const nodes = specs.reduce((sum, spec) => sum + spec.nodes.length, 0);
  const tried = await tryPeerPorts(withNodes);
  const blocked = tried.flatMap(({ way, why }) => (why === undefined ? [] : [`${way}: ${why}`]));
  const unknown = tried.flatMap(({ way, isUnknown }) => (isUnknown ? [way] : []));
  return {
    diagnostics: [
      ...checkHostList(nodes, specs),
      ...checkArchitectures(withNodes),
      ...(await findDriven(withNodes, "")),
      ...(blocked.length === 0 ? [] : [unreachable(blocked)]),
    ],
    notes: [
      ...withNodes.flatMap(noteCores),
      ...(unknown.length === 0
        ? []
        : [`sshd does not allow to try these connections, so the first run will: ${unknown.join(", ")}.`]),
    ],
  };
}

const unreachable = (blocked: readonly string[]): Diagnostic => ({
  code: "hosts-unreachable",
  message: describeBlocked(blocked),
});

function noteCores({ spec: { name, nodes }, facts: { cpus } }: OpenHost): string[] {
  if (cpus === undefined || nodes.length <= mostNodesPerCore * cpus) return [];
  const cores = cpus === 1 ? "1 core" : `${cpus} cores`;
  return [
    `${name}: ${nodes.length} nodes share ${cores}, so the results would mostly show how nodes wait for a core. Place fewer nodes there.`,
  ];
}

interface TriedWay {
  /** "host0 → host1 (10.0.1.11:26656)" */
  readonly way: string;
  /** Why nothing gets through. */
  readonly why?: string | undefined;
  /** It could not be tried. */
  readonly isUnknown: boolean;
}

const wayTimeoutMs = 5_000;

/**
 * Tries the way from every host to every other one's peer ports, by connections that the host's sshd opens. Nobody
 * listens there yet, so a port that refuses has been reached.
 */
async function tryPeerPorts(hosts: readonly OpenHost[]): Promise<TriedWay[]> {
  const tried = await mapBounded(hosts, hostsAtOnce, (from) =>
    mapBounded(
      hosts.filter((to) => to !== from),
      4,
      ({ spec }) =>
        mapBounded(spec.nodes, 1, async (_, slot): Promise<TriedWay> => {
          const target = { host: innerAddress(spec), port: portsOf(slot).peer };
          const way = `${from.spec.name} → ${spec.name} (${formatAuthority(target)})`;
          return { way, ...(await tryWay(from, target)) };
        }),
    ),
  );
  return tried.flat(2);
}

async function tryWay(
  { host }: OpenHost,
  target: { readonly host: string; readonly port: number },
): Promise<Omit<TriedWay, "way">> {
  const opened = host.connectTcp(target).then((stream) => {
    stream.destroy();
    return { isUnknown: false };
  }, explainFailure);
  const seen = await withinMs(wayTimeoutMs, opened);
  return seen ?? { why: `no answer within ${wayTimeoutMs / 1000} s`, isUnknown: false };
}

function explainFailure(error: unknown): Omit<TriedWay, "way"> {
  if (systemCode(error) === "ECONNREFUSED" || /connection refused/i.test(describeError(error))) {
    return { isUnknown: false };
  }
  const said = /timed out|no route to host|network is unreachable|not known/i.exec(describeError(error))?.[0];
  return said === undefined ? { isUnknown: true } : { why: said, isUnknown: false };
}

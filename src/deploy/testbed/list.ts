/** The testbeds of a user: which there are, and where another one may stand. */
import { ConfigurationError, type Diagnostic } from "../../core/errors.ts";
import type { ListedTestbed } from "../chosen-deployer.ts";
import type { ContainerSummary } from "../engine/containers.ts";
import type { Engine } from "../engine/engine.ts";
import type { Labels } from "../engine/types.ts";
import { findConflicts } from "./conflicts.ts";
import { hostUser } from "./image.ts";
import {
  type Addressing,
  addressRange,
  formatAddress,
  hostPrefix,
  mostRanges,
  ownerLabel,
  placeHosts,
  rangeLabel,
  sshPortInside,
  testbedDir,
  testbedId,
  testbedLabel,
  testbedName,
  usualTestbed,
} from "./layout.ts";
import { readHostsFilePath } from "./state.ts";
import { chooseAddressing } from "./up.ts";
import { findUsers } from "./users.ts";

/** Where the hosts of a testbed are to stand. */
interface ChosenRange {
  readonly addressing: Addressing;
  readonly range: number;
}

interface Wanted {
  readonly engine: Engine;
  readonly stateDir: string;
  readonly name: string;
  readonly count: number;
  /** As node:os says it. */
  readonly platform: string;
}

/** Ranges that are tried where other programs listen in some. */
const mostTried = 16;

/**
 * The first range of addresses that no other testbed on this engine has, and no other program listens in; the one
 * that the testbed has already, where it has one. Where other programs listen in all that were tried, the first of
 * them: `testbedUp` says what is in the way.
 *
 * @throws ConfigurationError where test hosts have all of them
 */
export async function chooseRange({ engine, stateDir, name, count, platform }: Wanted): Promise<ChosenRange> {
  const id = testbedId(testbedDir(stateDir, name));
  const all = await engine.listContainers({ label: testbedLabel });
  const own = all.filter(({ labels }) => labels[testbedLabel] === id).map(rangeOf);
  const others = new Set(all.filter(({ labels }) => labels[testbedLabel] !== id).map(rangeOf));
  const numbers = Array.from({ length: mostRanges - 1 }, (_, index) => index + 1);
  const free = numbers.filter((range) => !others.has(range));
  const candidates = name === usualTestbed ? [0] : [...new Set([...own, ...free])].slice(0, mostTried);
  let first: ChosenRange | undefined;
  for (const range of candidates) {
    const addressing = await chooseAddressing(platform, addressRange(range));
    const conflicts = await findConflicts(placeHosts(count, hostPrefix(name), addressing), { engine, id });
    if (conflicts.length === 0) return { addressing, range };
    first ??= { addressing, range };
  }
  if (first === undefined) throw new ConfigurationError([allTaken]);
  return first;
}

const allTaken: Diagnostic = {
  code: "testbed-port",
  message: `All ${mostRanges} ranges of addresses have test hosts. Show yours with: npx baleen testbed ls. Remove some with: npx baleen testbed down --name NAME`,
};

/** Of a host from before there were ranges: the first. */
const rangeOf = ({ labels }: ContainerSummary) => Number(labels[rangeLabel] ?? 0);

/** This user's testbeds on an engine, by name; of one whose start was killed, what there is of it. */
export async function listTestbeds(
  engine: Engine,
  stateDir: string,
  signal: AbortSignal,
): Promise<ListedTestbed[]> {
  const [hosts, networks] = await Promise.all([
    engine.listContainers({ label: testbedLabel }),
    engine.listNetworks(testbedLabel),
  ]);
  const nameOf = ({ labels }: { labels: Labels }) => testbedName(stateDir, labels[ownerLabel] ?? "");
  const names = new Set([...hosts, ...networks].map(nameOf).filter((name) => name !== undefined));
  const listed = [...names].sort().map(async (name) => {
    const own = hosts.filter((host) => nameOf(host) === name).sort(byNumber);
    return {
      name,
      hosts: own.map((host) => ({ name: host.name, state: host.state, address: addressOf(host) })),
      image: own[0]?.image,
      createdAtMs: own.length === 0 ? undefined : Math.min(...own.map(({ createdAtMs }) => createdAtMs)),
      hostsFile: await readHostsFilePath(testbedDir(stateDir, name)),
      usedBy: await findUsers(engine, own, signal),
    };
  });
  return Promise.all(listed);
}

const byNumber = (a: ContainerSummary, b: ContainerSummary) =>
  a.name.localeCompare(b.name, "en", { numeric: true });

/** undefined where it does not run: then it holds no ports. */
function addressOf({ ports }: ContainerSummary): string | undefined {
  const ssh = ports.find(({ containerPort }) => containerPort === sshPortInside);
  return ssh && formatAddress({ user: hostUser, address: ssh.host, sshPort: ssh.port });
}

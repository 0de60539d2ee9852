/**
 * How long a committee takes from nothing to its first commits on hosts that are prepared: `node
 * benchmarks/suite/bring-up.ts --hosts FILE [--counts 4,16] [--delay-ms 100] [--ansible]`. With --ansible an Ansible
 * playbook (bring-up/playbook.yml) does the same steps in the same run. Prints Markdown; progress goes to standard error.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { HostSpec } from "../../src/contracts/hosts/host.ts";
import { systemClock } from "../../src/core/clock.ts";
import { waitUntilReady } from "../../src/deploy/nodes/readiness.ts";
import { createRemoteDeployer } from "../../src/deploy/remote/deployer.ts";
import { RemoteSession, type RemoteSessionOptions } from "../../src/deploy/remote/session.ts";
import { resolveHosts } from "../../src/deploy/ssh/config/resolve.ts";
import { connectHost } from "../../src/deploy/ssh/connect.ts";
import { checkRemote } from "../../src/options/checks/remote.ts";
import { mysticeti } from "../../src/protocol/mysticeti.ts";
import { type AnsibleTimes, bringUpWithAnsible } from "./bring-up/ansible.ts";
import { delayHosts } from "./bring-up/delayed-hosts.ts";
import { flag, needed, number, numbers, readCommandLine } from "./command-line.ts";
import { formatTable } from "./markdown.ts";

const options = readCommandLine("How long a committee takes on prepared hosts.", {
  hosts: needed("FILE", "hosts file, as for baleen benchmark; hosts that have Docker"),
  counts: numbers("numbers of hosts, one node on each", "4"),
  "delay-ms": number("delay of SSH in each direction", 0),
  repeats: number("bring-ups of each kind; the median counts", 3, 1),
  "round-delay-ms": number("shortest time between two rounds of the validators", 50),
  ansible: flag("beside a playbook with the same steps, forks = hosts"),
  look: flag("only connect, lock and look over; hosts need no Docker, and have little to do themselves"),
});

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interrupt.abort());
const { signal } = interrupt;

/** Seconds since the beginning of a bring-up. */
interface Times {
  readonly startedSecs: number;
  readonly readySecs: number;
  /** CPU time of this process, all hosts together. */
  readonly cpuSecs: number;
  /** The nodes' image, which the hosts have from now on. */
  readonly image: string;
}

interface Place {
  readonly hosts: readonly HostSpec[];
  readonly knownHostsFile: string;
  readonly folder: string;
}

function sessionFor({ hosts, knownHostsFile }: Place): RemoteSessionOptions {
  return {
    hosts,
    holder: `bring-up, process ${process.pid}`,
    connect: (spec, abort) =>
      connectHost(spec, {
        hostKeyPolicy: "strict",
        knownHostsFiles: [knownHostsFile],
        timeoutMs: 30_000,
        passphrase: async () => undefined,
        warn: console.error,
        signal: abort,
      }),
  };
}

/** Since it was called: seconds, and this process's CPU seconds. */
function startWatch() {
  const before = process.cpuUsage();
  const startMs = systemClock.monotonicMs();
  return {
    secs: () => (systemClock.monotonicMs() - startMs) / 1000,
    cpuSecs: () => {
      const used = process.cpuUsage(before);
      return (used.user + used.system) / 1e6;
    },
  };
}

/** The way to the hosts alone: connection, lock, a look at them. */
async function lookOver(place: Place): Promise<Times> {
  const watch = startWatch();
  await using session = await RemoteSession.open(sessionFor(place), randomBytes(4).toString("hex"), signal);
  const { diagnostics } = session;
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const secs = watch.secs();
  return { startedSecs: secs, readySecs: secs, cpuSecs: watch.cpuSecs(), image: "" };
}

async function bringUp(place: Place): Promise<Times> {
  const { hosts, folder } = place;
  const plan = planFor(hosts.length);
  const { secs, cpuSecs } = startWatch();
  const run = randomBytes(4).toString("hex");
  const deployer = createRemoteDeployer({
    ...sessionFor(place),
    run,
    who: "bring-up@here",
    rpcVia: "direct",
    nodeBinary: process.execPath,
    imageCacheFolder: join(folder, "images"),
    env: process.env,
  });
  const common = { signal, emit: () => {}, clock: systemClock };
  try {
    const diagnostics = await deployer.check(plan, signal);
    if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
    await using network = await deployer.deploy(plan, { ...common, run, cleanup: "thorough" });
    const startedSecs = secs();
    await waitUntilReady(network, mysticeti, { ...common, timeoutMs: 120_000 });
    const readySecs = secs();
    const used = cpuSecs();
    const { image } = await network.describe();
    return { startedSecs, readySecs, cpuSecs: used, image: String(image) };
  } finally {
    await deployer.close?.();
  }
}

function planFor(nodes: number) {
  const tuning = { minRoundDelayMs: options["round-delay-ms"], leaderTimeoutMs: 2_000, leadersPerRound: 2 };
  return mysticeti.plan({ nodes, options: tuning });
}

async function readHosts(): Promise<{ hosts: readonly HostSpec[]; knownHostsFile: string }> {
  const text = await readFile(options.hosts, "utf8");
  const file = { path: options.hosts, text };
  const { remote, diagnostics } = checkRemote({}, { environment: {}, file, home: homedir() });
  const resolved = await resolveHosts(remote.hosts, { home: homedir() });
  const all = [...diagnostics, ...resolved.diagnostics];
  if (all.length > 0) throw new Error(all.map(({ message }) => message).join("\n"));
  const knownHostsFile = remote.knownHostsFile ?? join(homedir(), ".ssh", "known_hosts");
  return { hosts: resolved.hosts.map((host, i) => ({ ...host, nodes: [i] })), knownHostsFile };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

const { hosts: all, knownHostsFile } = await readHosts();
const folder = await mkdtemp(join(tmpdir(), "baleen-bring-up-"));
const rows: string[][] = [];
const take = options.look ? lookOver : bringUp;
const secs = (values: readonly number[]) => median(values).toFixed(1);
try {
  for (const count of options.counts) {
    if (count > all.length) throw new Error(`${options.hosts} has ${all.length} hosts, not ${count}.`);
    await using place = await delayHosts({
      hosts: all.slice(0, count),
      knownHostsFile,
      folder,
      oneWayDelayMs: options["delay-ms"],
    });
    console.error(`${count} hosts: a first bring-up that is not counted …`);
    const { image } = await take({ ...place, folder });
    const ours: Times[] = [];
    const theirs: AnsibleTimes[] = [];
    for (let i = 0; i < options.repeats; i++) {
      console.error(`${count} hosts, bring-up ${i + 1} of ${options.repeats} …`);
      ours.push(await take({ ...place, folder }));
      if (!options.ansible) continue;
      console.error(`${count} hosts, the playbook, ${i + 1} of ${options.repeats} …`);
      theirs.push(await bringUpWithAnsible({ ...place, folder, plan: planFor(count), image, signal }));
    }
    const cpuMs = (1000 * median(ours.map(({ cpuSecs }) => cpuSecs))) / count;
    rows.push([
      options.look ? `Connected, locked, looked over: ${count} hosts` : `Baleen, ${count} hosts`,
      secs(ours.map(({ startedSecs }) => startedSecs)),
      options.look ? "" : secs(ours.map(({ readySecs }) => readySecs)),
      cpuMs.toFixed(0),
    ]);
    if (theirs.length === 0) continue;
    rows.push([
      `Ansible, ${count} hosts`,
      secs(theirs.map(({ startedSecs }) => startedSecs)),
      secs(theirs.map(({ readySecs }) => readySecs)),
      "",
    ]);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
const head = options.look
  ? ["the way to the hosts", "s", "", "CPU here, ms a host"]
  : ["bring-up of prepared hosts", "started, s", "committing, s", "CPU here, ms a host"];
console.log(`SSH delayed by ${options["delay-ms"]} ms each way; medians of ${options.repeats}.\n`);
console.log(formatTable(head, rows));

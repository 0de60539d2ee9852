/** Commands that run nodes on test hosts, and what is to be seen on those hosts past SSH. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { delay } from "../../src/core/async.ts";
import { startTestHosts, type TestHosts, type TestHostsRequest } from "../support/test-hosts.ts";
import { findProcesses } from "./machine.ts";
import { type Command, openSetting, type Setting, type StartOptions } from "./setting.ts";

export { testHostsLimitMs, whyNoTestHosts } from "../support/test-hosts.ts";

/** For a machine that is busy with other things: hosts that install, take an image, or are waited for. */
export const patienceMs = 150_000;

/** Hosts that the tests of a file share, and what they keep between their commands: the image, once made. */
export interface SharedHosts extends TestHosts {
  /** State of the commands. */
  readonly stateFolder: string;
}

export async function shareTestHosts(request: TestHostsRequest): Promise<SharedHosts> {
  const hosts = await startTestHosts(request);
  const stateFolder = await mkdtemp(join(tmpdir(), "baleen-remote-state-"));
  return {
    ...hosts,
    stateFolder,
    [Symbol.asyncDispose]: async () => {
      await hosts[Symbol.asyncDispose]();
      await rm(stateFolder, { recursive: true, force: true });
    },
  };
}

export interface RemoteSetting extends Setting {
  /** `--hosts`, with so many nodes on each as make four. */
  readonly hostsFile: string;
  /** The command's own flags follow; it is led to the hosts, host0 and host1 and so on. */
  readonly remote: (args: readonly string[], options?: StartOptions) => Command;
}

/** Opens a setting whose commands are led to these hosts, the last `clientHosts` of which are for clients alone. */
export async function openRemoteSetting(hosts: SharedHosts, clientHosts = 0): Promise<RemoteSetting> {
  const setting = await openSetting();
  const hostsFile = join(setting.home, "hosts.yaml");
  const nodeHosts = hosts.hosts.length - clientHosts;
  const described = hosts.hosts.slice(0, nodeHosts).map(({ privateAddress, ...host }) => ({
    ...login(host),
    private_address: privateAddress,
    nodes: 4 / nodeHosts,
  }));
  const clients = clientHosts === 0 ? {} : { clients: hosts.hosts.slice(nodeHosts).map(login) };
  const known = { known_hosts: hosts.knownHostsFile, hosts: described, ...clients };
  await writeFile(hostsFile, JSON.stringify(known));
  const start: Setting["start"] = (binary, args, options = {}) => {
    const env = { XDG_STATE_HOME: hosts.stateFolder, ...options.env };
    return setting.start(binary, args, { longestMs: patienceMs, ...options, env });
  };
  return {
    ...setting,
    start,
    hostsFile,
    remote: (args, options) =>
      start("benchmark", ["--network-type=remote", `--hosts=${hostsFile}`, ...args], options),
  };
}

const login = ({
  address,
  sshPort,
  user,
  keyFile,
}: Pick<TestHosts["hosts"][number], "address" | "sshPort" | "user" | "keyFile">) => ({
  ...{ address, user, port: sshPort, key: keyFile },
});

/** Id of the run that a command has begun. */
export function runOf({ seen }: Command): string {
  const run = /^Sweep (\w+):/m.exec(seen.stderr)?.[1];
  if (run === undefined) throw new Error(`no run was begun:\n${seen.stderr}`);
  return run;
}

/** Errors and warnings that were told. */
export function complaints(stderr: string): readonly string[] {
  return stderr.match(/^(error|warning):.*/gm) ?? [];
}

/** Everything of a run, and whatever else could be left on a host: a line each. */
const lookScript = `
if command -v docker >/dev/null; then
  docker ps -a --format 'container {{.Names}}'
  docker volume ls --format 'volume {{.Name}}'
  docker network ls --format 'network {{.Name}}' | grep -vE ' (bridge|host|none)$'
fi
find /tmp /var/tmp /dev/shm /home -mindepth 1 | sed 's/^/file /'
ps -u ubuntu -o args= | sed 's/^/process /'
pgrep -fa '[b]aleen-|[d]ial-stdio' | sed 's/^[0-9]* /process /'
true`;

/** What is on a host that a run could have put there; the engine's own things aside. */
export async function look(hosts: TestHosts, index: number): Promise<string[]> {
  const seen = await hosts.inside(index, "sh", "-c", lookScript);
  return [...new Set(seen.split("\n"))].filter((line) => line !== "").sort();
}

/** Rules of the packet filter. */
export async function readRules(hosts: TestHosts, index: number): Promise<string> {
  return await hosts.inside(index, "sh", "-c", "iptables -S; iptables -t nat -S");
}

/** Fails where a host has anything else than before; sessions that just ended may still be seen for a moment. */
export async function expectAsBefore(
  hosts: TestHosts,
  before: readonly (readonly string[])[],
): Promise<void> {
  for (const [index, things] of before.entries()) {
    await expect.poll(() => look(hosts, index), { timeout: 20_000, interval: 200 }).toEqual(things);
  }
}

/** Every command line that was seen on this machine and, hosts being containers, on the hosts. */
export interface CommandLines extends AsyncDisposable {
  readonly seen: ReadonlySet<string>;
}

const sampleEveryMs = 50;

/** Samples the process list until it is disposed of. */
export function watchCommandLines(): CommandLines {
  const seen = new Set<string>();
  const end = new AbortController();
  const sample = async () => {
    while (!end.signal.aborted) {
      for (const { commandLine } of await findProcesses("")) seen.add(commandLine);
      await delay(sampleEveryMs);
    }
  };
  const sampling = sample();
  return {
    seen,
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await sampling;
    },
  };
}

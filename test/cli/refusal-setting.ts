/** Test hosts, a user's machine beside them, and what has to be as it was after a command that is refused. */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { until } from "../../src/core/async.ts";
import { startTestHosts, type TestHosts } from "../support/test-hosts.ts";
import { listAll } from "./machine.ts";
import { openSetting, type Setting } from "./setting.ts";

/** Two hosts with an engine, and a third one with sshd and sudo alone. */
export interface RemoteHosts extends AsyncDisposable {
  readonly hosts: TestHosts["hosts"];
  /** Runs a shell's command line as root in a host. */
  readonly inside: (host: number, command: string) => Promise<string>;
  /** Their files for SSH, put together: known_hosts, and a key for each set. */
  readonly knownHosts: string;
}

export async function startRemoteHosts(): Promise<RemoteHosts> {
  const [ready, bare] = await Promise.all([
    startTestHosts({ count: 2, docker: true, nodePorts: false }),
    startTestHosts({ count: 1, docker: false, nodePorts: false, set: 2 }),
  ]);
  const files = [ready.knownHostsFile, bare.knownHostsFile];
  return {
    hosts: [...ready.hosts, ...bare.hosts],
    inside: (host, command) =>
      host < 2 ? ready.inside(host, "sh", "-c", command) : bare.inside(host - 2, "sh", "-c", command),
    knownHosts: (await Promise.all(files.map((file) => readFile(file, "utf8")))).join(""),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([ready[Symbol.asyncDispose](), bare[Symbol.asyncDispose]()]);
    },
  };
}

/** Keys of a hosts file; undefined leaves one out. */
export type HostLines = Readonly<Record<string, string | undefined>>;

/** A machine whose user has the keys "key0" to "key2" and "known_hosts", and writes "hosts.env". */
export interface RemoteSetting extends Setting {
  readonly writeHosts: (changes?: HostLines) => Promise<void>;
}

export async function openRemoteSetting({ hosts, knownHosts }: RemoteHosts): Promise<RemoteSetting> {
  const setting = await openSetting();
  const path = (name: string) => join(setting.home, name);
  await Promise.all(hosts.map(({ keyFile }, index) => copyFile(keyFile, path(`key${index}`))));
  await writeFile(path("known_hosts"), knownHosts);
  const usual = Object.assign(
    { MYSTICETI_KNOWN_HOSTS: "known_hosts" },
    ...[0, 1].map((index) => hostLines(hosts, index, index)),
  ) as HostLines;
  const writeHosts = async (changes: HostLines = {}) => {
    const lines = Object.entries({ ...usual, ...changes });
    const text = lines.map(([name, value]) => (value === undefined ? "" : `${name}=${value}\n`)).join("");
    await writeFile(path("hosts.env"), text);
  };
  await writeHosts();
  return { ...setting, writeHosts };
}

/** What leads a node to a test host. */
export function hostLines(hosts: TestHosts["hosts"], node: number, index: number): HostLines {
  const host = hosts[index];
  if (host === undefined) throw new Error(`there is no test host ${index}`);
  const prefix = `MYSTICETI_NODE${node}`;
  return {
    [`${prefix}_HOST`]: host.address,
    [`${prefix}_SSH_PORT`]: String(host.sshPort),
    [`${prefix}_SSH_KEY`]: `key${index}`,
    [`${prefix}_PRIVATE_HOST`]: host.privateAddress,
  };
}

const look = `
if command -v docker >/dev/null; then
  docker ps -a --format 'container {{.Names}}'; docker volume ls --format 'volume {{.Name}}'
  docker network ls --format 'network {{.Name}}'; docker images --format 'image {{.ID}}'
fi
find /tmp /var/tmp /home /root -mindepth 1
ps -eo args= | grep -v -e '^ps ' -e '^.\\{0,1\\}grep' -e '^sh -c' -e '^sshd: /usr/sbin/sshd'`;

/** Takes note of what is on the hosts. @returns fails unless all of it is so again; a session takes a moment to end */
export async function watchHosts({ inside, hosts }: RemoteHosts): Promise<() => Promise<void>> {
  const lookAround = async () => {
    const found = await Promise.all(hosts.map((_, index) => inside(index, look)));
    return found.map((text) => text.split("\n").sort());
  };
  const before = await lookAround();
  return async () => {
    let after: string[][] = [];
    const isBack = async () => {
      after = await lookAround();
      return JSON.stringify(after) === JSON.stringify(before) ? true : undefined;
    };
    const limits = { timeoutMs: 20_000, everyMs: 200, describe: () => "something is left" };
    await until(isBack, limits).catch(() => {});
    expect(after).toEqual(before);
  };
}

/** Files of the user, without the tool's own. */
async function listFiles({ home }: Setting): Promise<string[]> {
  return (await listAll(home)).filter((name) => !/^(state(\/.*)?|benchmarks(\/.*)?)$/.test(name)).sort();
}

/** A network that is refused. */
export interface Refusal {
  /** Keys of the hosts file that are not as usual. */
  readonly lines?: HostLines;
  readonly args?: readonly string[];
  /** Brings it about; what it returns undoes it. */
  readonly arrange?: (setting: RemoteSetting) => Promise<undefined | (() => Promise<unknown>)>;
  /** One for each line that is told. */
  readonly diagnostics: readonly RegExp[];
  /** Seen only when the work has begun. */
  readonly late?: boolean;
}

const remote = ["--network-type=remote", "--committee=2", "--allow-no-faults", "--rpc-via=ssh"];
const short = ["--loads=20", "--duration=1", "--warm-up=0", "--cleanup-thorough"];
/** A stack, what should not be shown, and words of the library below. */
const jargon = /\n\s+at |node_modules|\[object|undefined|handshake|Unexpected error/;

/** Fails unless a benchmark ends with just these faults, and leaves hosts and machine as they were. */
export async function expectRefusal(fleet: RemoteHosts, refusal: Refusal): Promise<void> {
  const { lines, args = [], arrange, diagnostics, late = false } = refusal;
  await using setting = await openRemoteSetting(fleet);
  await setting.writeHosts(lines);
  const expectHostsAsBefore = await watchHosts(fleet);
  const undo = await arrange?.(setting);
  const files = await listFiles(setting);
  const hosts = args.some((arg) => arg.startsWith("--hosts")) ? [] : ["--hosts=hosts.env"];
  const ending = setting.start("benchmark", [...remote, ...short, ...hosts, ...args]).ended;
  const { code, stdout, stderr } = await ending.finally(() => undo?.());
  const reported = stderr.trimEnd().split("\n");
  const errors = late ? reported.slice(reported.findIndex((line) => line.startsWith("error: "))) : reported;
  expect(errors).toEqual(diagnostics.map((diagnostic) => expect.stringMatching(diagnostic)));
  expect(stderr).not.toMatch(jargon);
  expect(code).toBe(late ? 1 : 2);
  if (!late) expect(stdout).toBe("");
  expect(await listFiles(setting)).toEqual(files);
  if (!late) await setting.expectNothingLeft();
  await expectHostsAsBefore();
}

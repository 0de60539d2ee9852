/** Commands that are killed at random moments: what `clean` finds of them, and that nothing is left after it. */
import { mkdir, readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { platform } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { delay } from "../../src/core/async.ts";
import { seededRandom } from "../../src/core/random.ts";
import { dockerCommand, openDockerSetting } from "./docker-setting.ts";
import { findChild, findProcesses, listAll, sendSignal } from "./machine.ts";
import { readMachineNetwork } from "./machine-network.ts";
import { complaints, look, openRemoteSetting, type SharedHosts, shareTestHosts } from "./remote-setting.ts";
import { type Command, type Ending, openSetting, type Setting } from "./setting.ts";

/** Where commands are killed. */
interface Place extends AsyncDisposable {
  /** A whole short benchmark; of several kinds, the one whose turn it is. */
  readonly start: (turn: number) => Command;
  /** What a user runs afterwards. */
  readonly clean: () => Promise<Ending>;
  /** Everything that could be left: a line each. */
  readonly look: () => Promise<readonly string[]>;
}

interface LinkedPlace extends Place {
  /** Pid of the shaper of its links. */
  readonly findShaper: (command: Command) => Promise<number>;
}

const short = ["--loads=50", "--warm-up=0", "--drain=1", "--cleanup-thorough"];
/** Nothing else on this machine's engine takes these ports. */
const onEngine = ["--rpc-base-port=27657", "--metrics-base-port=27670"];
const longestMs = 600_000;
/** What ends by itself, and what it writes last. */
const settleMs = 30_000;

const plain = ["--duration=1"];

/** Partitions, a node that stands still, one that crashes, and links that change again and again. */
const timeline = `
- { at: 100ms, for: 600ms, partition: [[node0, node1], [node2, node3]] }
- { at: 200ms, for: 400ms, pause: node1 }
- { at: 500ms, for: 1s, crash: node3 }
- { at: 800ms, for: 1s, ramp: { delay: 60ms } }
`;
const timelineFile = "kills.yaml";
const delayed = ["--duration=2", "--delay=25ms", "--link-mechanism=nfqueue"];
/** The longest is the first: it says how long a benchmark takes. */
const linked = [
  [...delayed, `--timeline=./${timelineFile}`],
  [...delayed, "--loss=1%", "--jitter=2ms"],
] as const;

export const places = {
  process: () => openProcesses([plain]),
  docker: () => openContainers([[...plain, ...onEngine]]),
  remote: openHosts,
  processLinks: () => openProcesses(linked, { network: true }),
  dockerLinks: () =>
    openContainers(
      linked.map((args) => [...args, ...onEngine]),
      { network: true },
    ),
} as const;

interface LookOptions {
  /** At what links could leave in the network of the machine, too. */
  readonly network?: boolean;
}

interface Campaign {
  readonly kills: number;
  /** Of the moments. */
  readonly seed: string;
  /** Hears of each kill of which nothing was left. */
  readonly onCleaned?: (kill: string) => void;
}

/** Kills whole short benchmarks at moments that are spread over their length. */
export async function killAtRandom(
  kind: keyof typeof places,
  { kills, seed, onCleaned = () => {} }: Campaign,
): Promise<void> {
  const random = seededRandom(seed);
  await using place = await places[kind]();
  const startMs = performance.now();
  const whole = await place.start(0).ended;
  // A busy machine can make it invalid.
  expect([0, 3], whole.stderr).toContain(whole.code);
  const lengthMs = performance.now() - startMs;
  const before = await place.look();
  for (let kill = 1; kill <= kills; kill++) {
    const atMs = random.nextRatio() * lengthMs;
    const when = `kill ${kill} (seed ${seed}), ${atMs.toFixed(0)} of ${lengthMs.toFixed(0)} ms`;
    await killAndClean(place, { before, when, turn: kill, reach: () => delay(atMs) });
    onCleaned(when);
  }
}

/** @param line of standard error at which the command is killed */
export async function killAtLine(kind: keyof typeof places, line: string | RegExp): Promise<void> {
  await using place = await places[kind]();
  const before = await place.look();
  await killAndClean(place, { before, when: String(line), turn: 0, reach: ({ says }) => says(line) });
}

interface Kill {
  readonly before: readonly string[];
  readonly when: string;
  /** Which kind of benchmark. */
  readonly turn: number;
  /** Resolves at the moment. */
  readonly reach: (command: Command) => Promise<void>;
}

async function killAndClean(place: Place, { before, when, turn, reach }: Kill): Promise<void> {
  const command = place.start(turn);
  await reach(command);
  command.child.kill("SIGKILL");
  const { stderr } = await command.ended;
  const cleaned = await place.clean();
  const message = `${when}, after: ${stderr.trimEnd().split("\n").at(-1)}\n${cleaned.stdout}`;
  expect([cleaned.code, complaints(cleaned.stderr)], message).toEqual([0, []]);
  await expect.poll(place.look, { message, timeout: settleMs, interval: 200 }).toEqual(before);
  const again = await place.clean();
  expect(again.stdout, message).toMatch(/^Nothing is left|nothing is left$/m);
}

/** Of a shaper that is killed rules stay, but only in namespaces that end with the nodes. */
export async function killShaper(kind: "processLinks" | "dockerLinks"): Promise<void> {
  await using place = await places[kind]();
  const before = await place.look();
  const command = place.start(1);
  await command.says("measuring", longestMs);
  const during = await place.look();
  sendSignal(await place.findShaper(command), "SIGKILL");
  await command.says(/The run is invalid: the link shaper has ended/, 2_000);
  const tables = (lines: readonly string[]) => lines.filter((line) => /^(iptables|nft|tc)/.test(line));
  expect(tables(await place.look())).toEqual(tables(during));
  const { code, stderr } = await command.ended;
  expect(code, stderr).toBe(3);
  await expect.poll(place.look, { timeout: settleMs, interval: 200 }).toEqual(before);
}

/** A setting with a folder for temporary files of its own. */
async function useOwnTemporaryFolder<S extends Setting>(setting: S): Promise<S> {
  const folder = join(setting.home, "tmp");
  await mkdir(folder);
  const start: Setting["start"] = (binary, args, options = {}) =>
    setting.start(binary, args, { longestMs, ...options, env: { TMPDIR: folder, ...options.env } });
  return { ...setting, start };
}

/** Processes, files of state and temporary files; bundles stay, to be resumed. */
async function lookAt(setting: Setting, stateDir = setting.stateDir): Promise<string[]> {
  const state = (await listAll(stateDir)).filter((path) => !/^(runs|images(\/[^/]+\.tar\.gz)?)$/.test(path));
  const results = await readdir(join(setting.home, "benchmarks")).catch(() => []);
  const probes = results.filter((name) => name.startsWith("."));
  return [
    ...(await findOwnProcesses(setting.home)).map((command) => `process ${command}`),
    ...state.map((path) => `state ${path}`),
    ...(await listAll(join(setting.home, "tmp"))).map((path) => `temporary ${path}`),
    ...probes.map((name) => `probe ${name}`),
  ].sort();
}

/** By command line or, where it can be read, environment: everything that a setting starts has its home there. */
async function findOwnProcesses(home: string): Promise<string[]> {
  if (platform() !== "linux") return (await findProcesses(home)).map(({ commandLine }) => commandLine);
  const all = await findProcesses("");
  const own = all.map(async ({ pid, commandLine }) => {
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    // What is started without an environment is still in the folder of its parent.
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    return [commandLine, environment, folder].some((text) => text.includes(home)) ? [commandLine] : [];
  });
  return (await Promise.all(own)).flat();
}

/** @param kinds of benchmarks: further arguments of each */
async function openProcesses(
  kinds: readonly (readonly string[])[],
  { network = false }: LookOptions = {},
): Promise<LinkedPlace> {
  const setting = await useOwnTemporaryFolder(await openSetting());
  await writeFile(join(setting.home, timelineFile), timeline);
  return {
    start: (turn) => setting.start("benchmark", [...short, ...(kinds[turn % kinds.length] ?? [])]),
    clean: () => setting.start("baleen", ["clean", "--yes"]).ended,
    findShaper: ({ pid }) => findChild(pid, "/shaper/main."),
    look: async () => [...(await lookAt(setting)), ...(network ? await readMachineNetwork([]) : [])],
    [Symbol.asyncDispose]: () => setting[Symbol.asyncDispose](),
  };
}

/** On this machine's engine, which others use too: what is theirs is neither looked at nor cleaned. */
async function openContainers(
  kinds: readonly (readonly string[])[],
  { network = false }: LookOptions = {},
): Promise<LinkedPlace> {
  const setting = await useOwnTemporaryFolder(await openDockerSetting());
  await writeFile(join(setting.home, timelineFile), timeline);
  const commands: Command[] = [];
  const listRuns = async () => {
    const listed = await setting.start("baleen", ["clean", "--json"]).ended;
    expect(listed.code, listed.stderr).toBe(0);
    const { listed: runs } = JSON.parse(listed.stdout) as { listed: { run: string; what: string[] }[] };
    const begun = new Set(commands.map(({ seen }) => /^Sweep (\w+):/m.exec(seen.stderr)?.[1]));
    return runs.filter(
      ({ run, what }) => begun.has(run) || what.some((thing) => thing.includes(setting.home)),
    );
  };
  return {
    start: (turn) => {
      const command = setting.start("benchmark", [...short, ...(kinds[turn % kinds.length] ?? [])]);
      commands.push(command);
      return command;
    },
    clean: async () => {
      let ending: Ending = { code: 0, stdout: "Nothing is left on this machine.\n", stderr: "" };
      for (const { run } of await listRuns()) {
        ending = await setting.start("baleen", ["clean", "--run", run]).ended;
        if (ending.code !== 0) break;
      }
      return ending;
    },
    findShaper: async (command) => {
      const name = `baleen-${setting.runOf(command)}-shaper`;
      return Number(await dockerCommand("inspect", "--format", "{{.State.Pid}}", name));
    },
    look: async () => {
      const begun = commands.flatMap(({ seen }) => /^Sweep (\w+):/m.exec(seen.stderr)?.[1] ?? []);
      return [
        ...(await lookAt(setting)),
        ...(await Promise.all(begun.map(lookAtEngine))).flat(),
        ...(network ? await readMachineNetwork(begun) : []),
      ];
    },
    [Symbol.asyncDispose]: () => setting[Symbol.asyncDispose](),
  };
}

/** What carries a run's label. */
async function lookAtEngine(run: string): Promise<string[]> {
  const filter = ["--filter", `label=baleen.run=${run}`];
  const found = await Promise.all([
    dockerCommand("ps", "-a", ...filter, "--format", "container {{.Names}}"),
    dockerCommand("network", "ls", ...filter, "--format", "network {{.Name}}"),
    dockerCommand("volume", "ls", ...filter, "--format", "volume {{.Name}}"),
  ]);
  return found.flatMap((lines) => lines.split("\n")).filter((line) => line !== "");
}

async function openHosts(): Promise<Place> {
  const hosts = await shareTestHosts({ count: 2, docker: true });
  const setting = await useOwnTemporaryFolder(await openRemoteSetting(hosts));
  const state = { XDG_STATE_HOME: hosts.stateFolder };
  return {
    start: () =>
      setting.start(
        "benchmark",
        ["--network-type=remote", `--hosts=${setting.hostsFile}`, "--rpc-via=ssh", ...short, ...plain],
        { env: state },
      ),
    clean: async () => {
      const here = await setting.start("baleen", ["clean", "--yes"], { env: state }).ended;
      if (here.code !== 0) return here;
      const args = ["hosts", "clean", "--yes", `--hosts=${setting.hostsFile}`];
      return await setting.start("baleen", args, { env: state }).ended;
    },
    look: async () => [
      ...(await lookAt(setting, join(hosts.stateFolder, "baleen"))),
      ...(await lookAtHost(hosts, 0)),
      ...(await lookAtHost(hosts, 1)),
    ],
    [Symbol.asyncDispose]: async () => {
      await setting[Symbol.asyncDispose]();
      await hosts[Symbol.asyncDispose]();
    },
  };
}

async function lookAtHost(hosts: SharedHosts, index: number): Promise<string[]> {
  const images = await hosts.inside(index, "docker", "images", "-aq", "--filter", "label=baleen.cache");
  const things = [...(await look(hosts, index)), ...images.split("\n").map((id) => `image ${id}`)];
  return things.map((thing) => `host${index} ${thing}`);
}

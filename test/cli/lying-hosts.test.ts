/** Hosts that let one in and break their word: each command that goes there ends in time, says why, and stays small. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { lies } from "../support/lies.ts";
import { type Lie, startLyingHost } from "../support/lying-host.ts";
import { someOf } from "../support/some-of.ts";
import { openSetting, type Setting } from "./setting.ts";

const timeoutSecs = 3;
/** Beyond the time-out. */
const graceSecs = 10;
const mostMemoryMib = 200;
const memoryEveryMs = 50;

const network = ["--committee=1", "--allow-no-faults"];
const commands: readonly (readonly [binary: string, ...words: string[]])[] = [
  ["benchmark", "--network-type=remote", "--loads=20", "--duration=1", ...network],
  ["baleen", "hosts", "check"],
  ["baleen", "hosts", "prepare"],
  ["baleen", "hosts", "clean"],
  ["baleen", "status"],
  ["baleen", "logs", "node0"],
  ["baleen", "doctor"],
  ["remote-network", "--num-transactions=10", ...network],
];

/** Each lie for one command, in turn, so that the first few lies meet different ones; then all others. */
const pairs = Object.entries(lies).map(([what, lie], index) => ({ what, lie, first: index % 4 }));
const cases = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((turn) =>
  pairs.map(({ what, lie, first }): [string, string, Lie, (typeof commands)[number]] => {
    const argv = commands[(first + turn) % commands.length] ?? ["baleen"];
    return [what, argv.slice(0, 3).join(" "), lie, argv];
  }),
);

/** The most memory that a process has held so far, MiB. */
async function readPeak(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}

async function watchCommand(setting: Setting, [binary, ...words]: (typeof commands)[number]) {
  const startMs = performance.now();
  const args = [...words, "--hosts=hosts.env", `--ssh-timeout=${timeoutSecs}`];
  const command = setting.start(binary, args);
  let peakMib = 0;
  const look = async () => {
    peakMib = Math.max(peakMib, await readPeak(command.pid));
  };
  const watch = setInterval(() => void look(), memoryEveryMs);
  const ending = await command.ended.finally(() => clearInterval(watch));
  return { ...ending, secs: (performance.now() - startMs) / 1000, peakMib };
}

describe.skipIf(process.platform !== "linux")("a host that", () => {
  someOf(cases, 4)("%s, for %s", async (_, __, lie, argv) => {
    await using host = await startLyingHost(lie);
    await using setting = await openSetting();
    const write = (name: string, text: string) => writeFile(join(setting.home, name), text, { mode: 0o600 });
    await write("key", host.privateKey);
    await write("known_hosts", host.knownHost);
    const at = `MYSTICETI_NODE0_HOST=127.0.0.1\nMYSTICETI_NODE0_SSH_PORT=${host.port}\n`;
    await write("hosts.env", `${at}MYSTICETI_NODE0_SSH_KEY=key\nMYSTICETI_KNOWN_HOSTS=known_hosts\n`);
    const { code, stdout, stderr, secs, peakMib } = await watchCommand(setting, argv);
    const said = `${stdout}${stderr}`;
    expect(said).toContain("host0");
    expect(said).not.toMatch(/Unexpected error|\n\s+at |TimeoutError|undefined/);
    expect(code).not.toBeNull();
    expect(secs).toBeLessThan(timeoutSecs + graceSecs);
    expect(peakMib).toBeLessThan(mostMemoryMib);
  });
});

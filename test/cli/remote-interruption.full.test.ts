/** Ctrl-C at every moment of a sweep on hosts: nothing is left there, or it is named with what removes it. */
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand } from "../../src/core/process/command.ts";
import { parseLeftBehind } from "./docker-setting.ts";
import {
  complaints,
  expectAsBefore,
  look,
  openRemoteSetting,
  patienceMs,
  type RemoteSetting,
  type SharedHosts,
  shareTestHosts,
  testHostsLimitMs,
  whyNoTestHosts,
} from "./remote-setting.ts";
import type { Ending } from "./setting.ts";

interface Moment {
  readonly name: string;
  readonly args: readonly string[];
  readonly prepare?: (hosts: SharedHosts) => Promise<void>;
  /** The line of standard error at which it is interrupted. */
  readonly at: string | RegExp;
  /** What stays on the hosts. */
  readonly left: "nothing" | "volumes" | "all";
}

const long = ["--loads=50,60", "--duration=60", "--warm-up=0"];
/** No block is committed for a minute, so the network is not ready before. */
const neverReady = ["--min-round-delay=60000", "--leader-timeout=60000"];

const moments: readonly Moment[] = [
  {
    name: "while the image is sent",
    args: long,
    prepare: removeImages,
    at: /^host0: sending the image/,
    left: "nothing",
  },
  {
    name: "while the ways between the hosts are tried",
    args: long,
    at: "checking that the hosts reach one another",
    left: "nothing",
  },
  { name: "while containers are created", args: long, at: /^creating the containers/, left: "nothing" },
  {
    name: "before the network is ready",
    args: [...long, ...neverReady],
    at: "waiting until every node commits",
    left: "all",
  },
  { name: "in the window", args: long, at: "measuring", left: "all" },
  { name: "in the window, with --cleanup", args: [...long, "--cleanup"], at: "measuring", left: "volumes" },
  {
    name: "in the window, with --cleanup-thorough",
    args: [...long, "--cleanup-thorough"],
    at: "measuring",
    left: "nothing",
  },
];

async function removeImages(hosts: SharedHosts): Promise<void> {
  const images = "docker images -q baleen/validator | xargs -r docker rmi -f";
  await Promise.all([0, 1].map((host) => hosts.inside(host, "sh", "-c", images)));
}

/** Runs a command line as it was printed, with the words that a shell makes of it. */
async function follow(setting: RemoteSetting, line: string): Promise<Ending> {
  const { stdout } = await runCommand(["sh", "-c", `printf '%s\\n' ${line}`], {
    env: { PATH: process.env.PATH },
    timeoutMs: 10_000,
  });
  const [npx, binary = "", ...args] = stdout.trimEnd().split("\n");
  if (npx !== "npx") throw new Error(`not a command to follow: ${line}`);
  return await setting.start(binary, args).ended;
}

describe.skipIf(whyNoTestHosts !== undefined)(`Ctrl-C on hosts ${whyNoTestHosts ?? ""}`, () => {
  let hosts: SharedHosts;
  let before: readonly string[][];

  beforeAll(async () => {
    hosts = await shareTestHosts({ count: 2, docker: true });
    before = await Promise.all([look(hosts, 0), look(hosts, 1)]);
  }, testHostsLimitMs);
  afterAll(() => hosts?.[Symbol.asyncDispose]());

  test("while a host does not answer", async () => {
    await using setting = await openRemoteSetting(hosts);
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    try {
      const described = JSON.parse(await readFile(setting.hostsFile, "utf8")) as { hosts: object[] };
      const { port } = silent.address() as AddressInfo;
      described.hosts[1] = { ...described.hosts[1], address: "127.0.0.1", port, private_address: "10.0.0.9" };
      await writeFile(setting.hostsFile, JSON.stringify(described));
      const command = setting.remote(long);
      await once(silent, "connection");
      command.child.kill("SIGINT");
      const { code, stderr } = await command.ended;
      expect([code, parseLeftBehind(stderr)]).toEqual([130, undefined]);
      await expectAsBefore(hosts, before);
    } finally {
      silent.close();
    }
  });

  test.each(moments)("$name: exit 130, and what is left can be removed as it was said", async (moment) => {
    await using setting = await openRemoteSetting(hosts);
    await moment.prepare?.(hosts);
    const command = setting.remote(moment.args);
    await command.says(moment.at, patienceMs);
    command.child.kill("SIGINT");
    const { code, stderr } = await command.ended;
    expect([code, complaints(stderr)]).toEqual([130, []]);
    expect(stderr).toContain("Interrupted (SIGINT): cleaning up.");
    await setting.expectNothingLeft();
    const summary = await readFile(join(await setting.bundle(), "summary.json"), "utf8");
    expect(JSON.parse(summary)).toMatchObject({ finished_runs: 0, ended_early: "Interrupted by SIGINT." });

    const left = parseLeftBehind(stderr);
    const kinds = { nothing: [], volumes: ["volume"], all: ["container", "volume"] }[moment.left];
    const named = left?.what.map((what) => what.replace(/ \(\w+\)$/, "")) ?? [];
    expect(new Set(named.map((what) => what.split(" ")[1]))).toEqual(new Set(kinds));
    expect(named).toHaveLength(4 * kinds.length);
    for (const [host, things] of before.entries()) {
      const found = (await look(hosts, host)).filter((line) => /^(container|volume|network) /.test(line));
      const expected = named.filter((what) => what.startsWith(`host${host}: `));
      expect(found.filter((line) => !things.includes(line))).toEqual(
        expected.map((what) => what.replace(/^host\d: /, "")).sort(),
      );
    }
    if (left !== undefined) expect(await follow(setting, left.command)).toMatchObject({ code: 0 });
    await expectAsBefore(hosts, before);
  });
});

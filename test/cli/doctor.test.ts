/** `baleen doctor` on a machine that lacks something: what it says, and that it changes nothing. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmod, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { findFreePorts, isPortFree } from "../../src/deploy/nodes/ports.ts";
import { openValidator } from "../results/schemas.ts";
import { mountDisk, noMountReason } from "../results/temporary-folder.ts";
import { listAll } from "./machine.ts";
import { openSetting, type Setting, type StartOptions } from "./setting.ts";

interface Finding {
  readonly severity: "warning" | "fault";
  readonly code: string;
  readonly message: string;
  readonly command?: string;
}

/** Runs it with --json. @returns exit code and findings by the name of their check; fails unless all is as described */
async function examine(setting: Setting, args: readonly string[], options?: StartOptions) {
  const { code, stdout, stderr } = await setting.start("baleen", ["doctor", "--json", ...args], options)
    .ended;
  expect(stderr).not.toMatch(/^error|\n\s+at /m);
  const document = JSON.parse(stdout) as {
    readonly faults: number;
    readonly checks: readonly { readonly name: string; readonly findings: readonly Finding[] }[];
  };
  const validate = await openValidator("doctor");
  expect(validate(document)).toEqual([]);
  expect(code).toBe(document.faults > 0 ? 1 : 0);
  const findingsOf = (name: string) => document.checks.find((one) => one.name === name)?.findings;
  return { code, findingsOf, names: document.checks.map(({ name }) => name) };
}

/** Takes one of the ports that containers of a usual committee have; no other program may have all of them. */
async function holdStandardPort() {
  for (let port = 26_657; port < 26_661; port++) {
    if (!(await isPortFree("127.0.0.1", port))) continue;
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    return { port, [Symbol.asyncDispose]: async () => void server.close() };
  }
  throw new Error("All standard ports are taken.");
}

describe("doctor", () => {
  test("finds nothing that keeps processes from being measured, and changes nothing", async () => {
    await using setting = await openSetting();
    const before = await listAll(setting.home);
    const { ended } = setting.start("baleen", ["doctor"]);
    const { code, stdout } = await ended;
    expect(stdout).toMatch(/^ok {7}Node\.js {11}\d+\.\d+\.\d+, /);
    expect(stdout).toMatch(/^ok {7}Processes {9}4 nodes of mysticeti$/m);
    expect(stdout).toMatch(/\n(No problems found|0 faults, \d+ warnings?)\.\n$/);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(code).toBe(0);
    expect(await listAll(setting.home)).toEqual(before);
  });

  test("no Docker engine: a warning, and with --runtime docker a fault", async () => {
    await using setting = await openSetting();
    const env = { BALEEN_RUNTIME: "auto" };
    const [auto, docker] = await Promise.all([
      examine(setting, [], { env }),
      examine(setting, ["--runtime=docker"], { env }),
    ]);
    const expected = { code: "docker-unreachable", command: "unset DOCKER_HOST" };
    expect(auto.findingsOf("Docker engine")).toMatchObject([{ severity: "warning", ...expected }]);
    expect(docker.findingsOf("Docker engine")).toMatchObject([{ severity: "fault", ...expected }]);
    expect([auto.code, docker.code]).toEqual([0, 1]);
  });

  test("an engine that hangs is not waited for", { tags: "full" }, async () => {
    await using setting = await openSetting();
    const socket = join(setting.home, "hung.sock");
    const server = createServer(() => {}).listen(socket);
    await once(server, "listening");
    const env = { BALEEN_RUNTIME: "auto", DOCKER_HOST: `unix://${socket}` };
    const command = setting.start("baleen", ["doctor", "--json"], { env });
    await command.says(/^Docker engine: still looking \(at most \d+ s\)$/);
    const { stdout } = await command.ended;
    server.close();
    const { checks } = JSON.parse(stdout);
    expect(checks.find(({ name }: { name: string }) => name === "Docker engine").findings).toMatchObject([
      { severity: "warning", code: "docker-timeout" },
    ]);
  });

  test("a port that containers would have is held: who holds it, and how it is freed", {
    tags: "full",
  }, async () => {
    await using setting = await openSetting();
    await using held = await holdStandardPort();
    const message = expect.stringContaining(`Port ${held.port} of 127.0.0.1 is taken by `);
    const taken = { code: "port-taken", message, command: `kill ${process.pid}` };
    const env = { BALEEN_RUNTIME: "auto" };
    const auto = await examine(setting, [], { env });
    expect(auto.findingsOf("Ports")).toContainEqual({ severity: "warning", ...taken });
    const docker = await examine(setting, ["--runtime=docker"], { env });
    expect(docker.findingsOf("Ports")).toContainEqual({ severity: "fault", ...taken });
  });

  test("folders that cannot be written to, and disks that are full", { tags: "full" }, async (context) => {
    if (noMountReason !== undefined) context.skip(noMountReason);
    await using setting = await openSetting();
    await using readOnly = await mountDisk("ro");
    await using small = await mountDisk("size=1m");
    await using few = await mountDisk("nr_inodes=100");
    const [first, second, third] = await Promise.all([
      examine(setting, [`--output-dir=${readOnly.path}/new`]),
      examine(setting, [`--output-dir=${small.path}`]),
      examine(setting, [], { env: { XDG_STATE_HOME: few.path } }),
    ]);
    expect(first.findingsOf("Folders")).toMatchObject([
      { severity: "fault", code: "output-dir", message: expect.stringContaining("read-only") },
    ]);
    const command = `du -xh ${small.path} | sort -h | tail`;
    expect(second.findingsOf("Disk")).toMatchObject([{ severity: "fault", code: "disk-full", command }]);
    expect(third.findingsOf("Disk")).toMatchObject([{ severity: "fault", code: "disk-files" }]);
  });

  test("a limit of open files that no load fits into", { tags: "full" }, async () => {
    await using setting = await openSetting();
    const { findingsOf } = await examine(setting, [], { openFiles: 150 });
    expect(findingsOf("Open files")).toMatchObject([
      { severity: "fault", code: "open-files", command: "sudo prlimit --pid $$ --nofile=65536" },
    ]);
  });

  test("a program that is not there", { tags: "full" }, async () => {
    await using setting = await openSetting();
    const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
    const { code, findingsOf } = await examine(setting, ["--protocol=ethereum", "--committee=1"], { env });
    expect(findingsOf("Processes")).toMatchObject([{ severity: "fault", code: "program-missing" }]);
    expect(code).toBe(1);
  });

  test("a host that is not there, and a key that others may read", async () => {
    await using setting = await openSetting();
    const key = join(setting.home, "key");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
    await chmod(key, 0o640);
    const [port] = await findFreePorts(1, "127.0.0.1");
    const lines = [
      "MYSTICETI_NODE0_HOST=127.0.0.1",
      `MYSTICETI_NODE0_SSH_PORT=${port}`,
      `MYSTICETI_NODE0_SSH_KEY=${key}`,
    ];
    await writeFile(join(setting.home, "hosts.env"), `${lines.join("\n")}\n`);
    const { code, findingsOf } = await examine(setting, ["--hosts=hosts.env"]);
    expect(findingsOf("SSH keys")).toMatchObject([
      { severity: "warning", code: "key-exposed", command: `chmod 600 ${key}` },
    ]);
    expect(findingsOf("Host host0")).toMatchObject([{ severity: "fault", code: "host-refused" }]);
    expect(code).toBe(1);
  });

  test("a run that is under way, and what it leaves when it is killed", { tags: "full" }, async () => {
    await using setting = await openSetting();
    const args = ["--loads=20", "--duration=60", "--warm-up=0"];
    const command = setting.start("benchmark", args);
    await command.says("measuring");
    const busy = await examine(setting, []);
    expect(busy.findingsOf("Earlier runs")).toMatchObject([
      { severity: "fault", code: "locked", command: `kill ${command.pid}` },
    ]);
    command.child.kill("SIGKILL");
    await command.ended;
    const run = /^Sweep (\w+):/m.exec(command.seen.stderr)?.[1];
    const { findingsOf } = await examine(setting, []);
    const remedy = `npx baleen clean --run ${run}`;
    expect(findingsOf("Earlier runs")).toMatchObject([{ code: "leftovers", command: remedy }]);
    const [, binary = "", ...rest] = remedy.split(" ");
    expect((await setting.start(binary, rest).ended).code).toBe(0);
    const after = await examine(setting, []);
    expect(after.findingsOf("Earlier runs")).toEqual([]);
  });

  test("all that is wrong with its options is told at once, and nothing is looked at", async () => {
    await using setting = await openSetting();
    const args = ["doctor", "--committee=0", "--runtime=dokcer", "--duration=5"];
    const { code, stdout, stderr } = await setting.start("baleen", args).ended;
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/^error: --duration: no such option\./),
      expect.stringMatching(/^error: --committee: 0 is below the minimum/),
      expect.stringMatching(/^error: --runtime: "dokcer" is not a known value\./),
    ]);
  });

  test("an interruption ends it", async () => {
    await using setting = await openSetting();
    const socket = join(setting.home, "hung.sock");
    const server = createServer(() => {}).listen(socket);
    await once(server, "listening");
    const env = { BALEEN_RUNTIME: "auto", DOCKER_HOST: `unix://${socket}` };
    const command = setting.start("baleen", ["doctor"], { env });
    await command.says(/still looking/);
    command.child.kill("SIGINT");
    const { code, stdout } = await command.ended;
    server.close();
    expect([code, stdout]).toEqual([130, ""]);
    await setting.expectNothingLeft();
  });
});
